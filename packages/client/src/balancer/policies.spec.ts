import { expect } from "chai";
import type { Balancer, BalancerEndpoint } from "./balancer.js";
import { anyCall, endpoint, excluding, seeded, tally } from "./fleet.spec.support.js";
import { type BalancerName, parseBalancer } from "./registry.js";

const picks = 100_000;
const policies: readonly BalancerName[] = [
  "p2c-ewma",
  "least-pending",
  "round-robin",
  "weighted-round-robin",
  "random",
  "weighted-random",
  "consistent-hash",
  "pick-first",
];
const spreading = policies.filter((name) => name !== "pick-first");
const byWeight: readonly BalancerName[] = [
  "p2c-ewma",
  "least-pending",
  "weighted-round-robin",
  "weighted-random",
  "consistent-hash",
];

function make(name: BalancerName): Balancer {
  return parseBalancer(name, "test", seeded(7));
}

function shares(name: BalancerName, ready: readonly BalancerEndpoint[]): Record<string, number> {
  const counts = tally(make(name).picker(ready), picks, (i) => ({
    ...anyCall,
    key: name === "consistent-hash" ? `k${i}` : undefined,
  }));
  return Object.fromEntries([...counts].map(([id, count]) => [id, count / picks]));
}

function expectShares(got: Record<string, number>, wanted: Record<string, number>): void {
  expect(Object.keys(got)).to.have.members(Object.keys(wanted));
  for (const [id, share] of Object.entries(wanted)) expect(got[id], id).to.be.closeTo(share, 0.02);
}

describe("the balancers", () => {
  for (const name of byWeight) {
    it(`B1: ${name} gives shares within 2 % of the weights over 100 000 calls`, () => {
      const ready = [endpoint("a", { weight: 1 }), endpoint("b", { weight: 2 }), endpoint("c", { weight: 5 })];
      expectShares(shares(name, ready), { a: 0.125, b: 0.25, c: 0.625 });
      const uneven = [endpoint("a", { weight: 0.5 }), endpoint("b", { weight: 9.5 })];
      expectShares(shares(name, uneven), { a: 0.05, b: 0.95 });
    });
  }

  for (const name of ["random", "round-robin"] as const) {
    it(`B1: ${name} gives equal shares within 2 %, whatever the weights`, () => {
      const ready = [endpoint("a", { weight: 1 }), endpoint("b", { weight: 2 }), endpoint("c", { weight: 5 })];
      expectShares(shares(name, ready), { a: 1 / 3, b: 1 / 3, c: 1 / 3 });
    });
  }

  it("B1: pick-first stays with the first of the list, and takes the next while that is not ready", () => {
    const [a, b, c] = [endpoint("a"), endpoint("b"), endpoint("c")];
    const balancer = make("pick-first");
    expect([...tally(balancer.picker([a, b, c]), 100)]).to.deep.equal([["a", 100]]);
    expect([...tally(balancer.picker([a, b, c]), 100, () => excluding("a"))]).to.deep.equal([["b", 100]]);
    expect([...tally(balancer.picker([b, c]), 100)]).to.deep.equal([["b", 100]]);
  });

  it("B1: weighted-round-robin mixes evenly, and goes on where it was when the list changes", () => {
    const [a, b, c] = [endpoint("a", { weight: 5 }), endpoint("b"), endpoint("c")];
    const balancer = make("weighted-round-robin");
    const picker = balancer.picker([a, b, c]);
    const order = Array.from({ length: 7 }, () => picker.pick(anyCall)?.id).join("");
    expect(order).to.equal("aabacaa");
    const first = balancer.picker([a, b, c]).pick(anyCall)?.id;
    const rest = Array.from({ length: 6 }, () => balancer.picker([a, b, c]).pick(anyCall)?.id);
    expect([first, ...rest].join("")).to.equal(order);
  });

  it("B1: least-pending takes the one of two with fewer calls under way for its weight", () => {
    const busy = endpoint("busy", { pending: 5 });
    expect(shares("least-pending", [busy, endpoint("idle", { pending: 4 })])).to.deep.equal({ idle: 1 });
    expect(shares("least-pending", [endpoint("big", { pending: 9, weight: 2 }), busy])).to.deep.equal({ big: 1 });
  });

  for (const name of policies) {
    it(`B4: ${name} never picks what is excluded, and finds what is left`, () => {
      const ready = Array.from({ length: 10 }, (_, i) => endpoint(`e${i}`, { weight: i + 1 }));
      const picker = make(name).picker(ready);
      for (let left = 9; left >= 0; left--) {
        const gone = ready.slice(left).map(({ id }) => id);
        for (let i = 0; i < 200; i++) {
          const picked = picker.pick({ ...excluding(...gone), key: i % 2 === 0 ? `k${i}` : undefined });
          if (left === 0) expect(picked).to.equal(undefined);
          else expect(picked?.id).to.be.oneOf(ready.slice(0, left).map(({ id }) => id));
        }
      }
      expect(make(name).picker([]).pick(anyCall)).to.equal(undefined);
      expect(
        make(name)
          .picker([])
          .pick({ ...anyCall, key: "k" }),
      ).to.equal(undefined);
    });
  }

  for (const name of spreading) {
    it(`${name} spreads what an excluded endpoint would get over all others`, () => {
      const ready = ["a", "b", "c", "d", "e"].map((id) => endpoint(id));
      const counts = tally(make(name).picker(ready), picks, (i) => ({
        ...excluding("b"),
        key: name === "consistent-hash" ? `k${i}` : undefined,
      }));
      for (const id of ["a", "c", "d", "e"]) expect((counts.get(id) ?? 0) / picks, id).to.be.closeTo(0.25, 0.02);
    });
  }

  it("random shares evenly between the two that are left of a thousand", () => {
    const ready = Array.from({ length: 1_000 }, (_, i) => endpoint(`e${i}`));
    const request = { ...anyCall, excludes: ({ id }: BalancerEndpoint) => id !== "e250" && id !== "e750" };
    const counts = tally(make("random").picker(ready), 5_000, () => request);
    expect((counts.get("e250") ?? 0) / 5_000).to.be.closeTo(0.5, 0.03);
    expect((counts.get("e750") ?? 0) / 5_000).to.be.closeTo(0.5, 0.03);
  });

  for (const name of spreading.filter((one) => one !== "consistent-hash")) {
    it(`B5: ${name} gives an endpoint that warms up its part of the share`, () => {
      const ready = [endpoint("old"), endpoint("older"), endpoint("new", { warmth: 0.25 })];
      expectShares(shares(name, ready), { old: 4 / 9, older: 4 / 9, new: 1 / 9 });
      const allNew = [endpoint("a", { warmth: 0.1 }), endpoint("b", { warmth: 0.1 })];
      expectShares(shares(name, allNew), { a: 0.5, b: 0.5 });
    });
  }
});
