import { type CallRecord, deadlineMs, type FaultRecord, type JournalEntry, type Method, methods } from "../records.js";
import { percentile } from "../traffic/tally.js";

/** What everybody wrote down, side by side. */
export interface Evidence {
  readonly calls: readonly CallRecord[];
  readonly journals: readonly JournalEntry[];
  /** In the order they struck. */
  readonly faults: readonly FaultRecord[];
}

/** One call, by the client's word and by the servers'. */
export interface Case {
  readonly record: CallRecord;
  /** Every time a server began to carry it out. */
  readonly entries: readonly JournalEntry[];
  /** The last fault that struck before it ended; `undefined` before the first. */
  readonly fault: FaultRecord | undefined;
}

/** The calls between one fault and the next. */
export interface Period {
  readonly title: string;
  readonly calls: number;
  /** What quotes took that had to be sent to a second server: from the call to its answer, in milliseconds. */
  readonly failovers: readonly number[];
  readonly p50: number;
  readonly p99: number;
  /** The slowest quote of all, in milliseconds. */
  readonly slowest: number;
  readonly failed: number;
}

/** Failed calls that ended alike. */
export interface Failure {
  readonly method: Method;
  readonly during: string;
  readonly code: string;
  readonly executed: string;
  readonly count: number;
  /** Those that a server began to carry out, whatever the caller was told. */
  readonly ran: number;
}

export interface Score {
  readonly calls: Readonly<Record<Method, number>>;
  readonly perSecond: number;
  /** How many calls each server carried out. */
  readonly shares: readonly (readonly [server: string, calls: number])[];
  readonly periods: readonly Period[];
  readonly failures: readonly Failure[];
}

export function casesOf({ calls, journals, faults }: Evidence): Case[] {
  const entries = groupBy(journals, (entry) => entry.call);
  return calls.map((record) => ({
    record,
    entries: entries.get(record.call) ?? [],
    fault: faults.findLast(({ struckAt }) => struckAt <= record.started + record.ms),
  }));
}

export function score({ calls, journals, faults }: Evidence, cases: readonly Case[]): Score {
  const starts = calls.map(({ started }) => started).sort((a, b) => a - b);
  const seconds = ((starts.at(-1) ?? 0) - (starts[0] ?? 0)) / 1_000;
  const count = (method: Method): number => calls.filter((call) => call.method === method).length;
  const byServer = [...groupBy(journals, (entry) => entry.server)].map(([server, list]) => [server, list.length] as const);
  return {
    calls: Object.fromEntries(methods.map((method) => [method, count(method)])) as Record<Method, number>,
    perSecond: seconds === 0 ? 0 : calls.length / seconds,
    shares: byServer.sort(([a], [b]) => a.localeCompare(b)),
    periods: [undefined, ...faults].map((fault) => periodOf(cases.filter((one) => one.fault === fault))),
    failures: failuresOf(cases),
  };
}

/** No call is carried out after its deadline, but two processes may read one clock a moment apart. */
export function lateBy({ record, entries }: Case): number {
  const toleranceMs = 50;
  const last = Math.max(0, ...entries.map(({ at }) => at));
  return Math.max(0, last - record.started - deadlineMs - toleranceMs);
}

export function during(fault: FaultRecord | undefined): string {
  return fault?.title ?? "no fault yet";
}

function periodOf(cases: readonly Case[]): Period {
  const quotes = cases.filter(({ record }) => record.method === "quote");
  const movedOn = quotes.filter(({ record, entries }) => record.code === "OK" && entries.some(({ attempt }) => attempt > 0));
  const failovers = movedOn.map(({ record }) => record.ms);
  return {
    title: during(cases[0]?.fault),
    calls: cases.length,
    failovers,
    p50: percentile(failovers, 0.5),
    p99: percentile(failovers, 0.99),
    slowest: Math.max(0, ...quotes.map(({ record }) => record.ms)),
    failed: cases.filter(({ record }) => record.code !== "OK").length,
  };
}

function failuresOf(cases: readonly Case[]): Failure[] {
  const failed = cases.filter(({ record }) => record.code !== "OK");
  const alike = groupBy(failed, ({ record, fault }) => [record.method, during(fault), record.code, record.executed].join());
  return [...alike.values()].map((group) => {
    const [{ record, fault }] = group as [Case, ...Case[]];
    const { method, code, executed = "" } = record;
    const ran = group.filter(({ entries }) => entries.length > 0).length;
    return { method, during: during(fault), code, executed, count: group.length, ran };
  });
}

function groupBy<T, Key>(items: readonly T[], key: (item: T) => Key): Map<Key, T[]> {
  const groups = new Map<Key, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
}
