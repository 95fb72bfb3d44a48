import type { Shape } from "./shape.js";
import { Walk } from "./walk.js";

/** One thing wrong with a value. */
export interface Issue {
  /** Where, from the outside in: `["order", "lines", 2, "sku"]`. */
  readonly path: readonly (string | number)[];
  /** What the contract asks for, in words. */
  readonly expected: string;
  /** What was there, rendered safely and shortly. */
  readonly received: string;
}

/**
 * What is looked at: a `value` of the program; the same about to be `sent`, where some strings and bigints have no form
 * on the wire; or what came from the `wire`, where a map is still a list of pairs.
 */
export type View = "value" | "sent" | "wire";

/** At most this many issues are collected; a refused value needs no full audit. */
const maxIssues = 32;

/** Every reason why `value` does not fit `shape`. Empty when it fits. Runs no getter of the value twice and calls none of its methods. */
export function explain(shape: Shape, value: unknown, view: View = "value"): Issue[] {
  const walk = new Walk(view, maxIssues);
  walk.walk(shape, value);
  return walk.issues;
}

/** `order.lines[2].sku`; the empty path is written `value`. */
export function formatPath(path: readonly (string | number)[]): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else if (/^[A-Za-z_$][\w$]*$/.test(step)) text += text === "" ? step : `.${step}`;
    else text += `[${JSON.stringify(step.slice(0, 64))}]`;
  }
  return text === "" ? "value" : text;
}

/** One line a person can act on: `order.units: expected number, got string "12"`. */
export function formatIssue(issue: Issue): string {
  return `${formatPath(issue.path)}: expected ${issue.expected}, got ${issue.received}`;
}
