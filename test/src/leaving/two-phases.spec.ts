import { createServer as createHttpServer } from "node:http";
import { createClient } from "@farcall/client";
import { type Frame, kinds } from "@farcall/protocol";
import { createServer, type Server, type ServerOptions } from "@farcall/server";
import { createMemoryNetwork, FakeClock, RawPeer, RawServer, RawWebSocket, settle } from "@farcall/testing";
import { expect } from "chai";
import { wellBehaved } from "../conformance/implementation.js";
import { failureOf, gate, until } from "../conformance/settlement.js";
import { Conformance } from "../contracts/gen/conformance.js";

const one = new Uint8Array([1]);
const speaksDrain = { capabilities: ["drain"] };

/** Frames that carry calls and their arguments, up to the one that `isLast`. */
async function framesUntil(peer: RawPeer, isLast: (frame: Frame) => boolean): Promise<Frame[]> {
  const frames: Frame[] = [];
  for (;;) {
    const frame = await peer.frame();
    if (frame === undefined) throw new Error("the connection ended");
    frames.push(frame);
    if (isLast(frame)) return frames;
  }
}

describe("a client whose server leaves in two phases", () => {
  let server: RawServer;
  beforeEach(async () => {
    server = await RawServer.listen();
  });
  afterEach(() => server.close());

  async function connected(options: { readonly random: number }) {
    const clock = new FakeClock();
    const client = createClient(server.url, { clock, random: () => options.random, reconnect: { baseMs: 200 } });
    const delays: number[] = [];
    client.on("reconnecting", ({ delayMs }) => delays.push(delayMs));
    const peer = await server.welcomed(speaksDrain);
    await client.ready();
    return { clock, client, delays, peer };
  }

  const drain1 = [7, 1, {}] as const;

  for (const [random, delayMs] of [
    [0, 300],
    [0.5, 650],
    [0.999, 999.3],
  ] as const) {
    it(`X7: comes back after a time drawn evenly between the bounds (${random} of the way)`, async () => {
      const { clock, client, delays, peer } = await connected({ random });
      peer.sendFrames(drain1);
      expect(await peer.frame()).to.include({ kind: kinds.drain, phase: 1 });
      expect([client.state, delays]).to.deep.equal(["draining", []]);
      peer.sendFrames([7, 2, { lastCallId: 0, reconnectMinMs: 300, reconnectMaxMs: 1_000 }]);
      await until(() => delays.length > 0, "the client knows when to come back");
      expect(delays).to.deep.equal([delayMs]);
      await clock.advance(delayMs - 0.1);
      expect(server.accepted).to.equal(1);
      await clock.advance(0.1);
      await server.welcomed();
      await client.ready();
      await client.close();
    });
  }

  it("X7: waits no longer than its own longest wait, whatever the server says", async () => {
    const { client, delays, peer } = await connected({ random: 1 });
    peer.sendFrames(drain1, [7, 2, { lastCallId: 0, reconnectMinMs: 1e12, reconnectMaxMs: 2e12 }]);
    await until(() => delays.length > 0, "the client knows when to come back");
    expect(delays).to.deep.equal([30_000]);
    await client.close();
  });

  it("X7: a connection that ends between the phases was lost: the backoff decides", async () => {
    const { client, delays, peer } = await connected({ random: 0.5 });
    peer.sendFrames(drain1);
    await peer.frame();
    peer.terminate();
    await until(() => delays.length > 0, "the client has noticed");
    expect(delays).to.deep.equal([100]);
    await client.close();
  });

  it("X7: a goodbye between the phases is one without a drain: the backoff decides, and the call has not run", async () => {
    const { client, delays, peer } = await connected({ random: 0.5 });
    const call = failureOf(client.service(Conformance).empty());
    await framesUntil(peer, ({ kind }) => kind === kinds.call);
    peer.sendFrames(drain1, [5, 0, "in a hurry"]);
    await until(() => delays.length > 0, "the client has noticed");
    expect(delays).to.deep.equal([100]);
    await client.close();
    expect((await call).executed).to.equal("no");
  });

  it("X7: a server that never comes to its second phase is not waited for", async () => {
    const { clock, client, peer } = await connected({ random: 0.5 });
    peer.sendFrames(drain1);
    await peer.frame();
    await clock.advance(14_999);
    expect(server.accepted).to.equal(1);
    await clock.advance(1);
    await server.welcomed();
    await client.ready();
    await client.close();
  });

  it("row 36: sends no call behind its answer, not even a large one that waited for its turn", async () => {
    const { client, peer } = await connected({ random: 0.5 });
    const stub = client.service(Conformance);
    const outcomes = Array.from({ length: 12 }, () => stub.echo(new Uint8Array(3_000_000)).catch(() => {}));
    let calls = 0;
    await framesUntil(peer, ({ kind }) => kind === kinds.call && ++calls === 8);
    peer.sendFrames(drain1);
    const before = await framesUntil(peer, ({ kind }) => kind === kinds.drain);
    expect(before.filter(({ kind }) => kind === kinds.call)).to.deep.equal([]);
    // The eight are answered, which makes room for others.
    peer.sendFrames(...Array.from({ length: 8 }, (_, i) => [18, 2 * i + 1, 8, 0, "", null]), [3, 77]);
    const after = await framesUntil(peer, (frame) => frame.kind === kinds.pong && frame.nonce === 77);
    expect(after.filter(({ kind }) => kind === kinds.call)).to.deep.equal([]);
    await client.close();
    await Promise.all(outcomes);
  });
});

