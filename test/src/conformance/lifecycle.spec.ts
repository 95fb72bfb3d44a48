import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { type ClientOptions, createClient } from "@farcall/client";
import { createServer } from "@farcall/server";
import { FakeClock, RawPeer, settle } from "@farcall/testing";
import { expect } from "chai";
import { Conformance } from "../contracts/gen/conformance.js";
import { wellBehaved } from "./implementation.js";
import { openHandles, withPair } from "./pair.js";
import { welcoming } from "./quiet-server.js";
import { collect, failureOf, gate, streamOf, until } from "./settlement.js";

describe("the life of a connection", () => {
  it("row 39: a call after a long quiet time gets its full 10 s before the peer is given up", async () => {
    const clock = new FakeClock();
    const peer = welcoming({ once: true });
    const client = createClient("memory://quiet", { clock, connector: peer.connector });
    await client.ready();
    await clock.advance(8_000);
    const call = failureOf(client.service(Conformance).empty({ timeoutMs: 60_000 }));
    await clock.advance(9_900);
    expect(client.state).to.equal("suspect");
    await clock.advance(200);
    expect(await call).to.include({ code: "UNAVAILABLE", executed: "unknown" });
    await client.close();
  });

  it("keeps every deadline while heartbeats of other connections come and go", async () => {
    const clock = new FakeClock();
    const ended: [string, number][] = [];
    const implementation = {
      ...wellBehaved,
      async sleep(ctx: { readonly signal: AbortSignal }) {
        const began = clock.now();
        await new Promise((resolve) => ctx.signal.addEventListener("abort", resolve));
        ended.push(["handler", clock.now() - began]);
      },
    };
    await withPair("memory", implementation, { clock }, async ({ stub }) => {
      await clock.advance(13_500);
      const call = failureOf(stub.sleep({ timeoutMs: 3_000 }));
      await clock.advance(3_020);
      expect(await call).to.include({ code: "DEADLINE_EXCEEDED" });
      expect(ended[0]?.[1]).to.be.within(2_990, 3_020);
    });
  });

  it("serves any number of stubs of one service on one connection", async () => {
    await withPair("memory", {}, {}, async ({ client, stub }) => {
      for (let i = 0; i < 4_200; i++) await client.service(Conformance).empty();
      await stub.with({ timeoutMs: 5_000 }).with({ timeoutMs: undefined }).empty({ timeoutMs: undefined });
      expect(client.state).to.equal("ready");
    });
  });

  it("goes on to the next server while the last one finishes its calls", async () => {
    const finish = gate();
    const entered = gate();
    const first = createServer();
    first.implement(Conformance, {
      ...wellBehaved,
      async record(values) {
        entered.open();
        await finish.opened;
        return values;
      },
    });
    const { port, url } = await first.listen();
    const client = createClient(url, { reconnect: { baseMs: 1, capMs: 2 } });
    const stub = client.service(Conformance);
    const draining = new Promise<unknown>((resolve) => client.once("draining", resolve));
    const old = stub.record({ from: "first" });
    await entered.opened;
    const drained = first.drain();
    expect(await draining).to.deep.equal({ url, reason: "the server is leaving" });
    expect(["draining", "reconnecting", "connecting"]).to.include(client.state);
    // The first one has stopped listening: another takes its place, as behind a load balancer.
    const second = createServer({ port });
    second.implement(Conformance, { ...wellBehaved, record: async (values) => ({ ...values, by: "second" }) });
    await second.listen();
    expect(await stub.record({ from: "client" })).to.deep.equal({ from: "client", by: "second" });
    finish.open();
    expect(await old).to.deep.equal({ from: "first" });
    await drained;
    expect(client.state).to.equal("ready");
    await client.close();
    await second.close();
  });

  it("settles what a goodbye refuses with proof that it did not run", async () => {
    const peer = welcoming();
    const client = createClient("memory://quiet", { connector: peer.connector });
    await client.ready();
    const stub = client.service(Conformance);
    // Without waiting for another connection: a call that was refused would else go there.
    const calls = [failureOf(stub.empty()), failureOf(stub.empty({ waitForReady: false }))];
    await settle();
    // Ids 1 and 3 have been sent; the server has accepted only the first.
    peer.send(Uint8Array.from([0x93, 5, 1, 0xa0]));
    expect(await calls[1]).to.include({ code: "UNAVAILABLE", executed: "no" });
    peer.hangUp();
    expect(await calls[0]).to.include({ code: "UNAVAILABLE", executed: "unknown" });
    await client.close();
  });

  it("does not come back to a server that refuses the upgrade for good, and says why", async () => {
    for (const [status, state] of [
      [400, "closed"],
      [401, "closed"],
      [403, "closed"],
      [503, "reconnecting"],
    ] as const) {
      let upgrades = 0;
      const http = createHttpServer();
      http.on("upgrade", (_request, socket) => {
        upgrades++;
        socket.end(`HTTP/1.1 ${status} No\r\nConnection: close\r\n\r\n`);
      });
      await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
      const client = createClient(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`, {
        reconnect: { baseMs: 60_000, capMs: 60_000 },
      });
      await new Promise((resolve) => client.once(state === "closed" ? "closed" : "reconnecting", resolve));
      const failure = await failureOf(client.service(Conformance).empty({ waitForReady: false }));
      expect(failure.message).to.include(`HTTP ${status}`);
      expect([client.state, upgrades]).to.deep.equal([state, 1]);
      if (state === "closed") expect(await failureOf(client.ready({ timeoutMs: 60_000 }))).to.include({ code: "UNAVAILABLE" });
      await client.close();
      await new Promise((resolve) => http.close(resolve));
    }
  });

  it("treats a connector that throws like a server that cannot be reached", async () => {
    const connector: ClientOptions["connector"] = () => {
      throw new Error("no route");
    };
    const client = createClient("custom://x", { connector: connector as NonNullable<ClientOptions["connector"]> });
    const failure = await failureOf(client.ready({ timeoutMs: 50 }));
    expect(failure.message).to.include("no route");
    await client.close();
    expect(() => createClient("custom://x")).to.throw(TypeError, /no resolver knows the scheme custom:/);
  });

  it("27: closes once, also when settling a call closes it again", async () => {
    await withPair("memory", {}, {}, async ({ client, stub }) => {
      let closed = 0;
      client.on("closed", () => closed++);
      const source: AsyncIterable<Uint8Array> = {
        [Symbol.asyncIterator]: () => ({
          next: () => new Promise<never>(() => {}),
          return: async () => {
            await client.close();
            return { done: true, value: undefined };
          },
        }),
      };
      const call = failureOf(stub.sum(source));
      await settle();
      await client.close();
      expect(await call).to.include({ code: "CANCELLED" });
      expect(closed).to.equal(1);
    });
  });
});

describe("the life of a server", () => {
  it("44: a close that overtakes listen leaves no listening socket", async () => {
    await settle(1);
    const before = openHandles();
    const server = createServer();
    server.implement(Conformance, wellBehaved);
    const listening = server.listen().then(
      () => "listening",
      (error: Error) => error.message,
    );
    await server.close();
    expect(await listening).to.equal("listen: this server was closed meanwhile");
    await until(() => openHandles() <= before, "the port is free");
  });

  it("several on one http server each have their path, and an unknown path is answered", async () => {
    const http = createHttpServer();
    const servers = ["/a", "/b"].map((path) =>
      createServer({ server: http, path }).implement(Conformance, { ...wellBehaved, record: async () => ({ path }) }),
    );
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    const { port } = http.address() as AddressInfo;
    for (const server of servers) await server.listen();
    for (const path of ["/a", "/b"]) {
      const client = createClient(`ws://127.0.0.1:${port}${path}`);
      expect(await client.service(Conformance).record({})).to.deep.equal({ path });
      await client.close();
    }
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => {
        socket.write(
          "GET /c HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
        );
      });
      let text = "";
      socket.on("data", (data: Buffer) => {
        text += data.toString();
      });
      socket.on("close", () => resolve(text));
    });
    expect(answer).to.match(/^HTTP\/1\.1 404 /);
    // Not a client of ours, which would knock again at once.
    const peer = await RawPeer.welcomed(`ws://127.0.0.1:${port}/a`);
    for (const server of servers) await server.close();
    const left = await new Promise<number>((resolve) => http.getConnections((_error, count) => resolve(count)));
    peer.terminate();
    await new Promise((resolve) => http.close(resolve));
    expect(left, "sockets that are left open").to.equal(0);
  });

  it("runs nothing more for a peer that has broken the rules", async () => {
    let runs = 0;
    const implementation = {
      async empty() {
        runs++;
      },
    };
    await withPair("WebSocket", implementation, {}, async ({ url }) => {
      const peer = await RawPeer.welcomed(url);
      peer.socket.send("text");
      peer.sendFrames([23, 0, "farcall.test.Conformance", "empty", ""], [16, 1, 0, 0, null, []]);
      expect(await peer.closed()).to.include({ code: 1003 });
      expect(runs).to.equal(0);
    });
  });

  it("52: produces no more for a peer that stops reading, whatever credit it gave", async () => {
    let produced = 0;
    const implementation = {
      async *download() {
        for (;;) {
          produced += 60_000;
          yield new Uint8Array(60_000);
        }
      },
    };
    await withPair("WebSocket", implementation, {}, async ({ url }) => {
      const peer = await RawPeer.welcomed(url, { limits: { streamWindowBytes: 2 ** 50 } });
      peer.socket.pause();
      peer.sendFrames([23, 0, "farcall.test.Conformance", "download", ""], [16, 1, 0, 0, null, [[]]]);
      let last = -1;
      // It has stopped when two looks, a few hundred turns apart, see the same.
      while (produced !== last) {
        last = produced;
        await settle(300);
      }
      expect(produced)
        .to.be.above(1_000_000)
        .and.below(32 * 1024 * 1024);
      peer.terminate();
    });
  });

  it("64: takes a slow but steady reader for one that reads", async () => {
    const clock = new FakeClock();
    const options = {
      clock,
      server: { streamIdleTimeoutMs: 10_000 },
      client: { heartbeat: { idleTimeoutMs: Number.POSITIVE_INFINITY } },
    };
    const implementation = {
      async *download() {
        for (let i = 0; i < 60; i++) yield new Uint8Array(10_000);
      },
    };
    await withPair("memory", implementation, options, async ({ stub }) => {
      let read = 0;
      for await (const _ of stub.download([])) {
        read++;
        await clock.advance(2_000);
      }
      expect(read).to.equal(60);
    });
  });

  it("64: lets go of a stream that a handler opened only after its call had been cancelled", async () => {
    const entered = gate();
    const resume = gate();
    let returned = 0;
    const late: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ done: false, value: new Uint8Array(1) }),
        return: async () => {
          returned++;
          return { done: true, value: undefined };
        },
      }),
    };
    const implementation = {
      download: (() => {
        entered.open();
        return resume.opened.then(() => late);
      }) as never,
    };
    await withPair("memory", implementation, {}, async ({ stub }) => {
      const controller = new AbortController();
      const read = failureOf(collect(stub.download([], { signal: controller.signal })));
      await entered.opened;
      controller.abort();
      await read;
      resume.open();
      await until(() => returned === 1, "the source is let go");
    });
  });

  it("7: a bidi handler that reads no more may go on sending, and the caller comes to its end", async () => {
    const clock = new FakeClock();
    const implementation = {
      async *talk(lines: AsyncIterable<Uint8Array>) {
        for await (const line of lines) {
          yield line;
          break;
        }
        for (let i = 0; i < 5; i++) yield new Uint8Array(i);
      },
    };
    await withPair(
      "memory",
      implementation,
      { clock, client: { limits: { streamWindowBytes: 4096 } }, server: { limits: { streamWindowBytes: 4096 } } },
      async ({ stub }) => {
        let sent = 0;
        async function* lines() {
          for (; sent < 50; sent++) yield new Uint8Array(1_000);
          // Large ones too: announced, and dropped chunk by chunk.
          yield new Uint8Array(200_000);
          yield new Uint8Array(10);
        }
        expect((await collect(stub.talk(lines()))).map((line) => line.length)).to.deep.equal([1_000, 0, 1, 2, 3, 4]);
        expect(await stub.sum(streamOf(new Uint8Array(2)))).to.equal(2);
      },
    );
  });

  it("36: drains a call whose arguments are still arriving", async () => {
    await withPair("WebSocket", {}, {}, async ({ url, server }) => {
      const peer = await RawPeer.welcomed(url);
      const bytes = new Uint8Array(99_994);
      peer.sendFrames([23, 0, "farcall.test.Conformance", "resize", ""]);
      // `[bin 32 of 99 994 bytes, 3]`: 100 001 bytes in two chunks.
      const args = Buffer.concat([Buffer.from([0x92, 0xc6, 0, 1, 0x86, 0x9a]), bytes, Buffer.from([3])]);
      const call = Buffer.from([0x96, 16, 1, 0, 0, 0xc0, 0xd6, 0x63, 0, 0, 0, 0]);
      call.writeUInt32BE(args.length, 8);
      peer.sendBytes(call);
      await until(() => server.connections().some((one) => one.runningCalls === 1), "the call is admitted");
      const drained = server.drain();
      for (const part of [args.subarray(0, 65_536), args.subarray(65_536)]) peer.sendFrames([24, 1, new Uint8Array(part)]);
      const kinds: (number | undefined)[] = [];
      for (let frame = await peer.frame(); frame !== undefined; frame = await peer.frame()) kinds.push(frame.kind);
      expect(kinds).to.include(17);
      expect(await peer.closed()).to.include({ code: 1001 });
      await drained;
    });
  });
});
