import { type Client, createClient } from "@farcall/client";
import type { Connector, Transport, TransportEvents } from "@farcall/protocol";
import { createServer } from "@farcall/server";
import { createMemoryNetwork, FakeClock, type MemoryNetwork } from "@farcall/testing";
import { expect } from "chai";
import { wellBehaved } from "../conformance/implementation.js";
import { Conformance } from "../contracts/gen/conformance.js";
import { leavesNothing, seeded } from "./nothing-left.js";

/** How many of `times` fall into each `widthMs` after `from`, the fullest first. */
function buckets(times: readonly number[], from: number, widthMs: number): number[] {
  const counts = new Map<number, number>();
  for (const time of times) {
    const bucket = Math.floor((time - from) / widthMs);
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
  }
  return [...counts.values()].sort((a, b) => b - a);
}

describe("many clients that lose one server at once", function () {
  this.timeout(30_000);
  const keep = leavesNothing();
  let clock: FakeClock;
  let network: MemoryNetwork;
  let clients: Client[];
  /** What each server has accepted. */
  let transports: Map<string, Set<Transport>>;
  /** Servers that nobody can reach. */
  let away: Set<string>;
  /** When the one was dialled that is lost. */
  let attempts: number[];
  /** When somebody was connected to it. */
  let ready: number[];

  async function start(name: string): Promise<void> {
    const inner = network.listener(name);
    const accepted = new Set<Transport>();
    transports.set(name, accepted);
    const listener = {
      listen: (accept: (transport: Transport) => TransportEvents) =>
        inner.listen((transport) => {
          accepted.add(transport);
          return accept(transport);
        }),
      stop: () => inner.stop(),
    };
    const server = keep(createServer({ clock, listener }));
    server.implement(Conformance, wellBehaved);
    await server.listen();
  }

  /** So many clients of these servers, that have known each other for a while. */
  async function connect(count: number, names: readonly string[]): Promise<void> {
    clock = new FakeClock();
    network = createMemoryNetwork();
    transports = new Map();
    away = new Set();
    attempts = [];
    ready = [];
    const nobody = createMemoryNetwork().connector;
    for (const name of names) await start(name);
    const connector: Connector = (url, events) => {
      const name = new URL(url).host;
      if (name === "lost") attempts.push(clock.now());
      return (away.has(name) ? nobody : network.connector)(url, events);
    };
    const urls = names.map((name) => `memory://${name}`);
    // Seeds in a row would give draws in a row.
    const seeds = seeded(1_000);
    clients = Array.from({ length: count }, () =>
      createClient(urls, { clock, connector, random: seeded(Math.ceil(seeds() * 1e9)), contextPropagation: false }),
    );
    await clock.advance(0);
    for (const client of clients) {
      expect(client.endpoints().map(({ state }) => state)).to.deep.equal(names.map(() => "ready"));
      client.on("ready", ({ url }) => url === "memory://lost" && ready.push(clock.now()));
    }
    // Until each has asked its server how it does.
    await clock.advance(16_000);
  }

  /** Cuts the connections of this server; it can be reached again at once, unless it is away. */
  function lose(name: string): number {
    if (name === "lost") attempts.length = 0;
    const accepted = transports.get(name) ?? new Set();
    for (const transport of accepted) transport.terminate();
    accepted.clear();
    return clock.now();
  }

  async function end(): Promise<void> {
    await Promise.all(clients.map((client) => client.close()));
  }

  const herd = 500;

  it("row 24: 500 clients of two servers come back spread over the jitter window, however soon the one is back", async () => {
    await connect(herd, ["lost", "other"]);
    for (const awayMs of [0, 2_500, 10_000]) {
      if (awayMs > 0) away.add("lost");
      ready.length = 0;
      const lostAt = lose("lost");
      await clock.advance(awayMs);
      away.clear();
      const backAt = clock.now();
      // And until these connections have lasted.
      await clock.advance(50_000);
      expect(ready).to.have.lengthOf(herd);
      expect(buckets(ready, backAt, 100)[0], `after ${awayMs} ms, back within 100 ms`).to.be.at.most(herd * 0.05);
      expect(buckets(attempts, lostAt, 100)[0], `after ${awayMs} ms, attempts within 100 ms`).to.be.at.most(herd * 0.1);
    }
    // With their other server gone as well they wait no longer than if there had been none.
    ready.length = 0;
    lose("lost");
    await clock.advance(100);
    expect(ready.length, "back within 100 ms").to.be.below(herd * 0.05);
    away.add("other");
    lose("other");
    await clock.advance(200);
    expect(ready, "back 200 ms after the other one had gone").to.have.lengthOf(herd);
    await end();
  });

  it("row 24: 500 clients of one server come back spread over the jitter window, when it is gone for 10 s", async () => {
    await connect(herd, ["lost"]);
    away.add("lost");
    const lostAt = lose("lost");
    await clock.advance(10_000);
    // Nobody else has their calls: the first wait is short, and is used in full.
    expect(buckets(attempts.slice(0, herd), lostAt, 10)[0], "of the first attempts, the most within 10 ms").to.be.at.most(
      herd * 0.1,
    );
    const backAt = clock.now();
    away.clear();
    await clock.advance(30_000);
    expect(ready).to.have.lengthOf(herd);
    expect(buckets(ready, backAt, 100)[0], "the most that came back within 100 ms").to.be.at.most(herd * 0.05);
    await end();
  });

  it("R2: 1,000 clients never come at more than twice their mean rate within 100 ms", async () => {
    await connect(1_000, ["lost", "other"]);
    const lostAt = lose("lost");
    await clock.advance(20_000);
    expect(attempts).to.have.lengthOf(1_000);
    const lastsMs = Math.max(...attempts) - lostAt;
    expect(lastsMs, "8 ms for each").to.be.within(7_500, 8_000);
    const mean = 1_000 / (lastsMs / 100);
    expect(buckets(attempts, lostAt, 100)[0]).to.be.at.most(2 * mean);
    await end();
  });
});
