import type { CallRecord, RunRecord, ServerRecord } from "./records.js";

/** How the callers fared while the fault lasted. */
export interface Timing {
  /** Of quotes that began between the fault and the end of the load; failed ones count with the time until they failed. */
  readonly quoteP99Ms: number;
  readonly quoteMaxMs: number;
  /** The same before the fault: what the machine does by itself. */
  readonly calmP99Ms: number;
  readonly calmMaxMs: number;
  /**
   * From a strike of the fault to the start of the last call that it disturbed, before the next strike or before it was
   * lifted: one that failed or took longer than `disturbedMs`. Every later call went somewhere good. The longest of all
   * strikes; 0 when at most calls that were under way were disturbed.
   */
  readonly failoverMs: number;
  /**
   * Calls begun later than `suspectMs` after the fault, and well before it was lifted, that went to the victim all the same:
   * those in its log, and failed orders that nobody ran and of which it was not said that they had not been sent.
   */
  readonly latePicks: number;
  /** Part of the handler entries that each server has of the calls begun while the fault lasted. */
  readonly shares: Readonly<Record<string, number>>;
  /**
   * From the fault to the end of the first half second in which every victim had at least a quarter of the entries;
   * `undefined` when that never was. For a server that is added.
   */
  readonly quarterAfterMs: number | undefined;
}

/** A call that takes this long has met something: a hundred times its work. */
export const disturbedMs = 250;

/** The bound for the last pick of a frozen server, after the freeze. */
export const suspectMs = 1_500;

/** Calls begun this shortly before a server was back may have reached it in good health. */
const beforeLiftMs = 100;

const bucketMs = 500;

export function scoreTiming(run: RunRecord, calls: readonly CallRecord[], log: readonly ServerRecord[]): Timing {
  const { calmFrom, strikes, lifted, until, victims } = run;
  const from = strikes[0] ?? Number.NaN;
  const quotes = calls.filter((call) => call.kind === "quote");
  const after = latencies(quotes.filter((call) => call.started >= from && call.started <= until));
  const calm = latencies(quotes.filter(({ started, latencyMs }) => started >= calmFrom && started + latencyMs < from));
  const disturbed = calls.filter((call) => call.code !== "OK" || call.latencyMs > disturbedMs);
  const entries = log.filter((record) => record.event === "entry");
  return {
    quoteP99Ms: percentile(after, 0.99),
    quoteMaxMs: after.at(-1) ?? 0,
    calmP99Ms: percentile(calm, 0.99),
    calmMaxMs: calm.at(-1) ?? 0,
    failoverMs: Math.max(...strikes.map((strike, i) => lastStart(disturbed, strike, strikes[i + 1] ?? lifted) - strike)),
    latePicks: countLatePicks(run, from, calls, entries),
    shares: sharesOf(
      run,
      entries.filter((entry) => entry.started >= from && entry.started < lifted),
    ),
    quarterAfterMs: quarterAfter(from, lifted, victims, entries),
  };
}

/** When the last of the calls that began in this time began; `from` when none did. Those that met the next strike are its own. */
function lastStart(calls: readonly CallRecord[], from: number, until: number): number {
  return calls.reduce((last, { started, latencyMs }) => {
    const metNext = started > until - disturbedMs && started + latencyMs >= until;
    return started < until && !metNext ? Math.max(last, started) : last;
  }, from);
}

function countLatePicks(
  { lifted, victims }: RunRecord,
  from: number,
  calls: readonly CallRecord[],
  entries: readonly ServerRecord[],
): number {
  const late = ({ started }: { readonly started: number }): boolean =>
    started > from + suspectMs && started < lifted - beforeLiftMs;
  const entered = new Set(entries.map((entry) => entry.id));
  const atVictim = new Set(entries.filter((entry) => victims.includes(entry.server) && late(entry)).map((entry) => entry.id));
  for (const call of calls) {
    if (call.kind === "order" && call.code !== "OK" && call.executed !== "no" && late(call) && !entered.has(call.id))
      atVictim.add(call.id);
  }
  return atVictim.size;
}

function sharesOf({ servers, victims }: RunRecord, entries: readonly ServerRecord[]): Record<string, number> {
  const names = [...new Set([...servers, ...victims])].sort();
  const share = (name: string): number => entries.filter((entry) => entry.server === name).length / Math.max(1, entries.length);
  return Object.fromEntries(names.map((name) => [name, share(name)]));
}

function quarterAfter(from: number, until: number, victims: readonly string[], entries: readonly ServerRecord[]) {
  for (let start = from; start + bucketMs <= until; start += 100) {
    const bucket = entries.filter((entry) => entry.at >= start && entry.at < start + bucketMs);
    const count = (name: string): number => bucket.filter((entry) => entry.server === name).length;
    if (victims.length > 0 && victims.every((name) => count(name) > 0 && count(name) >= bucket.length / 4))
      return start + bucketMs - from;
  }
  return undefined;
}

/** In rising order. */
function latencies(calls: readonly CallRecord[]): number[] {
  return calls.map((call) => call.latencyMs).sort((a, b) => a - b);
}

function percentile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}
