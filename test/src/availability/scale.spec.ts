import { createClient } from "@farcall/client";
import { createServer } from "@farcall/server";
import { expect } from "chai";
import { until } from "../conformance/settlement.js";
import { Shop } from "../contracts/gen/shop.js";
import { connected, failures, Load, type Outcome, pause, shop, sideBySide, tally, withFleet } from "./fleet.js";

/** The calls that were made from `fromMs` to `toMs` after `zero`. */
function during(outcomes: readonly Outcome[], zero: number, fromMs: number, toMs: number): readonly Outcome[] {
  return outcomes.filter(({ startedAt }) => startedAt >= zero + fromMs && startedAt < zero + toMs);
}

/** What part of the answers came from `name`. */
function share(outcomes: readonly Outcome[], name: string): number {
  const names = outcomes.flatMap(({ server }) => server ?? []);
  return (tally(names)[name] ?? 0) / Math.max(1, names.length);
}

function quantile(outcomes: readonly Outcome[], q: number): number {
  const sorted = outcomes.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
  return sorted[Math.floor(q * (sorted.length - 1))] ?? 0;
}

describe("servers that join under load", function () {
  this.timeout(30_000);

  sideBySide({
    "row 59: B5: one that joins 50 busy ones gets calls within 1 s, more with time, and nobody waits for it": () =>
      withFleet({ servers: 50, client: { subsetSize: 64 } }, async ({ stub, add, discover }) => {
        // Slow start gives it a five-hundredth at first: of these, a few.
        const load = new Load(stub, { perSecond: 1_500 });
        await pause(2_000);
        const joined = await add();
        discover();
        const zero = performance.now();
        await pause(5_000);
        const outcomes = await load.stop();
        expect(failures(outcomes)).to.deep.equal([]);
        const first = outcomes.filter(({ server }) => server === joined.name).map(({ startedAt }) => startedAt - zero);
        expect(Math.min(...first), "its first call").to.be.below(1_000);
        const early = share(during(outcomes, zero, 0, 700), joined.name);
        const late = share(during(outcomes, zero, 3_000, 5_000), joined.name);
        expect(late, "its share after the slow start").to.be.within(0.01, 0.03);
        expect(early, "its share at first").to.be.below(late);
        // Of all that share this machine, not only of the balancer: hence the floor.
        const before = Math.max(quantile(during(outcomes, zero, -1_500, 0), 0.95), 25);
        expect(quantile(during(outcomes, zero, 0, 3_000), 0.95), "latency while it joins").to.be.below(2 * before);
      }),

    "D5: a third server carries 25 % within 3 s of its discovery, and no call fails": () =>
      withFleet({ servers: 2 }, async ({ stub, add, discover }) => {
        const load = new Load(stub, { perSecond: 400, orders: 3 });
        await pause(2_000);
        const joined = await add();
        discover();
        const zero = performance.now();
        await pause(4_000);
        const outcomes = await load.stop();
        expect(failures(outcomes)).to.deep.equal([]);
        expect(share(during(outcomes, zero, 3_000, 4_000), joined.name)).to.be.at.least(0.25);
      }),

    "D5: from 2 to 4 servers: within 10 s each is within 10 % of even, on connections that were never cut, and no call fails":
      () =>
        withFleet({ servers: 2 }, async ({ client, stub, add, discover }) => {
          let lost = 0;
          client.on("reconnecting", () => lost++);
          const load = new Load(stub, { perSecond: 500, orders: 3 });
          await pause(1_000);
          await add();
          await add();
          discover();
          const zero = performance.now();
          await pause(7_500);
          const outcomes = await load.stop();
          expect(failures(outcomes)).to.deep.equal([]);
          expect(lost).to.equal(0);
          // Long enough that chance alone stays well below a tenth.
          const settled = during(outcomes, zero, 3_500, 7_500);
          for (const name of ["s0", "s1", "s2", "s3"]) expect(share(settled, name), name).to.be.within(0.225, 0.275);
        }),
  });

  it("B6: of 1 000 endpoints a client connects to 20, and they carry even loads", async () => {
    // A thousand addresses of one server: it tells them apart by their paths only.
    const server = createServer();
    server.implement(Shop, shop("one", []));
    const { url } = await server.listen();
    const client = createClient(Array.from({ length: 1_000 }, (_, i) => `${url}/${i}`));
    try {
      await connected(client);
      expect(client.endpoints()).to.have.lengthOf(20);
      await until(() => server.connections().length === 20, "20 connections");
      await Promise.all(Array.from({ length: 200 }, (_, call) => client.service(Shop).quote(call, 5)));
      expect(server.connections()).to.have.lengthOf(20);
    } finally {
      await client.close();
      await server.close();
    }
  });
});
