import { total } from "./bounds.js";
import type { FailureCount } from "./checker.js";
import { type Fault, silentFaults } from "./faults/fault.js";
import { faults } from "./faults/index.js";
import type { FrameworkName } from "./frameworks/index.js";
import type { RunResult } from "./run.js";

/** A fault that could not be done to a framework, and why. */
export interface Skipped {
  readonly framework: FrameworkName;
  readonly fault: Fault["name"];
  readonly why: string;
}

const columns = [
  "",
  "calls",
  "failed quotes",
  "failed orders",
  "twice",
  "wrong no/yes",
  "quote p99/max ms",
  "calm p99/max",
  "failover ms",
  "late picks",
  "late entries",
  "share of it",
] as const;

/** The figures for a terminal: one block for each fault, one line for each framework, ranges over the rounds. */
export function formatResults(results: readonly RunResult[], skipped: readonly Skipped[]): string {
  const names = [...new Set([...results, ...skipped].map(({ fault }) => fault))];
  const blocks = names.map((name) => {
    const of = results.filter((result) => result.fault === name);
    const groups = [...new Set(of.map(({ framework }) => framework))].map((framework) =>
      of.filter((result) => result.framework === framework),
    );
    const missing = skipped.filter((one) => one.fault === name).map(({ framework, why }) => `${framework}  n/a: ${why}`);
    const lines = [align([[...columns], ...groups.map(row)]), ...missing, ...groups.flatMap(describeFailures)];
    return `${name}: ${faults[name].title}\n${lines.join("\n")}`;
  });
  return blocks.join("\n\n");
}

/** The rounds of one framework under one fault. */
type Rounds = readonly RunResult[];

function row(rounds: Rounds): string[] {
  const over = (figure: (result: RunResult) => number): string => range(rounds.map(figure));
  const fault = rounds[0]?.fault;
  const says = rounds.every(({ score }) => [...score.failedQuotes, ...score.failedOrders].every(isSaid));
  return [
    rounds[0]?.framework ?? "",
    over(({ score }) => score.calls),
    over(({ score }) => total(score.failedQuotes)),
    over(({ score }) => total(score.failedOrders)),
    over(({ score }) => score.ranTwice),
    says ? `${over(({ score }) => score.falseNo)}/${over(({ score }) => score.falseYes)}` : "says nothing",
    `${over(({ score }) => score.timing.quoteP99Ms)}/${over(({ score }) => score.timing.quoteMaxMs)}`,
    `${over(({ score }) => score.timing.calmP99Ms)}/${over(({ score }) => score.timing.calmMaxMs)}`,
    over(({ score }) => score.timing.failoverMs),
    silentFaults.some((name) => name === fault) ? over(({ score }) => score.timing.latePicks) : "-",
    over(({ score }) => score.enteredLate),
    describeShares(rounds),
  ];
}

function describeShares(rounds: Rounds): string {
  const victims = rounds.flatMap(({ run, score }) => run.victims.map((name) => score.timing.shares[name] ?? 0));
  if (victims.length === 0) {
    const shares = rounds.flatMap(({ score }) => Object.values(score.timing.shares));
    return `${percent(shares)} each`;
  }
  if (rounds[0]?.fault !== "added") return percent(victims);
  const quarters = rounds.map(({ score }) => score.timing.quarterAfterMs ?? Number.POSITIVE_INFINITY);
  return `${percent(victims)}, a quarter after ${range(quarters)} ms`;
}

/** One that had nothing fail is taken at its word. */
function isSaid({ executed }: FailureCount): boolean {
  return executed !== "not said";
}

function describeFailures(rounds: Rounds): string[] {
  const framework = rounds[0]?.framework ?? "";
  const latest = Math.max(...rounds.map(({ score }) => score.latestEntryMs));
  return [
    ...describe(framework, "quotes", rounds, (round) => round.score.failedQuotes),
    ...describe(framework, "orders", rounds, (round) => round.score.failedOrders),
    ...(latest > 0 ? [`  ${framework}: latest entry ${(latest / 1_000).toFixed(1)} s after its deadline`] : []),
    ...rounds.flatMap(({ score, seed, folder }) => [
      ...Object.entries(score.examples)
        .filter(([, ids]) => ids.length > 0)
        .map(([what, ids]) => `  ${framework}, seed ${seed}: ${what}: calls ${ids.join(", ")}, ...`),
      ...(folder === undefined ? [] : [`  ${framework}, seed ${seed}: logs in ${folder}`]),
    ]),
  ];
}

/** Failed calls of all rounds, together where they ended alike. */
function describe(
  framework: string,
  kind: string,
  rounds: Rounds,
  failures: (round: RunResult) => readonly FailureCount[],
): string[] {
  const sums = new Map<string, { count: number; ran: number }>();
  for (const { code, executed, count, ran } of rounds.flatMap(failures)) {
    const key = `${code}, executed: ${executed}`;
    const sum = sums.get(key) ?? { count: 0, ran: 0 };
    sums.set(key, { count: sum.count + count, ran: sum.ran + ran });
  }
  return [...sums].map(([how, { count, ran }]) => `  ${framework}: ${count} ${kind} ${how}; ${ran} of them ran`);
}

/** First column to the left, figures to the right. */
function align(table: readonly (readonly string[])[]): string {
  const widths = columns.map((_, column) => Math.max(...table.map((line) => (line[column] ?? "").length)));
  return table
    .map((line) =>
      line
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function percent(parts: readonly number[]): string {
  return `${range(parts.map((part) => part * 100))} %`;
}

/** The least and the most, in whole numbers. */
function range(values: readonly number[]): string {
  const [min, max] = [Math.min(...values), Math.max(...values)].map((value) =>
    Number.isFinite(value) ? Math.round(value).toLocaleString("en-US") : "never",
  );
  return min === max ? `${min}` : `${min}..${max}`;
}
