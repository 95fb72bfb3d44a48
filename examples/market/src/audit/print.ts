import { nouns } from "../records.js";
import { bold, count, dim, green, red } from "../report.js";
import type { Verdict } from "./bounds.js";
import { type Case, during, type Failure, type Score } from "./score.js";

const shownCulprits = 3;

/** The report, for people. */
export function print({ calls, shares, periods, failures }: Score, verdicts: readonly Verdict[], beganAt: number): void {
  const { quote, place, ticker } = calls;
  console.log(`${bold("report")}  ${number(quote)} quotes, ${number(place)} orders, ${number(ticker)} tickers`);
  const executed = shares.reduce((sum, [, n]) => sum + n, 0);
  const parts = shares.map(([server, n]) => `${server} ${((n / executed) * 100).toFixed(1)} % (${number(n)})`);
  console.log(`share per server: ${parts.join(", ")}\n`);

  const header = ["fault", "calls", "failed", "failovers", "failover p50", "p99", "slowest"];
  const rows = periods.map(({ title, calls: all, failed, failovers, p50, p99, slowest }) => {
    const times = failovers.length === 0 ? ["-", "-"] : [ms(p50), ms(p99)];
    return [title, number(all), number(failed), number(failovers.length), ...times, ms(slowest)];
  });
  console.log(align([header, ...rows]));
  console.log(dim("failover: a quote that went to a second server, from the call to its answer"));
  console.log(failures.length === 0 ? "\nno call failed\n" : `\nfailed calls\n${failures.map(describeFailure).join("\n")}\n`);

  for (const { text, holds, culprits } of verdicts) {
    console.log(`${holds ? green("right") : red("WRONG")}  ${text}`);
    for (const one of culprits.slice(0, shownCulprits)) console.log(`       ${describeCase(one, beganAt)}`);
    if (culprits.length > shownCulprits) console.log(`       and ${culprits.length - shownCulprits} more`);
  }
}

function describeFailure({ method, during: when, code, executed, count: times, ran }: Failure): string {
  return `  ${count(times, nouns[method])}: ${code}, executed: ${executed}; ${ran} ran ${dim(`(${when})`)}`;
}

function describeCase({ record, entries, fault }: Case, beganAt: number): string {
  const { call, method, started, ms: took, code, executed, message, wrong } = record;
  const at = (time: number): string => `${((time - beganAt) / 1_000).toFixed(3)} s`;
  const ended = [code, ...(executed === undefined ? [] : [`executed: ${executed}`]), ...[wrong ?? message ?? []].flat()];
  const ran = entries.map(({ server, attempt, at: entered }) => `by ${server} at ${at(entered)} (attempt ${attempt + 1})`);
  return `${nouns[method]} ${call}, ${at(started)} (${during(fault)}): ${ended.join(", ")} after ${ms(took)}; ran ${ran.join(", ") || "nowhere"}`;
}

/** First column to the left, figures to the right. */
function align(table: readonly (readonly string[])[]): string {
  const widths = table[0]?.map((_, column) => Math.max(...table.map((line) => line[column]?.length ?? 0))) ?? [];
  const pad = (cell: string, column: number): string =>
    column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0);
  return table.map((line) => line.map(pad).join("  ")).join("\n");
}

function number(n: number): string {
  return n.toLocaleString("en-US");
}

function ms(time: number): string {
  return `${number(Math.round(time))} ms`;
}
