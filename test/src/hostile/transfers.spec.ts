import { createClient } from "@farcall/client";
import { createServer, type Server } from "@farcall/server";
import { FakeClock, RawPeer, RawServer } from "@farcall/testing";
import { expect } from "chai";
import { wellBehaved } from "../conformance/implementation.js";
import { bytesOf, frame } from "../conformance/malformed.js";
import { failureOf, until } from "../conformance/settlement.js";
import { Conformance, type ConformanceHandler } from "../contracts/gen/conformance.js";
import { call, methods, names, repeat, withVictim } from "./victim.js";

const KiB = 1024;
const MiB = 1024 * KiB;
const transfers = 8;

/** What stands in the place of a payload that follows in chunks. */
function announcement(length: number): Uint8Array {
  const bytes = Buffer.from([0xd6, 0x63, 0, 0, 0, 0]);
  bytes.writeUInt32BE(length, 2);
  return bytes;
}

/** A call of `echo` whose arguments of `length` bytes are only announced. */
function announcing(id: number, length: number): Uint8Array {
  return bytesOf(0x96, 16, id, methods.indexOf("echo"), 0, 0xc0, announcement(length));
}

describe("large messages that stand still", () => {
  it("row 71: announcements of 640 MiB of which nothing comes take no room from anybody", () =>
    withVictim({}, async ({ attacker, server, stub }) => {
      for (let i = 0; i < 20; i++) {
        const peer = await attacker();
        for (let n = 0; n < transfers; n++) peer.sendBytes(announcing(n * 2 + 1, 4 * MiB));
      }
      await until(() => {
        const running = server.connections().reduce((sum, one) => sum + one.runningCalls, 0);
        return running === 20 * transfers;
      }, "all have been announced");
      expect(await stub.echo(new Uint8Array(3 * MiB))).to.have.lengthOf(3 * MiB);
    }));

  it("row 79: 20,000 chunks of one byte are credited together: a peer that does not read piles nothing up", () =>
    withVictim({}, async ({ attacker }) => {
      const peer = await attacker();
      const count = 20_000;
      const args = bytesOf(0x91, 0xc5, (count - 4) >> 8, (count - 4) & 255, new Uint8Array(count - 4));
      peer.sendBytes(announcing(1, count));
      for (let sent = 0; sent < count; sent += 1_000) {
        peer.sendBytes(repeat(1_000, (n) => frame(24, 1, args.subarray(sent + n, sent + n + 1))));
      }
      let credits = 0;
      let isAnswered = false;
      // Every byte of them is credited.
      for (let total = 0; !isAnswered || total < 4 * MiB + count; ) {
        const next = await peer.frame();
        if (next === undefined) throw new Error("the connection has ended");
        isAnswered ||= next.kind === 17;
        if (next.kind !== 22) continue;
        credits++;
        total = next.total;
      }
      expect(credits, "at most two for each of 20 messages").to.be.within(1, 40);
    }));

  it("row 52: a peer that credits no chunk gets its small answers, and nobody else waits for it", () =>
    withVictim({}, async ({ attacker, server, stub }) => {
      const peer = await attacker({ limits: { chunkWindowBytes: 128 * KiB } });
      const answered: number[] = [];
      let chunkBytes = 0;
      /** Reads until call `id` has been answered. */
      const read = async (id: number): Promise<void> => {
        for (let next = await peer.frame(); next !== undefined; next = await peer.frame()) {
          if (next.kind === 24) chunkBytes += next.bytes.length;
          if (next.kind === 17) answered.push(next.id);
          if (next.kind === 17 && next.id === id) return;
        }
        throw new Error("the connection has ended");
      };
      for (let n = 0; n < 12; n++) peer.sendBytes(call(n * 2 + 1, "resize", new Uint8Array(0), MiB));
      peer.sendBytes(call(101, "echo", new Uint8Array(10)));
      await read(101);
      expect(answered, "what is large is announced, as many as there are places").to.deep.equal([
        ...Array.from({ length: transfers }, (_, n) => n * 2 + 1),
        101,
      ]);
      expect(await stub.echo(new Uint8Array(3 * MiB))).to.have.lengthOf(3 * MiB);
      peer.sendBytes(call(103, "empty"));
      await read(103);
      expect(chunkBytes).to.be.at.most(128 * KiB);
      // What it does not want any more makes room for what waits.
      for (let n = 0; n < transfers; n++) peer.sendFrames([21, n * 2 + 1, 1]);
      await read(transfers * 2 + 7);
      expect(answered.slice(transfers + 2)).to.deep.equal([17, 19, 21, 23]);
      expect(server.connections().every((one) => one.runningCalls === 0)).to.equal(true);
    }));

  it("row 52: a server that credits no chunk: large calls end at their deadlines, small ones go on, later ones succeed", async () => {
    const server = await RawServer.listen();
    const clock = new FakeClock();
    const heartbeat = { idleTimeoutMs: Number.POSITIVE_INFINITY, activeTimeoutMs: Number.POSITIVE_INFINITY };
    const client = createClient(server.url, { clock, heartbeat });
    try {
      const welcomed = server.welcomed({ limits: { chunkWindowBytes: 128 * KiB } });
      await client.ready();
      const peer = await welcomed;
      const stub = client.service(Conformance);
      const resize = (timeoutMs: number) => failureOf(stub.resize(new Uint8Array(MiB), 1, { timeoutMs }));
      const large = Array.from({ length: transfers }, () => resize(5_000));
      const waiting = Array.from({ length: 4 }, () => resize(4_000));
      const small = stub.empty({ timeoutMs: 60_000 });
      // The second method that was named.
      for (let next = await peer.frame(); next !== undefined; next = await peer.frame()) {
        if (next.kind !== 16 || next.method !== 1) continue;
        peer.sendFrames([17, next.id, null]);
        break;
      }
      await small;
      await clock.advance(5_100);
      for (const error of await Promise.all(large)) expect(error).to.include({ code: "DEADLINE_EXCEEDED", executed: "unknown" });
      for (const error of await Promise.all(waiting)) expect(error).to.include({ code: "DEADLINE_EXCEEDED", executed: "no" });
      // It has taken in what was sent, at last: a call like the others now arrives whole.
      peer.sendFrames([22, 0, 2 * MiB]);
      const late = stub.resize(new Uint8Array(MiB), 1, { timeoutMs: 60_000 });
      let chunkBytes = 0;
      let id = 0;
      while (chunkBytes < MiB) {
        const next = await peer.frame();
        if (next === undefined) throw new Error("the connection has ended");
        if (next.kind === 16) id = next.id;
        if (next.kind === 24 && next.id === id) chunkBytes += next.bytes.length;
      }
      peer.sendFrames([17, id, new Uint8Array(1)]);
      expect(await late).to.have.lengthOf(1);
    } finally {
      await client.close();
      await server.close();
    }
  });

  /** A server whose time stands still and that declares nobody dead, and a peer of it. */
  async function withTime(
    implementation: Partial<ConformanceHandler>,
    run: (setting: { readonly clock: FakeClock; readonly server: Server; readonly peer: RawPeer }) => Promise<void>,
  ): Promise<void> {
    const clock = new FakeClock();
    const never = Number.POSITIVE_INFINITY;
    const server = createServer({ clock, heartbeat: { idleTimeoutMs: never, activeTimeoutMs: never }, stallTimeoutMs: never });
    server.implement(Conformance, { ...wellBehaved, ...implementation });
    const { url } = await server.listen();
    const peer = await RawPeer.welcomed(url, { limits: { chunkWindowBytes: 128 * KiB } });
    try {
      peer.sendBytes(names);
      await run({ clock, server, peer });
    } finally {
      peer.terminate();
      await server.close();
    }
  }

  const running = (server: Server): number => server.connections().reduce((sum, one) => sum + one.runningCalls, 0);

  it("row 89: a message of which nothing comes for five minutes ends its call; one that comes slowly does not", () =>
    withTime({}, async ({ clock, server, peer }) => {
      const item = Buffer.concat([Buffer.from([0xc6, 0, 3, 0, 0]), Buffer.alloc(192 * KiB)]);
      for (const id of [1, 3]) {
        peer.sendBytes(call(id, "sum"));
        peer.sendBytes(bytesOf(0x93, 19, id, announcement(item.length)));
      }
      await until(() => running(server) === 2, "both have been announced");
      let sent = 0;
      for (; sent < item.length; sent += 64 * KiB) {
        await clock.advance(200_000);
        peer.sendFrames([24, 3, new Uint8Array(item.subarray(sent, sent + 64 * KiB))]);
        for (let next = await peer.frame(); next?.kind !== 22 || next.id !== 0; next = await peer.frame()) {
          if (next?.kind === 3 || next?.kind === 22) continue;
          expect(next).to.include({ kind: 18, id: 1, code: "DEADLINE_EXCEEDED", executed: "yes" });
          expect(sent, "bytes that had come of the other one").to.equal(64 * KiB);
        }
      }
      peer.sendFrames([20, 3]);
      const kinds: unknown[] = [];
      for (let next = await peer.frame(); next?.kind !== 17; next = await peer.frame()) kinds.push(next?.kind);
      expect(new Set(kinds), "nothing but pings and credit").to.be.a("set").that.does.not.include(18);
      expect(running(server)).to.equal(0);
    }));

  it("row 89: a stream whose large item nobody credits is given up after five minutes", async () => {
    let released = false;
    const download = async function* () {
      try {
        for (;;) yield new Uint8Array(MiB);
      } finally {
        released = true;
      }
    };
    await withTime({ download }, async ({ clock, server, peer }) => {
      peer.sendBytes(call(1, "download", [1]));
      let received = 0;
      const receive = async (bytes: number): Promise<void> => {
        while (received < bytes) {
          const next = await peer.frame();
          if (next?.kind === 24) received += next.bytes.length;
        }
      };
      await receive(128 * KiB);
      await clock.advance(200_000);
      // Late, but it reads.
      peer.sendFrames([22, 0, 256 * KiB]);
      await receive(256 * KiB);
      await clock.advance(290_000);
      expect({ released, running: running(server) }).to.deep.equal({ released: false, running: 1 });
      await clock.advance(320_000);
      for (let next = await peer.frame(); next?.kind !== 18; next = await peer.frame()) expect(next?.kind).to.equal(3);
      await until(() => released, "the source is let go");
      expect(running(server)).to.equal(0);
    });
  });
});
