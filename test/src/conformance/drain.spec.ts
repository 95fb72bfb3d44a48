import { createClient } from "@farcall/client";
import { createServer } from "@farcall/server";
import { FakeClock, RawPeer, settle } from "@farcall/testing";
import { expect } from "chai";
import { Conformance } from "../contracts/gen/conformance.js";
import { wellBehaved } from "./implementation.js";
import { carrier, openHandles, transports } from "./pair.js";
import { collect, failureOf, gate, streamOf, until } from "./settlement.js";

const one = new Uint8Array([1]);

for (const transport of transports) {
  describe(`row 17: leaving over ${transport}`, () => {
    /** A server whose `echo` waits for the gate, and a client of it. */
    async function pair(options: { readonly drainTimeoutMs?: number; readonly clock?: FakeClock } = {}) {
      const { client: dial, server: listen } = carrier(transport);
      const time = options.clock === undefined ? {} : { clock: options.clock };
      const server = createServer({ ...listen, ...options, logger: { error() {}, warn() {} } });
      const entered = gate();
      const finish = gate();
      let reason: unknown;
      server.implement(Conformance, {
        ...wellBehaved,
        async echo(bytes) {
          entered.open();
          await finish.opened;
          return bytes;
        },
        async sleep(ctx) {
          entered.open();
          await wellBehaved.sleep(ctx);
          reason = ctx.signal.reason;
        },
        async *download(sizes) {
          entered.open();
          for (const size of sizes) {
            yield new Uint8Array(size);
            await finish.opened;
          }
        },
      });
      const { url } = await server.listen();
      const client = createClient(url, { ...dial, ...time });
      await client.ready();
      return { server, client, url, stub: client.service(Conformance), entered, finish, reason: () => reason };
    }

    let before: number;
    beforeEach(async () => {
      await settle(1);
      before = openHandles();
    });
    afterEach(() => until(() => openHandles() <= before, "every socket and timer is gone"));

    it("row 36: drain() lets a unary call finish and its answer go out, then resolves", async () => {
      const { server, client, stub, entered, finish } = await pair();
      const call = stub.echo(one);
      await entered.opened;
      let drained = false;
      const draining = server.drain().then(() => {
        drained = true;
      });
      await settle();
      expect([drained, client.state]).to.deep.equal([false, "draining"]);
      finish.open();
      expect(await call).to.deep.equal(one);
      await draining;
      await client.close();
    });

    it("row 36: drain() lets a stream finish to its last item", async () => {
      const { server, client, stub, entered, finish } = await pair();
      const items = collect(stub.download([1, 2, 3]));
      await entered.opened;
      const draining = server.drain();
      await settle();
      finish.open();
      expect((await items).map((item) => item.length)).to.deep.equal([1, 2, 3]);
      await draining;
      await client.close();
    });

    it("row 36: drain() lets an answer of 3 MB go out whole", async () => {
      const { server, client, stub, entered, finish } = await pair();
      const large = new Uint8Array(3_000_000).fill(5);
      const call = stub.echo(large);
      await entered.opened;
      const draining = server.drain();
      finish.open();
      expect((await call).every((byte) => byte === 5)).to.equal(true);
      await draining;
      await client.close();
    });

    it("row 36: drain() refuses new calls with proof that they did not run, or lets them wait for another server", async () => {
      const { server, client, stub, entered, finish } = await pair();
      const call = stub.echo(one);
      await entered.opened;
      const draining = server.drain();
      await settle();
      expect(await failureOf(stub.empty({ waitForReady: false }))).to.include({ code: "UNAVAILABLE", executed: "no" });
      const waiting = failureOf(stub.empty());
      expect(client.queuedCalls).to.equal(1);
      finish.open();
      await call;
      await draining;
      await client.close();
      expect(await waiting).to.include({ code: "CANCELLED", executed: "no" });
    });

    it("row 37: drain() aborts what still runs when its patience ends", async () => {
      const clock = new FakeClock();
      const { server, client, stub, entered, reason } = await pair({ clock, drainTimeoutMs: 2_000 });
      const call = failureOf(stub.sleep());
      await entered.opened;
      const draining = server.drain();
      await clock.advance(1_900);
      expect(reason()).to.equal(undefined);
      await clock.advance(100);
      expect(await call).to.include({ code: "UNAVAILABLE", executed: "yes" });
      await draining;
      await until(() => reason() !== undefined, "the handler was aborted");
      await client.close();
      expect(clock.pendingTimers).to.equal(0);
    });

    it("row 44: close() aborts handlers, settles their calls and resolves without waiting for them", async () => {
      const { server, client, stub, entered, reason } = await pair();
      const call = failureOf(stub.sleep());
      const streaming = failureOf(stub.sum(streamOf(one)).then(() => stub.sleep()));
      await entered.opened;
      await server.close();
      expect(await call).to.include({ code: "UNAVAILABLE", executed: "unknown" });
      await until(() => reason() !== undefined, "the handler was aborted");
      expect(reason()).to.include({ code: "CANCELLED" });
      expect(server.connections()).to.deep.equal([]);
      await client.close();
      expect((await streaming).code).to.be.oneOf(["UNAVAILABLE", "CANCELLED"]);
    });

    it("row 44: close() and drain() resolve more than once, also after one another and on a server that never listened", async () => {
      const { server, client } = await pair();
      await Promise.all([server.drain(), server.drain(), server.close()]);
      await server.close();
      await server.drain();
      await client.close();
      await client.close();
      await createServer(carrier(transport).server).close();
    });
  });
}

describe("a call that crosses the goodbye", () => {
  it("row 36: is answered UNAVAILABLE, executed no, while calls accepted before go on", async () => {
    const server = createServer({});
    const entered = gate();
    const finish = gate();
    server.implement(Conformance, {
      ...wellBehaved,
      async echo(bytes) {
        entered.open();
        await finish.opened;
        return bytes;
      },
    });
    const { url } = await server.listen();
    const peer = await RawPeer.welcomed(url);
    peer.sendFrames([23, 0, "farcall.test.Conformance", "echo", ""], [16, 1, 0, 0, null, [one]]);
    await entered.opened;
    const draining = server.drain();
    expect(await peer.frame()).to.include({ kind: 5, lastCallId: 1 });
    peer.sendFrames([16, 3, 0, 0, null, [one]]);
    expect(await peer.frame()).to.include({ kind: 18, id: 3, code: "UNAVAILABLE", executed: "no" });
    finish.open();
    expect(await peer.frame()).to.include({ kind: 17, id: 1 });
    expect(await peer.closed()).to.include({ code: 1001 });
    await draining;
  });
});
