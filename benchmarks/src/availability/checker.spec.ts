import { expect } from "chai";
import { score } from "./checker.js";
import type { CallRecord, RunRecord, ServerRecord } from "./records.js";

const strike = 100_000;
const lifted = strike + 15_000;

const run: RunRecord = {
  framework: "x",
  fault: "freeze",
  servers: ["a", "b", "c"],
  victims: ["a"],
  calmFrom: strike - 3_000,
  strikes: [strike],
  lifted,
  until: lifted + 6_000,
};

function call(id: number, changes: Partial<CallRecord> = {}): CallRecord {
  return { id, kind: "order", started: strike + id, latencyMs: 3, code: "OK", ...changes };
}

function failed(id: number, executed: CallRecord["executed"], changes: Partial<CallRecord> = {}): CallRecord {
  return call(id, { code: "UNAVAILABLE", ...(executed === undefined ? {} : { executed }), ...changes });
}

/** Both lines that a server writes for a call. */
function ran({ id, kind, started }: CallRecord, server = "b", afterMs = 1): ServerRecord[] {
  const about = { id, kind, server, started, deadline: started + 5_000 };
  return [
    { event: "entry", at: started + afterMs, ...about },
    { event: "effect", at: started + afterMs + 2, ...about },
  ];
}

describe("the availability checker", () => {
  it("finds nothing in a run without faults", () => {
    const calls = [1, 2, 3].map((id) => call(id));
    const result = score(
      run,
      calls,
      calls.flatMap((one) => ran(one)),
    );
    expect(result).to.include({ calls: 3, orders: 3, quotes: 0, ranTwice: 0, falseNo: 0, falseYes: 0, falseSuccess: 0 });
    expect(result).to.include({ unknown: 0, unknownRan: 0, enteredLate: 0 });
    expect(result.failedOrders).to.deep.equal([]);
  });

  it("catches an order that two servers ran, and lets quotes run twice", () => {
    const order = call(1);
    const quote = call(2, { kind: "quote" });
    const result = score(run, [order, quote], [...ran(order), ...ran(order, "c"), ...ran(quote), ...ran(quote, "c")]);
    expect(result.ranTwice).to.equal(1);
    expect(result.examples.ranTwice).to.deep.equal([1]);
  });

  it("catches an order that one server entered twice, even if only one of them came to an end", () => {
    const order = failed(1, "unknown");
    const [entry] = ran(order);
    expect(score(run, [order], [...ran(order), entry as ServerRecord]).ranTwice).to.equal(1);
  });

  it("catches a false no, also when the call ran long after the caller was told", () => {
    const calls = [failed(1, "no"), failed(2, "no"), failed(3, "no", { kind: "quote" })];
    const result = score(run, calls, [...ran(call(1), "a", 14_000), ...ran(call(3, { kind: "quote" }))]);
    expect(result.falseNo).to.equal(2);
    expect(result.examples.falseNo).to.deep.equal([1, 3]);
  });

  it("catches a false yes, and does not mind one whose effect is missing", () => {
    const [entry] = ran(call(2));
    const result = score(run, [failed(1, "yes"), failed(2, "yes")], [entry as ServerRecord]);
    expect(result).to.include({ falseYes: 1, falseNo: 0 });
  });

  it("catches an order reported as done that has no effect", () => {
    const [entry] = ran(call(1));
    expect(score(run, [call(1), call(2)], [entry as ServerRecord, ...ran(call(2))]).falseSuccess).to.equal(1);
  });

  it("counts the unknown and how many of them ran, and concludes nothing from a framework that says nothing", () => {
    const calls = [failed(1, "unknown"), failed(2, "unknown"), failed(3, undefined), failed(4, undefined)];
    const result = score(run, calls, [...ran(call(1)), ...ran(call(3))]);
    expect(result).to.include({ unknown: 2, unknownRan: 1, falseNo: 0, falseYes: 0 });
    expect(result.failedOrders).to.deep.equal([
      { code: "UNAVAILABLE", executed: "unknown", count: 2, ran: 1 },
      { code: "UNAVAILABLE", executed: "not said", count: 2, ran: 1 },
    ]);
  });

  it("counts handlers entered after the deadline of their call", () => {
    const log = [...ran(call(1), "a", 4_990), ...ran(call(2), "a", 9_000)];
    expect(score(run, [failed(1, "unknown"), failed(2, "unknown")], log)).to.include({
      enteredLate: 1,
      enteredLateOrders: 1,
      latestEntryMs: 4_000,
    });
  });
});
