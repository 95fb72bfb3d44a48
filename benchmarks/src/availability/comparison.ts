import { total } from "./bounds.js";
import type { RunResult } from "./run.js";

/** A line on which Farcall must be at least as good as the other. */
interface Line {
  readonly name: string;
  readonly figure: (result: RunResult) => number;
  /** Differences up to this much are the machine's. */
  readonly slack: number;
}

const lines: readonly Line[] = [
  { name: "failed quotes", figure: ({ score }) => total(score.failedQuotes), slack: 0 },
  { name: "failed orders", figure: ({ score }) => total(score.failedOrders), slack: 0 },
  { name: "orders run twice", figure: ({ score }) => score.ranTwice, slack: 0 },
  { name: "late entries", figure: ({ score }) => score.enteredLate, slack: 0 },
  { name: "ms of the slowest quote", figure: ({ score }) => score.timing.quoteMaxMs, slack: 50 },
  { name: "ms of failover", figure: ({ score }) => score.timing.failoverMs, slack: 50 },
];

/** The lines on which Farcall did worse than another framework under the same fault, by the mean of the rounds, in words. */
export function worseLines(results: readonly RunResult[]): string[] {
  const groups = new Map<string, RunResult[]>();
  for (const result of results) {
    const key = `${result.fault}/${result.framework}`;
    groups.set(key, [...(groups.get(key) ?? []), result]);
  }
  const faults = new Set(results.map(({ fault }) => fault));
  return [...faults].flatMap((fault) => {
    const ours = groups.get(`${fault}/farcall`);
    const theirs = groups.get(`${fault}/grpc`);
    if (ours === undefined || theirs === undefined) return [];
    return lines.flatMap(({ name, figure, slack }) => {
      const [our, their] = [mean(ours.map(figure)), mean(theirs.map(figure))];
      return our > their + slack ? [`${fault}: ${name}: ${round(our)}, grpc ${round(their)}`] : [];
    });
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
