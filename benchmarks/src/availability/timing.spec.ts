import { expect } from "chai";
import type { CallRecord, RunRecord, ServerRecord } from "./records.js";
import { scoreTiming, type Timing } from "./timing.js";

const strike = 100_000;
const run: RunRecord = {
  framework: "x",
  fault: "freeze",
  servers: ["a", "b", "c"],
  victims: ["a"],
  calmFrom: strike - 3_000,
  strikes: [strike],
  lifted: strike + 15_000,
  until: strike + 21_000,
};

function call(id: number, startedAfter: number, changes: Partial<CallRecord> = {}): CallRecord {
  return { id, kind: "order", started: strike + startedAfter, latencyMs: 3, code: "OK", ...changes };
}

function entry({ id, kind, started }: CallRecord, server: string): ServerRecord {
  return { event: "entry", id, kind, server, at: started + 1, started, deadline: started + 5_000 };
}

function timing(calls: readonly CallRecord[], log: readonly ServerRecord[] = [], changes: Partial<RunRecord> = {}): Timing {
  return scoreTiming({ ...run, ...changes }, calls, log);
}

describe("the availability checker's times", () => {
  it("takes the slowest quote from the fault on, and does not blame the calm for those under way when it struck", () => {
    const quote = { kind: "quote" } as const;
    const calls = [
      call(1, -2_000, { ...quote, latencyMs: 7 }),
      call(2, -1, { ...quote, latencyMs: 900 }),
      call(3, 10, { ...quote, latencyMs: 1_400 }),
      call(4, 20, { latencyMs: 4_000 }),
    ];
    expect(timing(calls)).to.include({ calmMaxMs: 7, quoteMaxMs: 1_400 });
  });

  it("says from when on no call was disturbed, by failing or by taking long, before the fault was lifted", () => {
    const failed = { code: "UNAVAILABLE" };
    expect(timing([call(1, 5), call(2, 10)]).failoverMs).to.equal(0);
    expect(timing([call(1, 300, failed), call(2, 900, { latencyMs: 600 }), call(3, 901)]).failoverMs).to.equal(900);
    expect(timing([call(1, 300, failed), call(2, 15_001, failed)]).failoverMs).to.equal(300);
  });

  it("takes the longest failover of several strikes", () => {
    const underWay = call(3, 4_999, { code: "UNAVAILABLE" });
    const calls = [call(1, 100, { latencyMs: 400 }), call(2, 5_250, { latencyMs: 400 }), underWay];
    expect(timing(calls, [], { strikes: [strike, strike + 5_000] }).failoverMs).to.equal(250);
  });

  it("counts a late pick by the victim's log, and by failed orders that nobody else ran", () => {
    const early = call(1, 1_400);
    const late = call(2, 1_600);
    const elsewhere = call(3, 1_700);
    const lost = call(4, 1_800, { code: "DEADLINE_EXCEEDED", executed: "unknown" });
    const notSent = call(5, 1_900, { code: "DEADLINE_EXCEEDED", executed: "no" });
    const log = [entry(early, "a"), entry(late, "a"), entry(elsewhere, "b")];
    expect(timing([early, late, elsewhere, lost, notSent], log).latePicks).to.equal(2);
  });

  it("shares out the calls begun while the fault lasted, and says when the new server had a quarter", () => {
    const calls = Array.from({ length: 40 }, (_, id) => call(id, id * 100));
    const log = calls.map((one, i) => entry(one, i >= 20 && i % 2 === 0 ? "c" : i % 3 === 0 ? "a" : "b"));
    const { shares, quarterAfterMs } = timing(calls, log, { servers: ["a", "b"], victims: ["c"], lifted: strike + 4_000 });
    expect(shares.c).to.equal(0.25);
    expect(quarterAfterMs).to.equal(2_300);
  });
});
