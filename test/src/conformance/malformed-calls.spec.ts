import { RawPeer } from "@farcall/testing";
import { expect } from "chai";
import { bytesOf, frame, type Malformed, malformedMessages, malformedValues, oddValues } from "./malformed.js";
import { withPair } from "./pair.js";

const service = "farcall.test.Conformance";
const names = bytesOf(frame(23, 0, service, "echo", ""), frame(23, 1, service, "sum", ""), frame(23, 2, service, "sleep", ""));
const call = (id: number, method = 0): Uint8Array => frame(16, id, method, 0, null, method === 0 ? [new Uint8Array(1)] : []);
const callWith = (args: Uint8Array): Uint8Array => bytesOf(0x96, 16, 1, 0, 0, 0xc0, args);

/** What only a caller can get wrong; each follows the names of three methods. */
const malformedCalls: readonly Malformed[] = [
  { name: "an id of the acceptor's parity", bytes: call(2), code: 4400 },
  { name: "id 0", bytes: call(0), code: 4400 },
  { name: "an id used twice", bytes: bytesOf(call(1), call(1)), code: 4400 },
  { name: "ids that fall", bytes: bytesOf(call(3), call(1)), code: 4400 },
  { name: "an id beyond 2^53 - 1", bytes: bytesOf(0x96, 16, 0xcf, new Uint8Array(8).fill(0xff), 0, 0, 0xc0, 0x90), code: 4400 },
  { name: "a method that was never named", bytes: call(1, 3), code: 4400 },
  { name: "a method number left out", bytes: frame(23, 4, service, "empty", ""), code: 4400 },
  { name: "a method number used twice", bytes: frame(23, 1, service, "empty", ""), code: 4400 },
  { name: "a service name of 257 bytes", bytes: frame(23, 3, "s".repeat(257), "m", ""), code: 4400 },
  { name: "an empty service name", bytes: frame(23, 3, "", "m", ""), code: 4400 },
  { name: "an empty method name", bytes: frame(23, 3, service, "", ""), code: 4400 },
  { name: "a method name that is not UTF-8", bytes: bytesOf(0x95, 23, 3, 0xa1, 97, 0xa1, 0xff, 0xa0), code: 4400 },
  { name: "a call of five elements", bytes: frame(16, 1, 0, 0, null), code: 4400 },
  { name: "a call of seven elements", bytes: frame(16, 1, 0, 0, null, [], 1), code: 4400 },
  { name: "a call with a negative timeout", bytes: frame(16, 1, 0, -1, null, []), code: 4400 },
  { name: "a call with a nil id", bytes: frame(16, null, 0, 0, null, []), code: 4400 },
  { name: "a call whose head is cut", bytes: bytesOf(0x96, 16, 1, 0, 0, 0x81), code: 4400 },
  { name: "an item for a call that was never made", bytes: frame(19, 9, 1), code: 4400 },
  { name: "an end for a call that was never made", bytes: frame(20, 9), code: 4400 },
  { name: "a cancel for a call that was never made", bytes: frame(21, 9, 1), code: 4400 },
  { name: "a credit for a call that was never made", bytes: frame(22, 9, 1), code: 4400 },
  { name: "a result for a call the server never made", bytes: frame(17, 2, 1), code: 4400 },
  { name: "an error for a call the server never made", bytes: frame(18, 2, 13, 1, "", null), code: 4400 },
  { name: "a result for a call of one's own", bytes: bytesOf(call(1, 2), frame(17, 1, 1)), code: 4400 },
  { name: "an item without values", bytes: bytesOf(call(1, 1), frame(19, 1)), code: 4400 },
  { name: "an item for a unary call", bytes: bytesOf(call(1, 2), frame(19, 1, 1)), code: 4400 },
  { name: "an end for a unary call", bytes: bytesOf(call(1, 2), frame(20, 1)), code: 4400 },
  {
    name: "an item frame that declares 2^32 - 1 values",
    bytes: bytesOf(call(1, 1), 0xdd, [255, 255, 255, 255], 19, 1, 1),
    code: 4400,
  },
  { name: "a chunk that nothing announced", bytes: bytesOf(call(1, 2), frame(24, 1, new Uint8Array(1))), code: 4400 },
];

