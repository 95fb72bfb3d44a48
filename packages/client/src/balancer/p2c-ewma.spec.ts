import { expect } from "chai";
import { anyCall, endpoint, Simulation, seeded, tally } from "./fleet.spec.support.js";
import { P2cEwma } from "./p2c-ewma.js";

function simulation(seed = 1): Simulation {
  return new Simulation(seed, (random) => new P2cEwma(random));
}

/** Calls per second at which hardly two calls are under way at once, and at which several always are. */
const rates = [20, 500, 2_000];

describe("p2c-ewma", () => {
  for (const rate of rates) {
    it(`B2: one of ten that is ten times slower gets less than 3 % after 2 s, at ${rate} calls/s`, () => {
      for (const ms of [0.5, 2, 20]) {
        const fleet = simulation();
        for (let i = 0; i < 10; i++) fleet.add(`s${i}`, fleet.taking(i === 0 ? 10 * ms : ms));
        fleet.run(2_000, rate);
        expect(fleet.run(20_000, rate).get("s0"), `${ms} ms`).to.be.below(0.03);
      }
    });

    it(`B2: one of three that is twenty times slower gets at most 10 %, at ${rate} calls/s`, () => {
      const fleet = simulation();
      for (const [id, ms] of Object.entries({ slow: 40, a: 2, b: 2 })) fleet.add(id, fleet.taking(ms));
      expect(fleet.run(2_000, rate).get("slow")).to.be.at.most(0.1);
      expect(fleet.run(20_000, rate).get("slow")).to.be.at.most(0.05);
    });
  }

  it("B2: one that becomes slow under way is left within 2 s, and gets its share again once it is well", () => {
    const fleet = simulation();
    for (let i = 0; i < 10; i++) fleet.add(`s${i}`, fleet.taking(2));
    fleet.run(5_000, 500);
    const [first] = fleet.servers;
    if (first === undefined) throw new Error("no server");
    first.behaviour = fleet.taking(20);
    fleet.run(2_000, 500);
    expect(fleet.run(5_000, 500).get("s0")).to.be.below(0.03);
    first.behaviour = fleet.taking(2);
    fleet.run(10_000, 500);
    expect(fleet.run(20_000, 500).get("s0")).to.be.closeTo(0.1, 0.02);
  });

  it("a frozen one of three gets at most 10 calls at 500 calls/s before it is left alone", () => {
    for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
      const fleet = simulation(seed);
      let isFrozen = false;
      const frozen = fleet.add("frozen", { ...fleet.taking(2), isFrozen: () => isFrozen });
      for (const id of ["a", "b"]) fleet.add(id, fleet.taking(2));
      fleet.run(5_000, 500);
      isFrozen = true;
      const before = frozen.calls;
      fleet.run(1_000, 500);
      expect(frozen.calls - before, `seed ${seed}`).to.be.at.most(10);
      expect(fleet.run(14_000, 500).get("frozen")).to.be.below(0.001);
    }
  });

  it("one that is frozen from the start, so that nothing is known of it, gets no more than that", () => {
    const fleet = simulation();
    const frozen = fleet.add("frozen", { ...fleet.taking(2), isFrozen: () => true });
    for (const id of ["a", "b"]) fleet.add(id, fleet.taking(2));
    fleet.run(10_000, 500);
    expect(frozen.calls).to.be.at.most(10);
  });

  it("B3: one of ten that fails at once loses its share, whether it ever worked or not", () => {
    for (const workedForMs of [0, 5_000]) {
      const fleet = simulation();
      let isBroken = false;
      for (let i = 0; i < 10; i++) fleet.add(`s${i}`, { ...fleet.taking(20), fails: () => i === 0 && isBroken });
      fleet.run(workedForMs, 500);
      isBroken = true;
      fleet.run(2_000, 500);
      // Row 56 asks for less than 5 %.
      expect(fleet.run(60_000, 500).get("s0"), `worked for ${workedForMs} ms`).to.be.below(0.01);
    }
  });

  it("B3: one that fails every tenth call gets less than the others, and something", () => {
    const fleet = simulation();
    for (let i = 0; i < 4; i++) fleet.add(`s${i}`, { ...fleet.taking(2), fails: () => i === 0 && fleet.random() < 0.1 });
    expect(fleet.run(30_000, 500).get("s0")).to.be.within(0.02, 0.2);
  });

  it("B5: a third one carries 25 % within 3 s, although its first calls take twenty times as long", () => {
    for (const seed of [1, 2, 3, 4]) {
      const fleet = simulation(seed);
      for (const id of ["a", "b"]) fleet.add(id, fleet.taking(2));
      fleet.run(5_000, 500);
      let calls = 0;
      const { workMs, awayMs } = fleet.taking(2);
      const joined = fleet.add("new", { workMs: () => (calls++ < 3 ? 40 : workMs()), awayMs }, { slowStart: true });
      // Not at once, either: it is cold.
      expect(fleet.run(500, 500).get("new")).to.be.below(0.2);
      fleet.run(1_500, 500);
      expect(fleet.run(1_000, 500).get("new"), `seed ${seed}, ${joined.calls} calls`).to.be.at.least(0.25);
    }
  });

  it("two that join two are within 10 % of even after 10 s", () => {
    const fleet = simulation();
    for (const id of ["a", "b"]) fleet.add(id, fleet.taking(2));
    fleet.run(5_000, 500);
    for (const id of ["c", "d"]) fleet.add(id, fleet.taking(2), { slowStart: true });
    fleet.run(10_000, 500);
    for (const [id, share] of fleet.run(20_000, 500)) expect(share, id).to.be.within(0.225, 0.275);
  });

  it("row 59: one that joins 50 busy ones gets calls within 1 s, and no more than its share", () => {
    const fleet = simulation();
    for (let i = 0; i < 50; i++) fleet.add(`s${i}`, fleet.taking(5));
    fleet.run(3_000, 4_000);
    const joined = fleet.add("new", fleet.taking(5), { slowStart: true });
    const first = fleet.run(1_000, 4_000).get("new") ?? 0;
    expect(joined.calls).to.be.above(0);
    expect(first).to.be.below(1 / 51);
    fleet.run(3_000, 4_000);
    expect(fleet.run(10_000, 4_000).get("new")).to.be.closeTo(1 / 51, 0.006);
  });

  for (const rate of [20, 50, 200, 500, 2_000]) {
    it(`B1: keeps to weights within 2 % over 100 000 calls, where latencies differ from call to call, at ${rate} calls/s`, () => {
      for (const weights of [
        [1, 2, 5],
        [1, 9],
      ]) {
        const fleet = simulation();
        for (const weight of weights) fleet.add(`w${weight}`, fleet.taking(2), { weight });
        const got = fleet.run(100_000_000 / rate, rate);
        const sum = weights.reduce((a, b) => a + b);
        for (const weight of weights) expect(got.get(`w${weight}`), `weight ${weight}`).to.be.closeTo(weight / sum, 0.02);
      }
    });
  }

  it("B1: keeps even shares from moment to moment where one call in ten takes a hundred times as long as the others", () => {
    const fleet = simulation();
    for (const id of ["a", "b", "c"]) {
      fleet.add(id, { workMs: fleet.around(0.2), awayMs: (method) => (method === "report" ? 200 : 2) });
    }
    const method = () => (fleet.random() < 0.1 ? "report" : "look");
    fleet.run(2_000, 500, method);
    let far = 0;
    for (let i = 0; i < 50; i++) far += Math.abs((fleet.run(200, 500, method).get("a") ?? 0) - 1 / 3);
    // Chance alone makes 0.038 with a hundred calls; 0.12 without regard to the methods.
    expect(far / 50).to.be.below(0.06);
  });

  it("takes an unknown latency for the other's: no rush to it, no fear of it", () => {
    const ready = [endpoint("known", { latencyMs: 50 }), endpoint("unknown")];
    expect((tally(new P2cEwma(seeded(3)).picker(ready), 10_000).get("unknown") ?? 0) / 10_000).to.be.closeTo(0.5, 0.02);
    const crowded = [endpoint("known", { latencyMs: 50, pending: 1 }), endpoint("unknown", { pending: 20 })];
    expect((tally(new P2cEwma(seeded(3)).picker(crowded), 10_000).get("unknown") ?? 0) / 10_000).to.be.below(0.05);
  });

  it("tries one that costs too much now and then, but only while nothing waits there", () => {
    const slow = endpoint("slow", { latencyMs: 1e6 });
    const ready = [endpoint("quick", { latencyMs: 1 }), slow];
    const picker = new P2cEwma(seeded(3)).picker(ready);
    expect((tally(picker, 100_000).get("slow") ?? 0) / 100_000).to.be.within(0.003, 0.007);
    slow.pending = 1;
    expect(tally(picker, 100_000).get("slow")).to.equal(undefined);
  });

  it("asks for the exclusion of few endpoints, not of all", () => {
    const ready = Array.from({ length: 1_000 }, (_, i) => endpoint(`e${i}`));
    const picker = new P2cEwma(seeded(3)).picker(ready);
    let asked = 0;
    const request = { ...anyCall, excludes: () => ++asked < 0 };
    for (let i = 0; i < 1_000; i++) picker.pick(request);
    expect(asked).to.be.below(2_100);
  });
});
