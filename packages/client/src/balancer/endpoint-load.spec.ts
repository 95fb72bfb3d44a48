import { type Code, codes } from "@farcall/protocol";
import { expect } from "chai";
import { countsAgainst, EndpointLoad } from "./endpoint-load.js";
import { SimulatedClock, seeded } from "./fleet.spec.support.js";

describe("the load of an endpoint", () => {
  it("row 60: is back to 0 after 10 000 calls that were answered, failed, cancelled or late at random", () => {
    const clock = new SimulatedClock();
    const random = seeded(60);
    const loads = Array.from({ length: 5 }, () => new EndpointLoad(clock));
    for (let i = 0; i < 10_000; i++) {
      clock.setTimeout(() => {
        const load = loads[i % 5] as EndpointLoad;
        const startedAt = clock.now();
        const tookMs = random() * 500;
        load.started(startedAt);
        const end = random();
        clock.setTimeout(() => {
          if (end < 0.25) load.finished(clock.now(), tookMs, false);
          else if (end < 0.5) load.finished(clock.now(), tookMs, true);
          else load.cancelled(clock.now(), tookMs);
        }, tookMs);
      }, random() * 10_000);
    }
    clock.advanceTo(5_000);
    expect(loads.every(({ pending }) => pending > 0)).to.equal(true);
    clock.advanceTo(11_000);
    expect(loads.map(({ pending }) => pending)).to.deep.equal([0, 0, 0, 0, 0]);
  });

  it("knows nothing at first; rises with the second slow answer in a row, falls by a quarter with each quick one", () => {
    const { load, answer } = setting();
    expect(load.latencyMs).to.equal(0);
    answer(10);
    expect(load.latencyMs).to.equal(10);
    answer(50);
    expect(load.latencyMs).to.be.closeTo(15, 0.5);
    answer(60);
    expect(load.latencyMs).to.be.closeTo(50, 0.5);
    answer(10);
    expect(load.latencyMs).to.be.closeTo(40, 0.5);
  });

  it("forgets within some 10 s of idleness", () => {
    const { clock, load, answer } = setting();
    answer(100);
    clock.advanceTo(clock.now() + 10_000);
    expect(load.latencyMs).to.be.closeTo(100 / Math.E, 0.5);
    clock.advanceTo(clock.now() + 50_000);
    expect(load.latencyMs).to.be.below(1);
  });

  it("takes silence for latency as it grows, and only while somebody waits", () => {
    const { clock, load, answer } = setting();
    answer(2);
    load.started(clock.now());
    clock.advanceTo(clock.now() + 300);
    expect(load.latencyMs).to.equal(300);
    load.started(clock.now());
    load.finished(clock.now(), 1, false);
    expect(load.latencyMs).to.be.below(2);
    load.cancelled(clock.now(), 1);
    clock.advanceTo(clock.now() + 300);
    expect(load.latencyMs).to.be.below(2);
  });

  it("does not take for silence what a call usually takes", () => {
    const { clock, load } = setting();
    load.started(clock.now(), 60_000);
    clock.advanceTo(clock.now() + 30_000);
    expect(load.latencyMs).to.equal(0);
    // A quick call beside the long one: now an answer is due.
    load.started(clock.now(), 2);
    clock.advanceTo(clock.now() + 10);
    expect(load.latencyMs).to.be.above(10);
    load.finished(clock.now(), 10, false);
    clock.advanceTo(clock.now() + 25_000);
    expect(load.latencyMs).to.be.at.most(10);
    clock.advanceTo(clock.now() + 50_000);
    expect(load.latencyMs).to.equal(75_000);
  });

  it("learns from who gave up that it takes longer, never that it is quick", () => {
    const { clock, load, answer } = setting();
    answer(20);
    load.started(clock.now());
    load.cancelled(clock.now(), 5);
    expect(load.latencyMs).to.equal(20);
    load.started(clock.now());
    load.cancelled(clock.now(), 900);
    expect(load.latencyMs).to.equal(900);
  });

  it("B3: failures cost more than they take, from the first one on, and are lived down", () => {
    const { clock, load, answer } = setting();
    answer(0.1, true);
    expect(load.latencyMs).to.be.above(100);
    for (let i = 0; i < 30; i++) answer(0.1, true);
    expect(load.latencyMs).to.be.above(900);
    for (let i = 0; i < 100; i++) answer(2);
    expect(load.latencyMs).to.be.closeTo(2, 0.1);
    answer(0.1, true);
    expect(load.latencyMs).to.be.within(5, 20);
    for (let i = 0; i < 600; i++) {
      clock.advanceTo(clock.now() + 100);
      answer(0.1, true);
    }
    // A minute of failures does not let the memory of how long an answer takes fade until failing looks quick.
    expect(load.latencyMs).to.be.within(80, 101);
  });

  it("counts a failure that took long as long", () => {
    const { load, answer } = setting();
    answer(2);
    answer(500, true);
    expect(load.latencyMs).to.be.above(500);
  });

  it("knows whose fault a failure is", () => {
    const all = Object.keys(codes) as readonly Code[];
    expect(all.filter(countsAgainst)).to.have.members([
      "UNAVAILABLE",
      "INTERNAL",
      "UNKNOWN",
      "DATA_LOSS",
      "RESOURCE_EXHAUSTED",
      "UNIMPLEMENTED",
      "UNAUTHENTICATED",
    ]);
  });

  it("adds the loop lag that the peer reports, until it reports another or 10 s make it old", () => {
    const { clock, load, answer } = setting();
    load.reported(clock.now(), { lagMs: 200 });
    expect(load.latencyMs).to.equal(0);
    answer(2);
    expect(load.latencyMs).to.be.closeTo(202, 1);
    load.reported(clock.now(), { lagMs: 0 });
    expect(load.latencyMs).to.be.closeTo(2, 0.1);
    load.reported(clock.now(), { lagMs: 200 });
    clock.advanceTo(clock.now() + 30_000);
    expect(load.latencyMs).to.be.below(12);
  });

  it("B5: warms up from 0.1 to 1 in 3 s when others carry the load, and is warm at once when they do not", () => {
    const { clock, load } = setting();
    expect(load.warmth).to.equal(1);
    load.ready(clock.now(), false);
    expect(load.warmth).to.equal(1);
    const readyAt = clock.now();
    load.ready(readyAt, true);
    expect(load.warmth).to.equal(0.1);
    clock.advanceTo(readyAt + 1_500);
    expect(load.warmth).to.equal(0.5);
    clock.advanceTo(readyAt + 3_000);
    expect(load.warmth).to.equal(1);
  });

  it("forgets what an earlier connection measured, and keeps count of calls", () => {
    const { clock, load, answer } = setting();
    answer(500);
    answer(1, true);
    load.started(clock.now());
    load.ready(clock.now(), true);
    expect([load.latencyMs, load.pending]).to.deep.equal([0, 1]);
  });

  function setting() {
    const clock = new SimulatedClock();
    const load = new EndpointLoad(clock);
    const answer = (latencyMs: number, failed = false): void => {
      load.started(clock.now());
      clock.advanceTo(clock.now() + latencyMs);
      load.finished(clock.now(), latencyMs, failed);
    };
    return { clock, load, answer };
  }
});
