import type { Shape } from "./shape.js";

/** One thing wrong with a value. */
export interface Issue {
  /** Where, from the outside in: `["order", "lines", 2, "sku"]`. */
  readonly path: readonly (string | number)[];
  /** What the contract asks for, in words. */
  readonly expected: string;
  /** What was there, rendered safely and shortly. */
  readonly received: string;
}

/** At most this many issues are collected; a refused value needs no full audit. */
const maxIssues = 32;
/** Deeper than the wire allows; guards values checked before they are sent (they may be cyclic). */
const maxDepth = 64;

/** Every reason why `value` does not fit `shape`. Empty when it fits. Runs no getter of the value twice and calls none of its methods. */
export function explain(shape: Shape, value: unknown): Issue[] {
  const issues: Issue[] = [];
  walk(shape, value, [], issues);
  return issues;
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

function walk(shape: Shape, value: unknown, path: (string | number)[], issues: Issue[]): void {
  if (issues.length >= maxIssues) return;
  const refuse = (): void => {
    issues.push({ path: [...path], expected: describe(shape), received: render(value) });
  };
  if (path.length > maxDepth) {
    issues.push({ path: [...path], expected: `at most ${maxDepth} levels of nesting`, received: "more" });
    return;
  }
  const enter = (step: string | number, inner: Shape, innerValue: unknown): void => {
    path.push(step);
    walk(inner, innerValue, path, issues);
    path.pop();
  };
  switch (shape.kind) {
    case "array":
      if (!Array.isArray(value)) return refuse();
      for (let i = 0; i < value.length && issues.length < maxIssues; i++) enter(i, shape.element, value[i]);
      return;
    case "tuple": {
      if (!Array.isArray(value)) return refuse();
      const length = Math.max(value.length, shape.required);
      for (let i = 0; i < length && issues.length < maxIssues; i++) {
        const element = shape.elements[i] ?? shape.rest;
        const step = shape.labels?.[i] ?? i;
        if (element === undefined) {
          issues.push({ path: [...path], expected: describe(shape), received: `${value.length} elements` });
          return;
        }
        if (i >= shape.required && i < shape.elements.length && value[i] === undefined) continue;
        enter(step, element, value[i]);
      }
      return;
    }
    case "object": {
      if (!isObject(value)) return refuse();
      for (const key in shape.required) enter(key, shape.required[key] as Shape, own(value, key));
      for (const key in shape.optional) {
        const inner = own(value, key);
        if (inner !== undefined) enter(key, shape.optional[key] as Shape, inner);
      }
      return;
    }
    case "record":
      if (!isObject(value)) return refuse();
      for (const key of Object.keys(value)) {
        if (issues.length >= maxIssues) return;
        enter(key, shape.value, own(value, key));
      }
      return;
    case "union": {
      let best: Issue[] | undefined;
      for (const arm of shape.arms) {
        const found: Issue[] = [];
        walk(arm, value, [...path], found);
        if (found.length === 0) return;
        // The arm that got furthest into the value explains best; a mismatch at the very top explains nothing.
        if (found.some((issue) => issue.path.length > path.length) && (best === undefined || found.length < best.length))
          best = found;
      }
      if (best === undefined) return refuse();
      issues.push(...best.slice(0, maxIssues - issues.length));
      return;
    }
    case "variant": {
      if (!isObject(value)) return refuse();
      const tag = own(value, shape.discriminant);
      const arm = shape.arms.get(tag as string);
      if (arm === undefined) {
        issues.push({
          path: [...path, shape.discriminant],
          expected: list([...shape.arms.keys()].map(renderLiteral)),
          received: render(tag),
        });
        return;
      }
      walk(arm, value, path, issues);
      return;
    }
    case "ref":
      return walk(shape.resolve(), value, path, issues);
    default:
      if (!isLeaf(shape, value)) refuse();
  }
}

type Leaf = Exclude<Shape, { kind: "array" | "tuple" | "object" | "record" | "union" | "variant" | "ref" }>;

function isLeaf(shape: Leaf, value: unknown): boolean {
  switch (shape.kind) {
    case "string":
    case "number":
    case "boolean":
    case "bigint":
      return typeof value === shape.kind;
    case "date":
      return isValidDate(value);
    case "bytes":
      return value instanceof Uint8Array;
    case "null":
      return value === null;
    case "undefined":
      return value === undefined || value === null;
    case "literal":
      return shape.values.includes(value as string);
  }
}

/** A `Date` that names a moment; `new Date(NaN)` does not. */
export function isValidDate(value: unknown): value is Date {
  return value instanceof Date && !Number.isNaN(value.getTime());
}

/** An object that can hold named properties: not an array, not one of the built-in value types. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Date) &&
    !(value instanceof Uint8Array) &&
    !(value instanceof Map) &&
    !(value instanceof Set)
  );
}

/** Getters of a class may stand in for properties, but what every object inherits (`constructor`, `toString`) is not data. */
function own(value: Record<string, unknown>, key: string): unknown {
  return key in Object.prototype && !Object.hasOwn(value, key) ? undefined : value[key];
}

function describe(shape: Shape): string {
  switch (shape.kind) {
    case "date":
      return "valid Date";
    case "bytes":
      return "Uint8Array";
    case "undefined":
      return "nothing";
    case "literal":
      return list(shape.values.map(renderLiteral));
    case "tuple": {
      const most = shape.rest === undefined ? shape.elements.length : Number.POSITIVE_INFINITY;
      if (shape.required === most) return `array of ${most} elements`;
      return most === Number.POSITIVE_INFINITY
        ? `array of at least ${shape.required} elements`
        : `array of ${shape.required} to ${most} elements`;
    }
    case "record":
    case "variant":
      return "object";
    case "union":
      return list([...new Set(shape.arms.map(describe))]);
    case "ref":
      return shape.name;
    default:
      return shape.kind;
  }
}

function list(words: readonly string[]): string {
  const shown = words.length > 12 ? [...words.slice(0, 12), `… (${words.length} in all)`] : words;
  return shown.join(" or ");
}

function renderLiteral(value: unknown): string {
  return typeof value === "bigint" ? `${value}n` : typeof value === "string" ? JSON.stringify(value) : String(value);
}

/** A short, safe rendering: never calls into the value, never longer than a line. */
function render(value: unknown): string {
  switch (typeof value) {
    case "string": {
      const short = value.length > 40 ? `${value.slice(0, 40)}…` : value;
      return `string ${JSON.stringify(short)}`;
    }
    case "number":
    case "boolean":
      return `${typeof value} ${String(value)}`;
    case "bigint":
      return value > -(2n ** 64n) && value < 2n ** 64n ? `bigint ${value}n` : "bigint of more than 64 bits";
    case "object":
      if (value === null) return "null";
      if (Array.isArray(value)) return `array of ${value.length}`;
      if (value instanceof Date) return isValidDate(value) ? "Date" : "invalid Date";
      if (value instanceof Uint8Array) return `Uint8Array of ${value.length}`;
      return "object";
    default:
      return typeof value;
  }
}
