import { expect } from "chai";
import type { BalancerEndpoint, Picker } from "./balancer.js";
import { ConsistentHash } from "./consistent-hash.js";
import { anyCall, endpoint, excluding, seeded, tally } from "./fleet.spec.support.js";

const keys = Array.from({ length: 20_000 }, (_, i) => `customer-${i}`);

function places(picker: Picker): (string | undefined)[] {
  return keys.map((key) => picker.pick({ ...anyCall, key })?.id);
}

function moved(before: readonly BalancerEndpoint[], after: readonly BalancerEndpoint[]): number {
  const was = places(new ConsistentHash().picker(before));
  const is = places(new ConsistentHash().picker(after));
  return was.filter((id, i) => id !== is[i]).length / keys.length;
}

const fleet = (count: number): BalancerEndpoint[] => Array.from({ length: count }, (_, i) => endpoint(`ws://10.0.0.${i}:7070`));

describe("consistent-hash", () => {
  it("sends a key to one place, whichever client asks and however the list is ordered", () => {
    const all = fleet(10);
    const one = places(new ConsistentHash().picker(all));
    expect(places(new ConsistentHash().picker([...all].reverse()))).to.deep.equal(one);
  });

  for (const count of [2, 3, 10, 50, 200]) {
    it(`B1: moves at most 1/n + 5 % of the keys when one of ${count} leaves, and all back when it returns`, () => {
      const all = fleet(count);
      expect(moved(all, all.slice(1))).to.be.within(0, 1 / count + 0.05);
      expect(moved(all.slice(1), all)).to.be.within(0, 1 / count + 0.05);
    });
  }

  it("moves only the keys of the one that leaves", () => {
    const all = fleet(10);
    const was = places(new ConsistentHash().picker(all));
    const is = places(new ConsistentHash().picker(all.slice(1)));
    expect(was.every((id, i) => id === is[i] || id === all[0]?.id)).to.equal(true);
  });

  it("moves only the keys of the one that leaves where weights differ", () => {
    const all = [endpoint("a", { weight: 10 }), endpoint("b", { weight: 10 }), endpoint("c", { weight: 20 })];
    expect(moved(all, all.slice(0, 2))).to.be.closeTo(0.5, 0.02);
    expect(moved(all, all.slice(1))).to.be.closeTo(0.25, 0.02);
  });

  it("B1: no endpoint has more than 1.25 times its even share of the calls under way, to the next whole call", () => {
    const all = fleet(10).map((one) => ({ ...one }));
    const picker = new ConsistentHash().picker(all);
    const random = seeded(4);
    for (let i = 1; i <= 2_000; i++) {
      // Half of all calls are for one key.
      const picked = picker.pick({ ...anyCall, key: random() < 0.5 ? "hot" : `k${i}` }) as { pending: number };
      picked.pending++;
      const most = Math.ceil((1.25 * i) / all.length);
      expect(Math.max(...all.map(({ pending }) => pending))).to.be.at.most(most);
    }
  });

  it("keeps keys in place with a load factor of Infinity", () => {
    const all = fleet(3);
    const home = new ConsistentHash().picker(all).pick({ ...anyCall, key: "hot" });
    const busy = all.map((one) => ({ ...one, pending: one.id === home?.id ? 500 : 0 }));
    expect(new ConsistentHash().picker(busy).pick({ ...anyCall, key: "hot" })?.id).to.not.equal(home?.id);
    const fixed = new ConsistentHash({ loadFactor: Number.POSITIVE_INFINITY }).picker(busy);
    expect(fixed.pick({ ...anyCall, key: "hot" })?.id).to.equal(home?.id);
  });

  it("goes on to one and the same place when the first is excluded, and takes a full one rather than none", () => {
    const all = fleet(5);
    const picker = new ConsistentHash().picker(all);
    const home = picker.pick({ ...anyCall, key: "k" })?.id as string;
    const next = new Set(Array.from({ length: 50 }, () => picker.pick({ ...excluding(home), key: "k" })?.id));
    expect(next.size).to.equal(1);
    const busy = all.map((one, i) => ({ ...one, pending: i === 0 ? 1_000 : 0 }));
    const others = busy.slice(1).map(({ id }) => id);
    expect(new ConsistentHash().picker(busy).pick({ ...excluding(...others), key: "k" })?.id).to.equal(busy[0]?.id);
  });

  it("balances calls without a key by p2c-ewma", () => {
    const slow = endpoint("slow", { latencyMs: 100 });
    const picker = new ConsistentHash({ random: seeded(5) }).picker([endpoint("quick", { latencyMs: 2 }), slow]);
    expect((tally(picker, 10_000).get("slow") ?? 0) / 10_000).to.be.below(0.03);
  });
});
