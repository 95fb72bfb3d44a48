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
  "shares",
] as const;

/** The figures for a terminal: one block for each fault. */
export function formatResults(results: readonly RunResult[], skipped: readonly Skipped[]): string {
  const names = [...new Set([...results, ...skipped].map(({ fault }) => fault))];
  const blocks = names.map((name) => {
    const rows = results.filter((result) => result.fault === name).map(row);
    const missing = skipped.filter((one) => one.fault === name).map(({ framework, why }) => [framework, `n/a: ${why}`]);
    const details = results.filter((result) => result.fault === name).flatMap(describeFailures);
    const lines = [align([[...columns], ...rows]), ...missing.map((cells) => cells.join("  ")), ...details];
    return `${name}: ${faults[name].title}\n${lines.join("\n")}`;
  });
  return blocks.join("\n\n");
}

function row({ framework, fault, score }: RunResult): string[] {
  const { timing } = score;
  const silent = silentFaults.includes(fault);
  const entries = Object.entries(timing.shares).map(([name, share]) => `${name} ${Math.round(share * 100)} %`);
  const quarter = timing.quarterAfterMs === undefined ? "never" : `${timing.quarterAfterMs} ms`;
  return [
    framework,
    String(score.calls),
    String(total(score.failedQuotes)),
    String(total(score.failedOrders)),
    String(score.ranTwice),
    says(score.failedQuotes, score.failedOrders) ? `${score.falseNo}/${score.falseYes}` : "says nothing",
    `${whole(timing.quoteP99Ms)}/${whole(timing.quoteMaxMs)}`,
    `${whole(timing.calmP99Ms)}/${whole(timing.calmMaxMs)}`,
    String(timing.failoverMs),
    silent ? String(timing.latePicks) : "-",
    score.enteredLate === 0 ? "0" : `${score.enteredLate} (${(score.latestEntryMs / 1_000).toFixed(1)} s)`,
    `${entries.join(", ")}${fault === "added" ? `; a quarter after ${quarter}` : ""}`,
  ];
}

/** Whether the framework says of what failed if it ran; one that had nothing fail is taken at its word. */
function says(...failures: readonly (readonly FailureCount[])[]): boolean {
  return failures.flat().every(({ executed }) => executed !== "not said");
}

function describeFailures({ framework, score, folder }: RunResult): string[] {
  const describe = (kind: string, failures: readonly FailureCount[]): string[] =>
    failures.map(
      ({ code, executed, count, ran }) => `  ${framework}: ${count} ${kind} ${code}, executed: ${executed}; ${ran} of them ran`,
    );
  const examples = Object.entries(score.examples).filter(([, ids]) => ids.length > 0);
  return [
    ...describe("quotes", score.failedQuotes),
    ...describe("orders", score.failedOrders),
    ...examples.map(([what, ids]) => `  ${framework}: ${what}: call ${ids.join(", ")}`),
    ...(folder === undefined ? [] : [`  ${framework}: logs in ${folder}`]),
  ];
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

function whole(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}