describe("a server that leaves in two phases", () => {
  let server: Server | undefined;
  afterEach(() => server?.close());

  async function serving(options: ServerOptions = {}) {
    const entered = gate();
    const finish = gate();
    server = createServer({ logger: { error() {}, warn() {} }, ...options });
    server.implement(Conformance, {
      ...wellBehaved,
      async echo(bytes) {
        entered.open();
        await finish.opened;
        return bytes;
      },
    });
    const { url } = await server.listen();
    return { server, url, entered, finish };
  }

  const naming = [
    [23, 0, "farcall.test.Conformance", "echo", ""],
    [23, 1, "farcall.test.Conformance", "empty", ""],
  ] as const;

  it("row 36: INV2: waits 10 s for a peer that does not answer, then refuses its calls", async () => {
    const clock = new FakeClock();
    const { server, url, entered, finish } = await serving({ clock });
    const peer = await RawPeer.welcomed(url, speaksDrain);
    peer.sendFrames(...naming, [16, 1, 0, 0, null, [one]]);
    await entered.opened;
    const draining = server.drain();
    expect(await peer.frame()).to.include({ kind: kinds.drain, phase: 1 });
    await clock.advance(9_990);
    peer.sendFrames([16, 3, 1, 0, null, []]);
    expect(await peer.frame()).to.include({ kind: kinds.result, id: 3 });
    await clock.advance(20);
    expect(await peer.frame()).to.include({ kind: kinds.drain, phase: 2, lastCallId: 3 });
    peer.sendFrames([16, 5, 1, 0, null, []]);
    expect(await peer.frame()).to.include({ kind: kinds.error, id: 5, code: "UNAVAILABLE", executed: "no" });
    // The answer is late, and harmless.
    peer.sendFrames([7, 1, {}]);
    finish.open();
    expect(await peer.frame()).to.include({ kind: kinds.result, id: 1 });
    expect(await peer.frame()).to.include({ kind: kinds.goodbye, lastCallId: 3 });
    expect(await peer.closed()).to.include({ code: 1001 });
    await draining;
    expect(server.stats.unfinishedCalls).to.equal(0);
  });

  it("row 36: closes each connection as soon as nothing runs on it, whatever runs on others", async () => {
    const { server, url, entered, finish } = await serving();
    const busy = await RawPeer.welcomed(url, speaksDrain);
    const idle = await RawPeer.welcomed(url, speaksDrain);
    busy.sendFrames(...naming, [16, 1, 0, 0, null, [one]]);
    await entered.opened;
    const draining = server.drain();
    await idle.frame();
    idle.sendFrames([7, 1, {}]);
    expect(await idle.closed()).to.include({ code: 1001 });
    expect(server.connections()).to.have.lengthOf(1);
    busy.sendFrames([7, 1, {}]);
    finish.open();
    await busy.closed();
    await draining;
  });

  it("row 37: when the grace is over, the calls are answered UNAVAILABLE, and told apart by whether they ran", async () => {
    const clock = new FakeClock();
    const isHeld = gate();
    const { server, url, entered } = await serving({
      clock,
      drainTimeoutMs: 3_000,
      interceptors: [
        async (call, next) => {
          // Waits before its handler, as for a lock; once the grace is over the handler must not be entered any more.
          if (call.method === "empty") await isHeld.opened;
          return next(call);
        },
      ],
    });
    const peer = await RawPeer.welcomed(url, speaksDrain);
    peer.sendFrames(...naming, [16, 1, 0, 0, null, [one]], [16, 3, 1, 0, null, []]);
    await entered.opened;
    const draining = server.drain();
    expect(await peer.frame()).to.include({ kind: kinds.drain, phase: 1 });
    peer.sendFrames([7, 1, {}]);
    expect(await peer.frame()).to.include({ kind: kinds.drain, phase: 2, lastCallId: 3 });
    await clock.advance(3_008);
    expect(await peer.frame()).to.include({ kind: kinds.error, id: 1, code: "UNAVAILABLE", executed: "yes" });
    expect(await peer.frame()).to.include({ kind: kinds.error, id: 3, code: "UNAVAILABLE", executed: "no" });
    expect(await peer.frame()).to.include({ kind: kinds.goodbye, lastCallId: 3 });
    expect(await peer.closed()).to.include({ code: 1001 });
    await draining;
    expect(server.stats.unfinishedCalls).to.equal(2);
    isHeld.open();
    await settle();
  });

  it("row 44: close() cuts a drain short, and both resolve", async () => {
    const { server, url, entered } = await serving();
    const client = createClient(url);
    const call = failureOf(client.service(Conformance).echo(one));
    await entered.opened;
    const draining = server.drain();
    await until(() => client.state === "draining", "the client knows");
    await server.close();
    await draining;
    expect(await call).to.include({ code: "UNAVAILABLE", executed: "unknown" });
    expect(server.stats.unfinishedCalls).to.equal(1);
    await client.close();
  });

  for (const [title, options, peers, mostMs] of [
    ["1 s for few", {}, 3, 1_000],
    ["8 ms for each of many", {}, 150, 1_200],
    ["what reconnectSpreadMs says", { reconnectSpreadMs: 4_567 }, 1, 4_567],
  ] as const) {
    it(`X7: spreads reconnects over ${title}`, async () => {
      const { server, url } = await serving(options);
      const connected = await Promise.all(Array.from({ length: peers }, () => RawPeer.welcomed(url, speaksDrain)));
      const draining = server.drain();
      for (const peer of connected) {
        await peer.frame();
        peer.sendFrames([7, 1, {}]);
        expect(await peer.frame()).to.include({ kind: kinds.drain, phase: 2, reconnectMinMs: 0, reconnectMaxMs: mostMs });
      }
      await draining;
    });
  }

  it("row 44: a new server can listen on the port while the old one still drains", async () => {
    const { server, url, entered, finish } = await serving();
    const client = createClient(url);
    const call = client.service(Conformance).echo(one);
    await entered.opened;
    const draining = server.drain();
    await until(() => client.state === "draining", "the client knows");
    const next = createServer({ port: Number(new URL(url).port) });
    next.implement(Conformance, wellBehaved);
    await next.listen();
    await client.service(Conformance).empty();
    finish.open();
    expect(await call).to.deep.equal(one);
    await draining;
    await client.close();
    await next.close();
  });

  for (const [random, ageMs] of [
    [0, 54_000],
    [0.5, 60_000],
    [1, 66_000],
  ] as const) {
    it(`X6: maxConnectionAgeMs drains one connection at ${ageMs} of 60 000 ms, give or take a tenth`, async () => {
      const clock = new FakeClock();
      const heartbeat = { idleIntervalMs: 100_000, idleTimeoutMs: 200_000 };
      const { server, url } = await serving({ clock, heartbeat, maxConnectionAgeMs: 60_000, random: () => random });
      const peer = await RawPeer.welcomed(url, speaksDrain);
      await clock.advance(ageMs - 10_000);
      const young = await RawPeer.welcomed(url, speaksDrain);
      await clock.advance(10_008);
      expect(await peer.frame()).to.include({ kind: kinds.drain, phase: 1 });
      peer.sendFrames([7, 1, {}]);
      expect(await peer.frame()).to.include({ kind: kinds.drain, phase: 2, reconnectMinMs: 0, reconnectMaxMs: 0 });
      expect(await peer.closed()).to.include({ code: 1001 });
      expect(server.connections()).to.have.lengthOf(1);
      young.terminate();
    });
  }

  it("X6: 0 calls fail while connections grow old under load", async () => {
    const { url } = await serving({ maxConnectionAgeMs: 30 });
    const client = createClient(url);
    const stub = client.service(Conformance);
    let drains = 0;
    client.on("draining", () => drains++);
    for (let calls = 0; drains < 5; calls++) {
      await Promise.all([stub.empty(), stub.sum((async function* () {})()), stub.metadata()]);
      if (calls > 100_000) throw new Error("nothing grows old");
    }
    await client.close();
  });
});

