import { type FaultName, faultNames, silentFaults } from "./faults/fault.js";
import type { RunResult } from "./run.js";

/** What Farcall promises under a fault, and where that is written. */
export interface Bound {
  readonly faults: readonly FaultName[];
  readonly text: string;
  readonly source: "issue 4" | "reliability.md";
  readonly figure: (result: RunResult) => number | undefined;
  readonly max?: number;
}

/** Every promise of the design that this benchmark can hold Farcall to. */
export const bounds: readonly Bound[] = [
  {
    faults: faultNames,
    text: "quotes that failed (idempotent, deadline 5 s)",
    source: "issue 4",
    figure: ({ score }) => total(score.failedQuotes),
    max: 0,
  },
  { faults: faultNames, text: "orders run twice", source: "issue 4", figure: ({ score }) => score.ranTwice, max: 0 },
  {
    faults: faultNames,
    text: 'calls reported executed: "no" that ran',
    source: "issue 4",
    figure: ({ score }) => score.falseNo,
    max: 0,
  },
  {
    faults: faultNames,
    text: 'calls reported executed: "yes" that did not run',
    source: "issue 4",
    figure: ({ score }) => score.falseYes,
    max: 0,
  },
  {
    faults: faultNames,
    text: "orders reported as done that were not",
    source: "reliability.md",
    figure: ({ score }) => score.falseSuccess,
    max: 0,
  },
  {
    faults: silentFaults,
    text: "ms of the slowest quote",
    source: "issue 4",
    figure: ({ score }) => score.timing.quoteMaxMs,
    max: 1_500,
  },
  {
    faults: silentFaults,
    text: "calls picked to the silent server later than 1.5 s",
    source: "issue 4",
    figure: ({ score }) => score.timing.latePicks,
    max: 0,
  },
  {
    faults: silentFaults,
    text: 'orders that ended executed: "unknown"',
    source: "issue 4",
    figure: ({ score }) => total(score.failedOrders.filter((failure) => failure.executed === "unknown")),
    max: 15,
  },
  {
    faults: silentFaults,
    text: "handlers entered after the call's deadline",
    source: "issue 4",
    figure: ({ score }) => score.enteredLate,
    max: 0,
  },
  {
    faults: ["rolling", "added"],
    text: "calls of any kind that failed",
    source: "issue 4",
    figure: ({ score }) => total(score.failedQuotes) + total(score.failedOrders),
    max: 0,
  },
  {
    faults: ["slow"],
    text: "part of the calls that went to the slow server",
    source: "issue 4",
    figure: ({ run, score }) => score.timing.shares[run.victims[0] ?? ""],
    max: 0.1,
  },
  {
    faults: ["added"],
    text: "ms until the new server has a quarter of the calls",
    source: "issue 4",
    figure: ({ score }) => score.timing.quarterAfterMs,
    max: 3_000,
  },
];

/** The bounds that this run of Farcall breaks, in words. */
export function brokenBounds(result: RunResult): string[] {
  return bounds
    .filter((bound) => bound.faults.includes(result.fault))
    .flatMap(({ text, source, figure, max = Number.POSITIVE_INFINITY }) => {
      const value = figure(result) ?? Number.NaN;
      return value <= max ? [] : [`${result.fault}, seed ${result.seed}: ${text}: ${round(value)}, at most ${max} (${source})`];
    });
}

export function total(failures: readonly { readonly count: number }[]): number {
  return failures.reduce((sum, { count }) => sum + count, 0);
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
