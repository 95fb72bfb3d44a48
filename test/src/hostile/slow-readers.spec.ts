import { createClient } from "@farcall/client";
import { kinds } from "@farcall/protocol";
import { expect } from "chai";
import { frame } from "../conformance/malformed.js";
import { collect, until } from "../conformance/settlement.js";
import { Conformance } from "../contracts/gen/conformance.js";
import { call, methods, repeat, wide, withVictim } from "./victim.js";

/** A call of the method that nobody knows, written quickly: there will be many. */
function callWithoutArguments(id: number): Uint8Array {
  return new Uint8Array([0x96, 16, 0xce, id >>> 24, id >>> 16, id >>> 8, id, methods.length, 0, 0xc0, 0x90]);
}

const MiB = 1024 * 1024;
const impatient = { limits: { maxBacklogBytes: MiB }, stallTimeoutMs: 300 };

describe("slow readers", () => {
  it("row 52: results for a peer that reads nothing: few handlers run, then the connection is dropped", async () => {
    let entered = 0;
    const resize = (_bytes: Uint8Array, size: number): Uint8Array => {
      entered++;
      return new Uint8Array(size);
    };
    await withVictim({ server: impatient, implementation: { resize } }, async ({ rawAttacker, server, stub }) => {
      const attacker = await rawAttacker();
      attacker.stopReading();
      const payload = repeat(1_000, (i) => call(i * 2 + 1, "resize", new Uint8Array(0), 4 * MiB - 64));
      attacker.send({ opcode: 2, payload });
      await until(() => entered > 0, "the calls have come");
      await stub.echo(new Uint8Array(1));
      await until(() => server.connections().length === 1, "the peer that reads nothing is dropped");
      expect(entered).to.be.lessThan(4);
    });
  });

  it("row 52: small results for a peer that reads nothing are bounded too", async () => {
    let entered = 0;
    const resize = (_bytes: Uint8Array, size: number): Uint8Array => {
      entered++;
      return new Uint8Array(size);
    };
    await withVictim({ server: impatient, implementation: { resize } }, async ({ rawAttacker, server }) => {
      const attacker = await rawAttacker();
      attacker.stopReading();
      for (let i = 0; i < 10; i++) {
        attacker.send({
          opcode: 2,
          payload: repeat(400, (n) => call((i * 400 + n) * 2 + 1, "resize", new Uint8Array(0), 60_000)),
        });
      }
      await until(() => server.connections().length === 1, "the peer that reads nothing is dropped");
      // What the kernel's buffers of both sides hold comes on top: a few MiB.
      expect(entered * 60_000).to.be.lessThan(16 * MiB);
    });
  });

  it("row 52: streams for a peer that reads nothing stop at the backlog, however much credit it gave", async () => {
    let made = 0;
    async function* download(): AsyncGenerator<Uint8Array> {
      for (;;) {
        made++;
        yield new Uint8Array(50_000);
      }
    }
    await withVictim({ server: impatient, implementation: { download } }, async ({ rawAttacker, server, stub }) => {
      const attacker = await rawAttacker();
      attacker.stopReading();
      attacker.send({ opcode: 2, payload: repeat(200, (i) => call(i * 2 + 1, "download", [1])) });
      const credit = Number.MAX_SAFE_INTEGER;
      attacker.send({ opcode: 2, payload: repeat(200, (i) => wide(22, i * 2 + 1, credit)) });
      await until(() => made > 0, "the streams have begun");
      await stub.empty();
      await until(() => server.connections().length === 1, "the peer that reads nothing is dropped");
      expect(made * 50_000).to.be.lessThan(32 * MiB);
    });
  });

  it("row 52: refusals for a peer that reads nothing end the connection", () =>
    withVictim({ server: { limits: { maxBacklogBytes: MiB } } }, async ({ rawAttacker, server, stub }) => {
      const attacker = await rawAttacker();
      attacker.stopReading();
      attacker.send({ opcode: 2, payload: frame(23, methods.length, "nobody", "knows", "") });
      for (let i = 0; i < 200; i++) {
        const payload = repeat(1_000, (n) => callWithoutArguments((i * 1_000 + n) * 2 + 1));
        attacker.send({ opcode: 2, payload });
      }
      await stub.empty();
      await until(() => server.connections().length === 1, "the peer that reads nothing is gone");
    }));

  it("a slow reader gets everything in the end: calls wait for room, none fails", () =>
    withVictim({ server: { limits: { maxBacklogBytes: 64 * 1024 } } }, async ({ url }) => {
      const client = createClient(url);
      try {
        const stub = client.service(Conformance);
        const sizes = Array.from({ length: 200 }, (_, i) => (i % 3 === 0 ? 200_000 : i * 100));
        const streams = Array.from({ length: 8 }, () => collect(stub.download(sizes.slice(0, 50))));
        const results = await Promise.all(sizes.map((size) => stub.resize(new Uint8Array(10), size)));
        expect(results.map((one) => one.length)).to.deep.equal(sizes);
        for (const items of await Promise.all(streams)) {
          expect(items.map((item) => item.length)).to.deep.equal(sizes.slice(0, 50));
        }
      } finally {
        await client.close();
      }
    }));

  it("a call that waits for room and is cancelled never runs", async () => {
    let entered = 0;
    const implementation = {
      resize: (_bytes: Uint8Array, size: number) => new Uint8Array(size),
      empty: () => void entered++,
    };
    const server = { limits: { maxBacklogBytes: 64 * 1024 }, stallTimeoutMs: 20_000 };
    await withVictim({ server, implementation }, async ({ rawAttacker }) => {
      const attacker = await rawAttacker();
      attacker.stopReading();
      const large = repeat(3, (i) => call(i * 2 + 1, "resize", new Uint8Array(0), 4 * MiB - 64));
      attacker.send({ opcode: 2, payload: large }, { opcode: 2, payload: call(101, "empty") });
      attacker.send({ opcode: 2, payload: frame(21, 101, 1) }, { opcode: 2, payload: call(103, "empty") });
      // The large results are never credited, so nothing of this connection runs any more; its end must not run them either.
      attacker.send({ opcode: 2, payload: frame(3, 1) });
      await new Promise((resolve) => setImmediate(resolve));
      attacker.terminate();
    });
    expect(entered).to.equal(0);
  });
});

