import { encodeWebSocketFrame, opcodes, RawWebSocket as Raw, type RawWebSocket, type WebSocketFrame } from "@farcall/testing";
import { expect } from "chai";
import { bytesOf, frame } from "../conformance/malformed.js";
import { until } from "../conformance/settlement.js";
import { call, hello, withVictim } from "./victim.js";

const one = new Uint8Array([1]);
const rudeness: readonly { readonly name: string; readonly frame: WebSocketFrame; readonly code: number }[] = [
  { name: "RSV2 set", frame: { opcode: opcodes.binary, payload: one, rsv: 2 }, code: 1002 },
  { name: "RSV3 set", frame: { opcode: opcodes.binary, payload: one, rsv: 1 }, code: 1002 },
  { name: "RSV1 set: a compressed frame where nothing was negotiated", frame: { opcode: 2, payload: one, rsv: 4 }, code: 1002 },
  { name: "RSV1 set in a ping", frame: { opcode: opcodes.ping, rsv: 4 }, code: 1002 },
  { name: "opcode 3", frame: { opcode: 3, payload: one }, code: 1002 },
  { name: "opcode 11", frame: { opcode: 11 }, code: 1002 },
  { name: "an unmasked frame", frame: { opcode: opcodes.binary, payload: one, masked: false }, code: 1002 },
  { name: "a ping of 126 bytes", frame: { opcode: opcodes.ping, payload: new Uint8Array(126) }, code: 1002 },
  { name: "a ping in fragments", frame: { opcode: opcodes.ping, fin: false }, code: 1002 },
  { name: "a continuation of nothing", frame: { opcode: opcodes.continuation, payload: one }, code: 1002 },
  { name: "a close with one byte", frame: { opcode: opcodes.close, payload: one }, code: 1002 },
  { name: "a close with code 1005", frame: { opcode: opcodes.close, payload: bytesOf(0x03, 0xed) }, code: 1002 },
  { name: "a close with code 0", frame: { opcode: opcodes.close, payload: bytesOf(0, 0) }, code: 1002 },
  { name: "a close whose reason is not UTF-8", frame: { opcode: opcodes.close, payload: bytesOf(3, 0xe8, 0xff) }, code: 1007 },
  { name: "a text message", frame: { opcode: opcodes.text, payload: one }, code: 1003 },
  { name: "a message of 132,000 bytes", frame: { opcode: opcodes.binary, payload: new Uint8Array(132_000) }, code: 1009 },
];

/** A peer that fell silent after `frames`. */
async function afterSending(attacker: RawWebSocket, ...frames: readonly WebSocketFrame[]): Promise<number> {
  attacker.send(...frames);
  return attacker.closed();
}

describe("rows 77, 78 and 80: raw WebSocket", () => {
  for (const { name, frame: rude, code } of rudeness) {
    it(`row 77: closes with ${code} for ${name}`, () =>
      withVictim({}, async ({ rawAttacker }) => {
        expect(await afterSending(await rawAttacker(), rude)).to.equal(code);
      }));
  }

  it("row 77: closes for a second message inside an unfinished one", () =>
    withVictim({}, async ({ rawAttacker }) => {
      const binary = { opcode: opcodes.binary, payload: one };
      expect(await afterSending(await rawAttacker(), { ...binary, fin: false }, binary)).to.equal(1002);
    }));

  it("row 77: a length of 2^63 is refused before anything is allocated", () =>
    withVictim({}, async ({ rawAttacker }) => {
      const attacker = await rawAttacker();
      attacker.write(bytesOf(0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
      expect(await attacker.closed()).to.equal(1009);
    }));

  for (const size of [1, 0]) {
    it(`row 78: a flood of fragments of ${size} bytes ends at the limit`, () =>
      withVictim({}, async ({ rawAttacker, server }) => {
        const attacker = await rawAttacker();
        const fragment = encodeWebSocketFrame({ opcode: opcodes.continuation, fin: false, payload: new Uint8Array(size) });
        attacker.send({ opcode: opcodes.binary, fin: false });
        attacker.write(Buffer.concat(Array.from({ length: 131_000 }, () => fragment)));
        expect(await attacker.closed()).to.be.oneOf([1006, 1008]);
        await until(() => server.connections().length === 1, "the flooder is gone");
      }));
  }

  it("row 78: a flood of 1-byte TCP segments is either understood or ended, and holds no memory", () =>
    withVictim({}, async ({ rawAttacker, server }) => {
      const attacker = await rawAttacker();
      const bytes = encodeWebSocketFrame({ opcode: opcodes.binary, payload: call(1, "echo", new Uint8Array(6_000)) });
      const before = process.memoryUsage().rss;
      const seen = attacker.frames;
      for (const byte of bytes) {
        await new Promise<void>((resolve) => attacker.socket.write(new Uint8Array([byte]), () => resolve()));
        if (attacker.socket.destroyed) break;
      }
      await until(() => attacker.frames > seen || server.connections().length === 1, "the call is answered or its socket gone");
      expect(process.memoryUsage().rss - before).to.be.lessThan(64 * 1024 * 1024);
    }));

  it("row 80: permessage-deflate is offered and never negotiated", () =>
    withVictim({}, async ({ url }) => {
      const attacker = await Raw.connect(url, { "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits" });
      expect(attacker.head).to.match(/^HTTP\/1.1 101/);
      expect(attacker.head).not.to.match(/sec-websocket-extensions/i);
      // What a deflated hello would look like: refused by its first bit, whatever it would inflate to.
      attacker.send({ opcode: opcodes.binary, rsv: 4, payload: hello });
      expect(await attacker.closed()).to.equal(1002);
    }));

  it("row 80: the client offers no extension, and refuses a compressed frame as the server does", () =>
    withVictim({}, async ({ url }) => {
      const attacker = await Raw.connect(url);
      attacker.send({ opcode: opcodes.binary, payload: hello });
      await until(() => attacker.frames > 0, "the welcome has come");
      attacker.send({ opcode: opcodes.binary, rsv: 4, payload: frame(3, 1) });
      expect(await attacker.closed()).to.equal(1002);
    }));
});
