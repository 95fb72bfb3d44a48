import { encodeWebSocketFrame, opcodes, settle } from "@farcall/testing";
import { expect } from "chai";
import { bytesOf, frame } from "../conformance/malformed.js";
import { until } from "../conformance/settlement.js";
import { flood, floods } from "./floods.js";
import { call, methods, repeat, type Victim, withVictim } from "./victim.js";

const number = (name: (typeof methods)[number]): number => methods.indexOf(name);
const openSum = (id: number): Uint8Array => frame(16, id, number("sum"), 0, null, []);

async function undisturbed({ stub }: Victim): Promise<void> {
  const began = performance.now();
  await stub.echo(new Uint8Array([1]));
  expect(performance.now() - began, "ms that a call of somebody else took meanwhile").to.be.lessThan(1_000);
}

describe("row 79: floods", () => {
  for (const { name, send } of floods) {
    it(`row 79: ends a connection with 4429 for a flood of ${name}`, () =>
      withVictim({}, async (victim) => {
        const attacker = await victim.attacker();
        send(attacker);
        expect(await attacker.closed()).to.include({ code: 4429 });
        await undisturbed(victim);
      }));
  }

  for (const opcode of ["ping", "pong"] as const) {
    for (const reads of [true, false]) {
      it(`row 79: ends a connection for a flood of WebSocket ${opcode}s by a peer that ${reads ? "reads" : "reads nothing"}`, () =>
        withVictim({}, async (victim) => {
          const attacker = await victim.rawAttacker();
          if (!reads) attacker.stopReading();
          const one = encodeWebSocketFrame({ opcode: opcodes[opcode], payload: new Uint8Array(125) });
          attacker.write(repeat(50_000, () => one));
          await undisturbed(victim);
          if (reads) expect(await attacker.closed()).to.be.oneOf([4429, 1006]);
          await until(() => victim.server.connections().length === 1, "the flooder is gone");
        }));
    }
  }

  it("row 79: a ping flood by a peer that reads nothing is ended too, and nothing is kept for it", () =>
    withVictim({}, async (victim) => {
      const attacker = await victim.rawAttacker();
      attacker.stopReading();
      for (let i = 0; i < 100; i++) attacker.send({ opcode: 2, payload: repeat(1_000, (nonce) => frame(3, nonce)) });
      await until(() => victim.server.connections().length === 1, "the flooder is gone");
      await undisturbed(victim);
    }));

  it("row 79: whoever goes on talking after the close is dropped without further patience", () =>
    withVictim({}, async (victim) => {
      const attacker = await victim.rawAttacker();
      attacker.stopReading();
      const bad = encodeWebSocketFrame({ opcode: 2, payload: bytesOf(0xc1) });
      let isGone = false;
      attacker.socket.once("close", () => {
        isGone = true;
      });
      const began = performance.now();
      while (!isGone && performance.now() - began < 1_500) {
        attacker.write(repeat(2_000, () => bad));
        await settle();
      }
      expect(isGone, "the socket is gone long before its close would have been given up").to.equal(true);
    }));

  it("row 79: at most 4,096 methods can be named, and names cost nothing that stays", () =>
    withVictim({}, async ({ attacker, server }) => {
      const peer = await attacker();
      const name = "n".repeat(40);
      flood(peer, 10_000, (i) => frame(23, methods.length + i, name, `${name}${i}`, ""));
      expect(await peer.closed()).to.include({ code: 4400 });
      expect(server.connections()).to.have.lengthOf(1);
    }));

  it("row 79: goodbyes and ignorable frames without end disturb nobody", () =>
    withVictim({}, async (victim) => {
      const peer = await victim.attacker();
      flood(peer, 50_000, (i) => (i % 2 === 0 ? frame(5, 0, "again") : frame(64 + (i % 64), { any: [i] })));
      await undisturbed(victim);
      peer.sendFrames([3, 7]);
      expect(await peer.frame()).to.include({ kind: 4, nonce: 7 });
    }));
});

describe("row 79: what floods resemble, and is legitimate", () => {
  it("row 79: 60,000 calls of which every twentieth is cancelled", () =>
    withVictim({}, async ({ attacker }) => {
      const peer = await attacker();
      let answered = 0;
      const total = 60_000;
      const count = (async () => {
        while (answered < total)
          if ((await peer.frame())?.kind === 17) answered++;
          else if (peer.socket.readyState > 1) throw new Error(`closed: ${JSON.stringify(await peer.closed())}`);
      })();
      flood(peer, total, (i) => bytesOf(call(i * 2 + 1, "empty"), ...(i % 20 === 0 ? [frame(21, i * 2 + 1, 1)] : [])));
      await count;
    }));

  it("row 79: 4,000 sleeping calls aborted together, three times over", () =>
    withVictim({}, async ({ client, stub }) => {
      void client;
      for (let round = 0; round < 3; round++) {
        const controller = new AbortController();
        const calls = Array.from({ length: 4_000 }, () =>
          stub.sleep({ signal: controller.signal }).catch((error: unknown) => error),
        );
        await settle();
        controller.abort();
        expect((await Promise.all(calls))[0]).to.include({ code: "CANCELLED" });
      }
    }));

  it("row 79: a reader that gives credit for every single item, thousands of them in one turn", () =>
    withVictim({}, async ({ attacker }) => {
      const peer = await attacker({ limits: { streamWindowBytes: 1_000_000 } });
      const sizes = Array.from({ length: 20_000 }, () => 1);
      peer.sendBytes(frame(16, 1, number("download"), 0, null, [sizes]));
      let received = 0;
      while (received < sizes.length) {
        const next = await peer.frame();
        if (next?.kind !== 19) throw new Error(`unexpected ${JSON.stringify(next)} after ${received} items`);
        const before = received;
        received += next.values.length;
        peer.sendBytes(repeat(received - before, (i) => frame(22, 1, 1_000_000 + (before + i + 1) * 19)));
      }
      expect(await peer.frame()).to.include({ kind: 20 });
      peer.sendFrames([3, 1]);
      expect(await peer.frame()).to.include({ kind: 4 });
    }));

  it("row 89: streams that are opened and never half-closed end at the limit of calls, and their slots come back", () =>
    withVictim({ server: { limits: { maxCalls: 500 } } }, async ({ attacker, server, stub }) => {
      const peer = await attacker();
      peer.sendBytes(repeat(2_000, (i) => openSum(i * 2 + 1)));
      for (let refused = 0; refused < 1_500; refused++) {
        expect(await peer.frame()).to.include({ kind: 18, code: "RESOURCE_EXHAUSTED", executed: "no" });
      }
      expect(server.connections().map((one) => one.runningCalls)).to.include(500);
      await stub.empty();
      peer.sendBytes(repeat(500, (i) => frame(21, i * 2 + 1, 1)));
      await until(() => server.connections().every((one) => one.runningCalls === 0), "every handler has returned");
      peer.sendBytes(call(5_001, "empty"));
      expect(await peer.frame()).to.include({ kind: 17, id: 5_001 });
    }));
});