describe("zombie handlers", () => {
  it("row 69: a handler that ignores its signal and goes on writing is stopped, and its slot is free when it has returned", async () => {
    let release!: () => void;
    const stuck = new Promise<void>((resolve) => {
      release = resolve;
    });
    let yielded = 0;
    async function* download(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) {
          yielded++;
          yield new Uint8Array(1_000);
        }
      } finally {
        await stuck;
      }
    }
    await withVictim({ server: { limits: { maxCalls: 1 } }, implementation: { download } }, async ({ attacker, server }) => {
      const peer = await attacker({ limits: { streamWindowBytes: 10_000 } });
      peer.sendBytes(call(1, "download", [1]));
      expect(await peer.frame()).to.include({ kind: 19, id: 1 });
      peer.sendFrames([21, 1, 1], [22, 1, 1_000_000_000]);
      peer.sendBytes(call(3, "empty"));
      for (let next = await peer.frame(); next?.kind !== 18; next = await peer.frame()) {
        expect(next, "an item sent before the cancel").to.include({ kind: 19, id: 1 });
      }
      expect(yielded, "items made").to.be.lessThan(20);
      release();
      await until(() => server.connections().every((one) => one.runningCalls === 0), "the handler has returned");
      peer.sendBytes(call(5, "empty"));
      expect(await peer.frame()).to.include({ kind: 17, id: 5 });
    });
  });

  it("row 69: what a zombie answers after its cancel is dropped, whatever its size", async () => {
    const answers: (() => void)[] = [];
    const resize = (_bytes: Uint8Array, size: number): Promise<Uint8Array> =>
      new Promise((resolve) => answers.push(() => resolve(new Uint8Array(size))));
    await withVictim({ implementation: { resize } }, async ({ attacker, server }) => {
      const peer = await attacker();
      peer.sendBytes(repeat(200, (i) => call(i * 2 + 1, "resize", new Uint8Array(0), 4 * MiB - 64)));
      await until(() => answers.length === 200, "all have been entered");
      peer.sendBytes(repeat(200, (i) => frame(21, i * 2 + 1, 1)));
      peer.sendFrames([3, 1]);
      expect(await peer.frame()).to.include({ kind: 4 });
      for (const answer of answers) answer();
      await until(() => server.connections().every((one) => one.runningCalls === 0), "every handler has returned");
      peer.sendFrames([3, 2]);
      let next = await peer.frame();
      // On a busy machine the server may ask, too, whether somebody is there.
      while (next?.kind === kinds.ping) next = await peer.frame();
      expect(next, "nothing but the pong has come").to.include({ kind: 4, nonce: 2 });
    });
  });
});
