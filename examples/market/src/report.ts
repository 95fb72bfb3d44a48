import { styleText } from "node:util";
import { FarcallError } from "@farcall/client";

/** What one check found. */
export interface Outcome {
  readonly calls: number;
  /** Messages in both directions: arguments, results and items. */
  readonly messages: number;
  /** What was held against the data, for people. */
  readonly checked: string;
  /** Each difference from the data; empty when every answer is right. */
  readonly wrong: readonly string[];
}

/** One line of the report: a name, the kind of call, and how to find out. */
export interface Check {
  readonly name: string;
  readonly kind: string;
  readonly run: () => Promise<Outcome>;
}

const shownDifferences = 3;

/** Runs the checks one after the other and prints a line for each. Resolves to the names of those that found something wrong. */
export async function report(checks: readonly Check[]): Promise<string[]> {
  const failed: string[] = [];
  for (const { name, kind, run } of checks) {
    const began = performance.now();
    const outcome = await run().catch(failure);
    const { calls, messages, checked, wrong } = outcome;
    const ms = Math.round(performance.now() - began);
    const columns = [name.padEnd(9), kind.padEnd(15), count(calls, "call").padStart(9), count(messages, "message").padStart(15)];
    const line = [...columns, `${ms} ms`.padStart(8)].join(" ");
    if (wrong.length === 0) {
      console.log(`${green("right")}  ${line}  ${dim(fit(checked, line.length + 9))}`);
      continue;
    }
    failed.push(name);
    console.log(`${red("WRONG")}  ${line}`);
    for (const difference of wrong.slice(0, shownDifferences)) console.log(`       ${name}: ${difference}`);
    if (wrong.length > shownDifferences) console.log(`       ${name}: and ${wrong.length - shownDifferences} more`);
  }
  return failed;
}

/** As much of a text as a terminal has room for after `used` columns; elsewhere all of it. */
function fit(text: string, used: number): string {
  const room = (process.stdout.columns ?? Number.POSITIVE_INFINITY) - used;
  return text.length <= room ? text : `${text.slice(0, Math.max(0, room - 1))}…`;
}

function failure(thrown: unknown): Outcome {
  return { calls: 0, messages: 0, checked: "", wrong: [describe(thrown)] };
}

function describe(thrown: unknown): string {
  if (FarcallError.is(thrown)) return `the call failed with ${thrown.code} (executed: ${thrown.executed}): ${thrown.message}`;
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
}

export function count(n: number, noun: string): string {
  return `${n.toLocaleString("en-US")} ${noun}${n === 1 ? "" : "s"}`;
}

/** A day as the report shows it. */
export function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}

const { NO_COLOR, TERM } = process.env;
const colourful = process.stdout.isTTY === true && !NO_COLOR && TERM !== "dumb";
const paint = (style: Parameters<typeof styleText>[0]) => (text: string) => (colourful ? styleText(style, text) : text);
export const green = paint("green");
export const red = paint("red");
export const dim = paint("dim");
export const bold = paint("bold");
