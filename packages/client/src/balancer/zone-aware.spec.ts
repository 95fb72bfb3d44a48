import { expect } from "chai";
import { anyCall, endpoint, excluding, seeded, tally } from "./fleet.spec.support.js";
import { parseBalancer, zoneAware } from "./registry.js";

/** Endpoints `a0`, `a1`, … in zone `a`, and so on. */
function zones(counts: Readonly<Record<string, number>>) {
  return Object.entries(counts).flatMap(([zone, count]) =>
    Array.from({ length: count }, (_, i) => endpoint(`${zone}${i}`, { zone })),
  );
}

function localShare(counts: Readonly<Record<string, number>>, excluded: readonly string[] = []): number {
  const picker = zoneAware({ zone: "a", random: seeded(2) }).picker(zones(counts));
  const got = tally(picker, 20_000, () => excluding(...excluded));
  return [...got].reduce((sum, [id, count]) => sum + (id.startsWith("a") ? count : 0), 0) / 20_000;
}

describe("zone-aware balancing", () => {
  it("B1: stays in its zone while that has room enough", () => {
    expect(localShare({ a: 3, b: 3, c: 3 })).to.equal(1);
    expect(localShare({ a: 3, b: 4 })).to.equal(1);
    expect(localShare({ a: 5, b: 1 })).to.equal(1);
  });

  it("B1: spills over in proportion when its zone is short, by the list or by health", () => {
    // Of 7 in 3 zones, 2.33 would be even; 1 with headroom is 1.4.
    expect(localShare({ a: 1, b: 3, c: 3 })).to.be.closeTo(1.4 / (7 / 3), 0.02);
    expect(localShare({ a: 3, b: 3, c: 3 }, ["a1", "a2"])).to.be.closeTo(1.4 / 3, 0.02);
  });

  it("B1: leaves when nobody is left, and stays when nobody else is", () => {
    expect(localShare({ b: 3, c: 3 })).to.equal(0);
    expect(localShare({ a: 2, b: 2 }, ["a0", "a1"])).to.equal(0);
    expect(
      localShare(
        { a: 1, b: 9 },
        Array.from({ length: 9 }, (_, i) => `b${i}`),
      ),
    ).to.equal(1);
    expect(localShare({ a: 3 })).to.equal(1);
    expect(zoneAware({ zone: "a" }).picker([]).pick(anyCall)).to.equal(undefined);
  });

  it("B1: keeps to weights within the zone and outside, by the balancer it is given", () => {
    const ready = zones({ a: 2, b: 4, c: 4 }).map((one, i) => ({ ...one, weight: 1 + (i % 2) }));
    const inner = parseBalancer("weighted-round-robin", "test", seeded(1));
    const got = tally(zoneAware({ zone: "a", balancer: inner, random: seeded(2) }).picker(ready), 100_000);
    const share = (id: string) => (got.get(id) ?? 0) / 100_000;
    const local = share("a0") + share("a1");
    expect(share("a1") / local).to.be.closeTo(2 / 3, 0.01);
    expect(share("b1") / (1 - local)).to.be.closeTo(2 / 12, 0.01);
    expect(share("c0") / (1 - local)).to.be.closeTo(1 / 12, 0.01);
  });
});