/** The first message of a connection. */
const malformedHellos: readonly Malformed[] = [
  { name: "a call before hello", bytes: call(1), code: 4400 },
  { name: "a method before hello", bytes: frame(23, 0, service, "echo", ""), code: 4400 },
  { name: "a goodbye before hello", bytes: frame(5, 0, ""), code: 4400 },
  { name: "a ping before hello", bytes: frame(3, 1), code: 4400 },
  { name: "a pong before hello", bytes: frame(4, 1, null), code: 4400 },
  { name: "a welcome in place of hello", bytes: frame(2, {}), code: 4400 },
  { name: "two hellos in one message", bytes: bytesOf(frame(1, {}), frame(1, {})), code: 4400 },
  { name: "a hello that is no map", bytes: frame(1, []), code: 4400 },
  {
    name: "a hello with a __proto__ key",
    bytes: bytesOf(0x92, 1, 0x81, 0xa9, new TextEncoder().encode("__proto__"), 0x80),
    code: 4400,
  },
  { name: "a hello with a minor that is text", bytes: frame(1, { minor: "0" }), code: 4400 },
  { name: "a hello with a negative limit", bytes: frame(1, { limits: { maxCalls: -1 } }), code: 4400 },
  { name: "a hello with limits that are a list", bytes: frame(1, { limits: [] }), code: 4400 },
  { name: "a hello with a fingerprint that is a number", bytes: frame(1, { contracts: { a: 1 } }), code: 4400 },
  { name: "a hello with an agent of 129 characters", bytes: frame(1, { agent: "a".repeat(129) }), code: 4400 },
  { name: "a hello of more than 16 KiB", bytes: frame(1, { junk: "j".repeat(16_384) }), code: 4413 },
  { name: "an empty message as the first", bytes: new Uint8Array(0), code: 4400 },
];

async function refused(open: (url: string) => Promise<RawPeer>, { bytes, code }: Malformed): Promise<void> {
  await withPair("WebSocket", {}, {}, async ({ url, stub, server }) => {
    const peer = await open(url);
    peer.sendBytes(bytes);
    expect(await peer.closed()).to.include({ code });
    // Nobody else has noticed.
    expect(await stub.echo(new Uint8Array([1]))).to.deep.equal(new Uint8Array([1]));
    expect(server.connections()).to.have.lengthOf(1);
  });
}

describe("malformed bytes from a caller", () => {
  const welcomed = async (url: string): Promise<RawPeer> => {
    const peer = await RawPeer.welcomed(url);
    peer.sendBytes(names);
    return peer;
  };

  for (const one of malformedHellos)
    it(`closes with ${one.code} for ${one.name}`, () => refused((url) => RawPeer.connect(url), one));
  for (const one of malformedMessages) it(`closes with ${one.code} for ${one.name}`, () => refused(welcomed, one));
  for (const one of malformedCalls) it(`closes with ${one.code} for ${one.name}`, () => refused(welcomed, one));
  for (const { name, bytes, code } of malformedValues) {
    it(`closes with ${code} for arguments with ${name}`, () => refused(welcomed, { name, bytes: callWith(bytes), code }));
  }

  it("closes with 1003 for a text message", () =>
    withPair("WebSocket", {}, {}, async ({ url, stub }) => {
      const peer = await RawPeer.welcomed(url);
      peer.socket.send("hello");
      expect(await peer.closed()).to.include({ code: 1003 });
      await stub.empty();
    }));

  it("closes with 4400 for every cut of a frame", () =>
    withPair("WebSocket", {}, {}, async ({ url, stub }) => {
      const whole = frame(16, 1, 0, 1_000, { metadata: ["a", "b"] }, [new Uint8Array(3)]);
      for (let length = 1; length < whole.length; length++) {
        const peer = await welcomed(url);
        peer.sendBytes(whole.subarray(0, length));
        expect(await peer.closed(), `cut at ${length}`).to.include({ code: 4400 });
      }
      await stub.empty();
    }));

  for (const { name, bytes } of oddValues) {
    it(`answers INVALID_ARGUMENT to ${name}, and the connection goes on`, () =>
      withPair("WebSocket", {}, {}, async ({ url }) => {
        const peer = await welcomed(url);
        peer.sendBytes(callWith(bytes));
        expect(await peer.frame()).to.include({ kind: 18, id: 1, code: "INVALID_ARGUMENT", executed: "no" });
        peer.sendBytes(call(3));
        expect(await peer.frame()).to.include({ kind: 17, id: 3 });
        peer.terminate();
      }));
  }

  it("skips every ignorable kind from 64 to 127, also between other frames", () =>
    withPair("WebSocket", {}, {}, async ({ url }) => {
      const peer = await welcomed(url);
      const ignorable = Array.from({ length: 64 }, (_, i) => frame(64 + i, { any: ["thing"] }));
      peer.sendBytes(bytesOf(...ignorable, call(1), ...ignorable));
      expect(await peer.frame()).to.include({ kind: 17, id: 1 });
      peer.terminate();
    }));

  it("ignores late frames for a call that has ended", () =>
    withPair("WebSocket", {}, {}, async ({ url }) => {
      const peer = await welcomed(url);
      peer.sendBytes(call(1));
      expect(await peer.frame()).to.include({ kind: 17, id: 1 });
      peer.sendBytes(bytesOf(frame(19, 1, 1), frame(20, 1), frame(21, 1, 1), frame(22, 1, 9), call(3)));
      expect(await peer.frame()).to.include({ kind: 17, id: 3 });
      peer.terminate();
    }));
});
