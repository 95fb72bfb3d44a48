import { createClient } from "@farcall/client";
import { RawServer } from "@farcall/testing";
import { expect } from "chai";
import { bytesOf, frame } from "../conformance/malformed.js";
import { failureOf, until } from "../conformance/settlement.js";
import { Conformance } from "../contracts/gen/conformance.js";
import { call, repeat, wide, withVictim } from "./victim.js";

const last = Number.MAX_SAFE_INTEGER;
const refused: readonly { readonly name: string; readonly bytes: Uint8Array }[] = [
  { name: "an id used twice", bytes: bytesOf(call(1, "sleep"), call(1, "empty")) },
  { name: "an id used again after its call has ended", bytes: bytesOf(call(1, "empty"), call(1, "empty")) },
  { name: "an id that falls", bytes: bytesOf(call(5, "empty"), call(3, "empty")) },
  { name: "an even id, which is the server's", bytes: call(2, "empty") },
  { name: "id 0", bytes: call(0, "empty") },
  { name: "2^32, which is even", bytes: call(2 ** 32, "empty") },
  { name: "2^32 + 1 after 2^32 + 3", bytes: bytesOf(call(2 ** 32 + 3, "empty"), call(2 ** 32 + 1, "empty")) },
  { name: "1 after 2^32 + 1, as if ids wrapped", bytes: bytesOf(call(2 ** 32 + 1, "empty"), call(1, "empty")) },
  { name: "anything after 2^53 - 1", bytes: bytesOf(call(last, "empty"), call(last, "empty")) },
  { name: "2^53", bytes: bytesOf(0x96, 16, 0xcf, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0xc0, 0x90) },
  { name: "2^64 - 1", bytes: bytesOf(0x96, 16, 0xcf, new Uint8Array(8).fill(255), 0, 0, 0xc0, 0x90) },
  { name: "a frame for a call far ahead", bytes: wide(21, last, 1) },
  { name: "a result for a call of the server, which makes none", bytes: frame(17, 2, null) },
];

describe("row 88: call ids", () => {
  for (const { name, bytes } of refused) {
    it(`row 88: closes with 4400 for ${name}`, () =>
      withVictim({}, async ({ attacker }) => {
        const peer = await attacker();
        peer.sendBytes(bytes);
        expect(await peer.closed()).to.include({ code: 4400 });
      }));
  }

  it("row 88: serves ids on both sides of 2^31, 2^32 and up to 2^53 - 1", () =>
    withVictim({}, async ({ attacker }) => {
      const peer = await attacker();
      for (const id of [2 ** 31 - 1, 2 ** 31 + 1, 2 ** 32 - 1, 2 ** 32 + 1, 2 ** 52 + 1, last]) {
        peer.sendBytes(call(id, "empty"));
        expect(await peer.frame()).to.include({ kind: 17, id });
      }
    }));

  it("row 88: calls whose ids collide modulo 2^32 are told apart", () =>
    withVictim({}, async ({ attacker, server }) => {
      const peer = await attacker();
      const ids = [1, 2 ** 32 + 1, 2 ** 33 + 1, 2 ** 40 + 1];
      for (const id of ids) peer.sendBytes(call(id, "sum"));
      for (const [i, id] of ids.entries()) peer.sendBytes(bytesOf(wide(19, id, new Uint8Array(i)), wide(20, id)));
      for (const [i, id] of ids.entries()) {
        const next = await peer.frame();
        expect(next).to.include({ kind: 17, id });
        if (next?.kind === 17) expect(next.value.bytes[next.value.start]).to.equal(i);
      }
      await until(() => server.connections().every((one) => one.runningCalls === 0), "every handler has returned");
    }));

  it("row 88: 100,000 late frames are ignored, and cheaply", () =>
    withVictim({}, async ({ attacker, stub }) => {
      const peer = await attacker();
      peer.sendBytes(call(1, "empty"));
      expect(await peer.frame()).to.include({ kind: 17, id: 1 });
      const began = performance.now();
      for (let i = 0; i < 100; i++) peer.sendBytes(repeat(1_000, (n) => (n % 2 === 0 ? frame(19, 1, n) : frame(20, 1))));
      peer.sendBytes(call(3, "empty"));
      await stub.empty();
      expect(await peer.frame()).to.include({ kind: 17, id: 3 });
      expect(performance.now() - began).to.be.lessThan(2_000);
    }));
});

describe("row 88: ids that a server makes up", () => {
  const answers: readonly { readonly name: string; readonly bytes: (id: number) => Uint8Array }[] = [
    { name: "an answer to a call that was never made", bytes: (id) => frame(17, id + 2, null) },
    { name: "an answer with the server's parity", bytes: (id) => frame(17, id + 1, null) },
    { name: "a call, which a client does not serve, with the client's parity", bytes: () => frame(16, 7, 0, 0, null, []) },
    { name: "credit for a call that was never made", bytes: (id) => frame(22, id + 2, 1) },
  ];
  for (const { name, bytes } of answers) {
    it(`row 88: the client closes for ${name}, and its call settles`, async () => {
      const server = await RawServer.listen();
      const client = createClient(server.url, { reconnect: { baseMs: 30_000 } });
      try {
        const pending = failureOf(client.service(Conformance).empty());
        const peer = await server.welcomed();
        let next = await peer.frame();
        while (next?.kind !== 16) next = await peer.frame();
        peer.sendBytes(bytes(next.id));
        expect(await peer.closed()).to.include({ code: 4400 });
        expect(await pending).to.include({ code: "UNAVAILABLE", executed: "unknown" });
      } finally {
        await client.close();
        await server.close();
      }
    });
  }
});
