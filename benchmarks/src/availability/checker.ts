import type { CallRecord, RunRecord, ServerRecord } from "./records.js";
import { scoreTiming, type Timing } from "./timing.js";

/** Failed calls of one kind that ended alike. */
export interface FailureCount {
  readonly code: string;
  /** `not said` for a framework that never says. */
  readonly executed: "no" | "yes" | "unknown" | "not said";
  readonly count: number;
  /** Those whose handler was entered, before or after the caller was told. */
  readonly ran: number;
}

/** What the logs of the servers prove of what the callers were told. */
export interface Score {
  readonly calls: number;
  readonly quotes: number;
  readonly orders: number;
  readonly failedQuotes: readonly FailureCount[];
  readonly failedOrders: readonly FailureCount[];
  /** Orders whose handler was entered more than once, by any servers. */
  readonly ranTwice: number;
  /** Calls reported with `executed: "no"` whose handler was entered. */
  readonly falseNo: number;
  /** Calls reported with `executed: "yes"` whose handler was not entered. */
  readonly falseYes: number;
  /** Orders reported as done of which no server has the effect. */
  readonly falseSuccess: number;
  /** Calls reported with `executed: "unknown"`, and how many of them ran. */
  readonly unknown: number;
  readonly unknownRan: number;
  /** Handlers entered after the deadline of their call, and by how much at worst. */
  readonly enteredLate: number;
  readonly enteredLateOrders: number;
  readonly latestEntryMs: number;
  readonly timing: Timing;
  /** Some ids behind every figure that should be zero, for whoever investigates. */
  readonly examples: Readonly<Record<string, readonly number[]>>;
}

/** Two processes read one clock a moment apart, and deadlines travel as time left. */
const toleranceMs = 50;

const exampleCount = 5;

/** Holds what the client was told against what the servers wrote down. Reads nothing else. */
export function score(run: RunRecord, calls: readonly CallRecord[], log: readonly ServerRecord[]): Score {
  const entries = countById(log, "entry");
  const effects = countById(log, "effect");
  const ran = ({ id }: { readonly id: number }): boolean => entries.has(id);
  const orders = calls.filter((call) => call.kind === "order");
  const quotes = calls.filter((call) => call.kind === "quote");
  const twice = orders.filter(({ id }) => (entries.get(id) ?? 0) > 1);
  const falseNo = calls.filter((call) => call.executed === "no" && ran(call));
  const falseYes = calls.filter((call) => call.executed === "yes" && !ran(call));
  const falseSuccess = orders.filter((call) => call.code === "OK" && !effects.has(call.id));
  const unknown = calls.filter((call) => call.executed === "unknown");
  const late = log.filter((record) => record.event === "entry" && record.at > record.deadline + toleranceMs);
  const ids = (found: readonly { readonly id: number }[]): number[] => found.slice(0, exampleCount).map(({ id }) => id);
  return {
    calls: calls.length,
    quotes: quotes.length,
    orders: orders.length,
    failedQuotes: countFailures(quotes, ran),
    failedOrders: countFailures(orders, ran),
    ranTwice: twice.length,
    falseNo: falseNo.length,
    falseYes: falseYes.length,
    falseSuccess: falseSuccess.length,
    unknown: unknown.length,
    unknownRan: unknown.filter(ran).length,
    enteredLate: late.length,
    enteredLateOrders: late.filter((record) => record.kind === "order").length,
    latestEntryMs: late.reduce((worst, record) => Math.max(worst, record.at - record.deadline), 0),
    timing: scoreTiming(run, calls, log),
    examples: {
      ranTwice: ids(twice),
      falseNo: ids(falseNo),
      falseYes: ids(falseYes),
      falseSuccess: ids(falseSuccess),
      enteredLate: ids(late),
    },
  };
}

function countById(log: readonly ServerRecord[], event: ServerRecord["event"]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const record of log) if (record.event === event) counts.set(record.id, (counts.get(record.id) ?? 0) + 1);
  return counts;
}

function countFailures(calls: readonly CallRecord[], ran: (call: CallRecord) => boolean): FailureCount[] {
  const groups = new Map<string, CallRecord[]>();
  for (const call of calls) {
    if (call.code === "OK") continue;
    const key = `${call.code} ${call.executed ?? "not said"}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [call]);
    else group.push(call);
  }
  return [...groups.values()].map((group) => ({
    code: group[0]?.code ?? "",
    executed: group[0]?.executed ?? "not said",
    count: group.length,
    ran: group.filter(ran).length,
  }));
}