/** Chance that is the same in every run. (Mulberry32.) */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe("many clients of a server that leaves", () => {
  it("row 24: X7: of 500, no 100 ms see more than 5 % come back", async () => {
    const network = createMemoryNetwork();
    const server = createServer({ listener: network.listener("leaving") });
    const { url } = await server.listen();
    const random = seeded(24);
    const delays: number[] = [];
    const clients = Array.from({ length: 500 }, () => {
      const client = createClient(url, { connector: network.connector, random });
      client.once("reconnecting", ({ delayMs }) => delays.push(delayMs));
      return client;
    });
    await until(() => server.connections().length === 500, "all are connected");
    await server.drain();
    expect(delays).to.have.lengthOf(500);
    const buckets = new Map<number, number>();
    for (const delayMs of delays) buckets.set(Math.floor(delayMs / 100), (buckets.get(Math.floor(delayMs / 100)) ?? 0) + 1);
    expect(Math.max(...buckets.values()), "clients in the fullest 100 ms").to.be.at.most(25);
    expect(Math.max(...delays), "ms until the last is back").to.be.within(3_000, 4_000);
    await Promise.all(clients.map((client) => client.close()));
  });
});

describe("close() of a server with open sockets", () => {
  it("row 44: resolves though a peer neither reads nor closes its side", async () => {
    const server = createServer();
    server.implement(Conformance, wellBehaved);
    const { url } = await server.listen();
    const deaf = await RawWebSocket.connect(url);
    deaf.stopReading();
    const at = performance.now();
    await server.close();
    expect(performance.now() - at, "ms").to.be.below(5_000);
    deaf.terminate();
  });

  it("row 44: on a server of somebody else, resolves and leaves that one open, with its own sockets", async () => {
    const http = createHttpServer((_request, response) => response.end("still here"));
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    const server = createServer({ server: http, path: "/rpc" });
    server.implement(Conformance, wellBehaved);
    const { url } = await server.listen();
    const client = createClient(url);
    await client.service(Conformance).empty();
    const peer = await RawPeer.welcomed(url);
    await server.drain();
    expect(await peer.closed()).to.include({ code: 1001 });
    expect(await (await fetch(url.replace("ws:", "http:"))).text()).to.equal("still here");
    await client.close();
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
  });
});
