import { fixedLimits } from "../limits.js";
import { bigintBytes } from "../plain/output.js";
import { elementBytesOf, isTypedArray } from "../plain/typed-arrays.js";
import { isWellFormed } from "../plain/utf8.js";
import { isAny, isPlain } from "./any.js";
import { describe, list, render, renderLiteral } from "./describe.js";
import { isUrl } from "./format.js";
import { isObject, isURL, isValidDate, own } from "./objects.js";
import { broken } from "./rules.js";
import type { Shape } from "./shape.js";
import { isTemplate } from "./template.js";

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
/** Deeper than the wire allows; guards values checked before they are sent (they may be cyclic). */
const maxDepth = 64;

/** Every reason why `value` does not fit `shape`. Empty when it fits. Runs no getter of the value twice and calls none of its methods. */
export function explain(shape: Shape, value: unknown, view: View = "value"): Issue[] {
  const issues: Issue[] = [];
  new Walk(view, maxIssues).walk(shape, value, [], issues);
  return issues;
}

/** Whether `value` fits `shape`. For the rare place where generated code is not at hand. */
export function fits(shape: Shape, value: unknown): boolean {
  const issues: Issue[] = [];
  new Walk("value", 1).walk(shape, value, [], issues);
  return issues.length === 0;
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

class Walk {
  readonly #view: View;
  readonly #most: number;

  constructor(view: View, most: number) {
    this.#view = view;
    this.#most = most;
  }

  walk(shape: Shape, value: unknown, path: (string | number)[], issues: Issue[]): void {
    if (issues.length >= this.#most) return;
    const refuse = (expected = describe(shape), received = render(value)): void => {
      issues.push({ path: [...path], expected, received });
    };
    if (path.length > maxDepth) return refuse(`at most ${maxDepth} levels of nesting`, "more");
    const enter = (step: string | number, inner: Shape, innerValue: unknown): void => {
      path.push(step);
      this.walk(inner, innerValue, path, issues);
      path.pop();
    };
    switch (shape.kind) {
      case "array":
        if (!Array.isArray(value)) return refuse();
        for (let i = 0; i < value.length && issues.length < this.#most; i++) enter(i, shape.element, value[i]);
        return;
      case "tuple": {
        if (!Array.isArray(value)) return refuse();
        const length = Math.max(value.length, shape.required);
        for (let i = 0; i < length && issues.length < this.#most; i++) {
          const element = shape.elements[i] ?? shape.rest;
          if (element === undefined) return refuse(describe(shape), `${value.length} elements`);
          if (i >= shape.required && i < shape.elements.length && value[i] === undefined) continue;
          enter(shape.labels?.[i] ?? i, element, value[i]);
        }
        return;
      }
      case "set":
        return this.#set(shape.member, value, path, issues, refuse);
      case "map":
        return this.#map(shape, value, path, issues, refuse);
      case "object": {
        if (!isObject(value)) return refuse();
        for (const key in shape.required) enter(key, shape.required[key] as Shape, own(value, key));
        for (const key in shape.optional) {
          const inner = own(value, key);
          if (inner !== undefined) enter(key, shape.optional[key] as Shape, inner);
        }
        if (shape.rest === undefined && shape.isClosed !== true) return;
        for (const key of Object.keys(value)) {
          if (issues.length >= this.#most) return;
          if (Object.hasOwn(shape.required, key) || Object.hasOwn(shape.optional, key)) continue;
          if (shape.rest === undefined)
            issues.push({ path: [...path, key], expected: "no such property", received: render(own(value, key)) });
          else this.#entry(shape.rest, undefined, value, key, refuse, enter);
        }
        return;
      }
      case "record":
        if (!isObject(value)) return refuse();
        for (const key of Object.keys(value)) {
          if (issues.length >= this.#most) return;
          this.#entry(shape.value, shape.key, value, key, refuse, enter);
        }
        return;
      case "where": {
        const before = issues.length;
        this.walk(shape.of, value, path, issues);
        if (issues.length === before) for (const rule of broken(shape.rules, value)) refuse(rule);
        return;
      }
      case "any":
        return this.#any(value, path, issues, refuse);
      case "union": {
        let best: Issue[] | undefined;
        for (const arm of shape.arms) {
          const found: Issue[] = [];
          this.walk(arm, value, [...path], found);
          if (found.length === 0) return;
          // The arm that got furthest into the value explains best; a mismatch at the very top explains nothing, unless it
          // is of a rule: then the type was right.
          const explains =
            found.some((issue) => issue.path.length > path.length) || (arm.kind === "where" && fits(arm.of, value));
          if (explains && (best === undefined || found.length < best.length)) best = found;
        }
        if (best === undefined) return refuse();
        issues.push(...best.slice(0, this.#most - issues.length));
        return;
      }
      case "variant": {
        if (!isObject(value)) return refuse();
        const tag = own(value, shape.discriminant);
        const arm = shape.arms.get(tag as string) ?? (this.#isWireInteger(tag) ? shape.arms.get(BigInt(tag)) : undefined);
        if (arm !== undefined) return this.walk(arm, value, path, issues);
        issues.push({
          path: [...path, shape.discriminant],
          expected: list([...shape.arms.keys()].map(renderLiteral)),
          received: render(tag),
        });
        return;
      }
      case "ref":
        return this.walk(shape.resolve(), value, path, issues);
      default:
        if (!this.#isLeaf(shape, value)) refuse();
        else if (this.#view === "sent") refuseUnsendable(value, refuse);
    }
  }

  /** One property that has no name in the contract. */
  #entry(
    shape: Shape,
    keyShape: Shape | undefined,
    value: Record<string, unknown>,
    key: string,
    refuse: Refuse,
    enter: Enter,
  ): void {
    const shown = `the key ${JSON.stringify(key.slice(0, 40))}`;
    if (this.#view === "sent" && !isKey(key)) refuse("keys that can travel", shown);
    if (keyShape !== undefined && !fits(keyShape, key)) refuse(`keys like ${describe(keyShape)}`, shown);
    enter(key, shape, own(value, key));
  }

  #any(value: unknown, path: (string | number)[], issues: Issue[], refuse: Refuse): void {
    if (typeof value !== "object" || value === null || value instanceof Uint8Array || value instanceof Date) {
      if (!isAny(value)) refuse();
      else if (this.#view === "sent") refuseUnsendable(value, refuse);
      return;
    }
    if (Array.isArray(value))
      return this.#elements(value, path, issues, (one, inner) => this.walk({ kind: "any" }, one, inner, issues));
    if (!isPlain(value)) return refuse();
    this.walk({ kind: "record", value: { kind: "any" } }, value, path, issues);
  }

  #set(member: Shape, value: unknown, path: (string | number)[], issues: Issue[], refuse: Refuse): void {
    if (this.#view === "wire" ? !Array.isArray(value) : !(value instanceof Set)) return refuse();
    const members = [...(value as Iterable<unknown>)];
    this.#elements(members, path, issues, (one, inner) => this.walk(member, one, inner, issues));
    this.#unique(members, "members", path, issues);
  }

  #map(shape: Extract<Shape, { kind: "map" }>, value: unknown, path: (string | number)[], issues: Issue[], refuse: Refuse): void {
    if (this.#view === "wire" ? !Array.isArray(value) : !(value instanceof Map)) return refuse();
    const entries = [...(value as Iterable<unknown>)];
    this.#elements(entries, path, issues, (entry, inner) => {
      if (!Array.isArray(entry) || entry.length !== 2) {
        issues.push({ path: [...inner], expected: "a pair of key and value", received: render(entry) });
        return;
      }
      this.walk(shape.key, entry[0], [...inner, "key"], issues);
      this.walk(shape.value, entry[1], [...inner, "value"], issues);
    });
    const keys = entries.map((entry) => (Array.isArray(entry) ? (entry[0] as unknown) : entry));
    this.#unique(keys, "keys", path, issues);
  }

  #elements(
    values: readonly unknown[],
    path: (string | number)[],
    issues: Issue[],
    visit: (value: unknown, path: (string | number)[]) => void,
  ): void {
    for (let i = 0; i < values.length && issues.length < this.#most; i++) {
      path.push(i);
      visit(values[i], path);
      path.pop();
    }
  }

  #unique(values: readonly unknown[], what: string, path: readonly (string | number)[], issues: Issue[]): void {
    const seen = new Set<unknown>();
    values.forEach((value, index) => {
      if (seen.has(value) && issues.length < this.#most)
        issues.push({ path: [...path, index], expected: `different ${what}`, received: `${render(value)} again` });
      seen.add(value);
    });
  }

  /** On the wire, a bigint may come as any integer. */
  #isWireInteger(value: unknown): value is number {
    return this.#view === "wire" && Number.isInteger(value);
  }

  #isLeaf(shape: Leaf, value: unknown): boolean {
    switch (shape.kind) {
      case "string":
      case "number":
      case "boolean":
        return typeof value === shape.kind;
      case "bigint":
        return typeof value === "bigint" || this.#isWireInteger(value);
      case "date":
        return isValidDate(value);
      case "bytes":
        return value instanceof Uint8Array;
      case "typedArray":
        return this.#view === "wire"
          ? value instanceof Uint8Array && value.length % elementBytesOf(shape.name) === 0
          : isTypedArray(shape.name, value);
      case "url":
        return this.#view === "wire" ? typeof value === "string" && isUrl(value) : isURL(value);
      case "template":
        return isTemplate(value, shape.texts, ...shape.holes);
      case "null":
        return value === null;
      case "undefined":
        return value === undefined || value === null;
      case "literal":
        return shape.values.includes(value as string) || (this.#isWireInteger(value) && shape.values.includes(BigInt(value)));
    }
  }
}

type Refuse = (expected?: string, received?: string) => void;
type Enter = (step: string | number, inner: Shape, innerValue: unknown) => void;
type Leaf = Exclude<
  Shape,
  { kind: "array" | "tuple" | "set" | "map" | "object" | "record" | "union" | "variant" | "ref" | "where" | "any" }
>;

/** Some values have the right type and no form on the wire. */
function refuseUnsendable(value: unknown, refuse: Refuse): void {
  if (typeof value === "string" && !isWellFormed(value))
    refuse("well-formed string", "a lone surrogate, which UTF-8 cannot hold");
  if (typeof value === "bigint" && bigintBytes(value) === undefined) {
    refuse(`bigint of at most ${fixedLimits.bigintBytes} bytes`, "a larger one");
  }
}

function isKey(key: string): boolean {
  return key !== "__proto__" && isWellFormed(key) && new TextEncoder().encode(key).length <= fixedLimits.keyBytes;
}
