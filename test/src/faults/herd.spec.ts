import { createClient } from "@farcall/client";
import type { Connector, Transport, TransportEvents } from "@farcall/protocol";
import { createServer } from "@farcall/server";
import { createMemoryNetwork, FakeClock } from "@farcall/testing";
import { expect } from "chai";
import { wellBehaved } from "../conformance/implementation.js";
import { Conformance } from "../contracts/gen/conformance.js";
import { leavesNothing, seeded } from "./nothing-left.js";

const herd = 500;

/** How many of `times` fall into each `widthMs` after `from`, the fullest first. */
function buckets(times: readonly number[], from: number, widthMs: number): number[] {
  const counts = new Map<number, number>();
  for (const time of times) {
    const bucket = Math.floor((time - from) / widthMs);
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
  }
  return [...counts.values()].sort((a, b) => b - a);
}

describe("500 clients that lose one server at once", function () {
  this.timeout(20_000);
  const keep = leavesNothing();

  it("row 24: come back spread over the jitter window, when the server is gone for 10 s", async () => {
    const clock = new FakeClock();
    const network = createMemoryNetwork();
    const nobody = createMemoryNetwork().connector;
    const transports = new Set<Transport>();
    const inner = network.listener("server");
    const listener = {
      listen: (accept: (transport: Transport) => TransportEvents) =>
        inner.listen((transport) => {
          transports.add(transport);
          return accept(transport);
        }),
      stop: () => inner.stop(),
    };
    const server = keep(createServer({ clock, listener }));
    server.implement(Conformance, wellBehaved);
    await server.listen();
    let isUp = true;
    const attempts: number[] = [];
    const connector: Connector = (url, events) => {
      attempts.push(clock.now());
      return (isUp ? network.connector : nobody)(url, events);
    };
    const clients = Array.from({ length: herd }, (_, i) =>
      createClient("memory://server", { clock, connector, random: seeded(1_000 + 7 * i), contextPropagation: false }),
    );
    await Promise.all(clients.map((client) => client.ready()));

    const lostAt = clock.now();
    attempts.length = 0;
    isUp = false;
    for (const transport of transports) transport.terminate();
    transports.clear();
    await clock.advance(10_000);
    // The first wait is short, so that a server that is back at once has its clients back at once; it is used in full.
    const firsts = attempts.slice(0, herd);
    expect(buckets(firsts, lostAt, 10)[0], "of the first attempts, the most within 10 ms").to.be.at.most(herd * 0.1);

    const backAt = clock.now();
    attempts.length = 0;
    isUp = true;
    const ready: number[] = [];
    for (const client of clients) client.on("ready", () => ready.push(clock.now()));
    await clock.advance(30_000);
    expect(ready).to.have.lengthOf(herd);
    expect(attempts).to.have.lengthOf(herd);
    const [most = 0] = buckets(ready, backAt, 100);
    expect(most, "the most that came back within 100 ms").to.be.at.most(herd * 0.05);
    await Promise.all(clients.map((client) => client.close()));
    await server.close();
    expect(clock.pendingTimers).to.equal(0);
  });
});
