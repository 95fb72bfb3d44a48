import { fixedLimits } from "../limits.js";
import { bigintBytes } from "../plain/output.js";
import { elementBytesOf, isTypedArray } from "../plain/typed-arrays.js";
import { isWellFormed } from "../plain/utf8.js";
import { isAny, isPlain } from "./any.js";
import { describe, render } from "./describe.js";
import type { Issue, View } from "./explain.js";
import { isUrl } from "./format.js";
import { isObject, isURL, isValidDate } from "./objects.js";
import { ownValue, propertiesOf } from "./properties.js";
import { broken } from "./rules.js";
import { type ObjectShape, type Shape, t } from "./shape.js";
import { isTemplate } from "./template.js";

/** Deeper than the wire allows; guards values checked before they are sent (they may be cyclic). */
const maxDepth = 64;

/** An issue that is not put into words yet: arms of unions are tried, and most of what is found in them is of no use. */
interface Finding {
  readonly path: readonly (string | number)[];
  readonly expected: string | Shape;
  readonly value: unknown;
  /** In place of a rendering of the value. */
  readonly received: string | undefined;
}

/** One look at one value, beside its shape. */
export class Walk {
  readonly #view: View;
  readonly #most: number;
  /** Where the walk stands. */
  readonly #path: (string | number)[] = [];
  #found: Finding[] = [];

  /** `most` issues are enough. */
  constructor(view: View, most: number) {
    this.#view = view;
    this.#most = most;
  }

  /** What has been found so far. */
  get issues(): Issue[] {
    return this.#found.map(({ path, expected, value, received }) => ({
      path,
      expected: typeof expected === "string" ? expected : describe(expected),
      received: received ?? render(value),
    }));
  }

  get isDone(): boolean {
    return this.#found.length >= this.#most;
  }

  walk(shape: Shape, value: unknown): void {
    if (this.isDone) return;
    if (this.#path.length > maxDepth) return this.#refuse(`at most ${maxDepth} levels of nesting`, value, "more");
    switch (shape.kind) {
      case "array":
        if (!Array.isArray(value)) return this.#refuse(shape, value);
        return this.#elements(shape.element, value);
      case "tuple":
        return this.#tuple(shape, value);
      case "set":
        return this.#set(shape, value);
      case "map":
        return this.#map(shape, value);
      case "object":
        return this.#object(shape, value);
      case "record":
        if (!isObject(value)) return this.#refuse(shape, value);
        for (const key of Object.keys(value)) {
          if (this.isDone) return;
          this.#entry(shape.value, shape.key, value, key);
        }
        return;
      case "where": {
        const before = this.#found.length;
        this.walk(shape.of, value);
        if (this.#found.length === before) for (const rule of broken(shape.rules, value)) this.#refuse(rule, value);
        return;
      }
      case "any":
        return this.#any(shape, value);
      case "union":
        return this.#union(shape, value);
      case "variant": {
        if (!isObject(value)) return this.#refuse(shape, value);
        const tag = ownValue(value, shape.discriminant, shape.discriminant in Object.prototype);
        const arm = shape.arms.get(tag as string) ?? (this.#isWireInteger(tag) ? shape.arms.get(BigInt(tag)) : undefined);
        return arm === undefined ? this.#enter(shape.discriminant, t.literal(...shape.arms.keys()), tag) : this.walk(arm, value);
      }
      case "ref":
        return this.walk(shape.resolve(), value);
      default:
        if (!this.#isLeaf(shape, value)) this.#refuse(shape, value);
        else if (this.#view === "sent") this.#refuseUnsendable(value);
    }
  }

  #refuse(expected: string | Shape, value: unknown, received?: string): void {
    if (!this.isDone) this.#found.push({ path: [...this.#path], expected, value, received });
  }

  #enter(step: string | number, shape: Shape, value: unknown): void {
    this.#path.push(step);
    this.walk(shape, value);
    this.#path.pop();
  }

  #elements(shape: Shape, values: readonly unknown[]): void {
    for (let i = 0; i < values.length && !this.isDone; i++) this.#enter(i, shape, values[i]);
  }

  #tuple(shape: Extract<Shape, { kind: "tuple" }>, value: unknown): void {
    if (!Array.isArray(value)) return this.#refuse(shape, value);
    const length = Math.max(value.length, shape.required);
    for (let i = 0; i < length && !this.isDone; i++) {
      const element = shape.elements[i] ?? shape.rest;
      if (element === undefined) return this.#refuse(shape, value, `${value.length} elements`);
      if (i >= shape.required && i < shape.elements.length && value[i] === undefined) continue;
      this.#enter(shape.labels?.[i] ?? i, element, value[i]);
    }
  }

  #object(shape: ObjectShape, value: unknown): void {
    if (!isObject(value)) return this.#refuse(shape, value);
    for (const { name, of, isOptional, isInherited } of propertiesOf(shape)) {
      const inner = ownValue(value, name, isInherited);
      if (!isOptional || inner !== undefined) this.#enter(name, of, inner);
    }
    if (shape.rest === undefined && shape.isClosed !== true) return;
    for (const key of Object.keys(value)) {
      if (this.isDone) return;
      if (Object.hasOwn(shape.required, key) || Object.hasOwn(shape.optional, key)) continue;
      if (shape.rest !== undefined) this.#entry(shape.rest, undefined, value, key);
      else this.#refuseAt(key, "no such property", value[key]);
    }
  }

  #refuseAt(step: string | number, expected: string, value: unknown, received?: string): void {
    this.#path.push(step);
    this.#refuse(expected, value, received);
    this.#path.pop();
  }

  /** One property that has no name in the contract. */
  #entry(shape: Shape, keyShape: Shape | undefined, value: Record<string, unknown>, key: string): void {
    if (this.#view === "sent" && !isKey(key)) this.#refuse("keys that can travel", key, shownKey(key));
    if (keyShape !== undefined && !fits(keyShape, key)) this.#refuse(`keys like ${describe(keyShape)}`, key, shownKey(key));
    this.#enter(key, shape, value[key]);
  }

  #any(shape: Shape, value: unknown): void {
    if (typeof value !== "object" || value === null || value instanceof Uint8Array || value instanceof Date) {
      if (!isAny(value)) this.#refuse(shape, value);
      else if (this.#view === "sent") this.#refuseUnsendable(value);
      return;
    }
    if (Array.isArray(value)) return this.#elements(shape, value);
    if (!isPlain(value)) return this.#refuse(shape, value, isObject(value) ? "an instance of a class" : undefined);
    this.walk(t.record(shape), value);
  }

  #union(shape: Extract<Shape, { kind: "union" }>, value: unknown): void {
    const outer = this.#found;
    let best: Finding[] | undefined;
    for (const arm of shape.arms) {
      this.#found = [];
      this.walk(arm, value);
      const found = this.#found;
      this.#found = outer;
      if (found.length === 0) return;
      // The arm that got furthest into the value explains best; a mismatch at the very top explains nothing, unless it is of
      // a rule: then the type was right.
      const explains = found.some(({ path }) => path.length > this.#path.length) || (arm.kind === "where" && fits(arm.of, value));
      if (explains && (best === undefined || found.length < best.length)) best = found;
    }
    if (best === undefined) return this.#refuse(shape, value);
    outer.push(...best.slice(0, this.#most - outer.length));
  }

  #set(shape: Extract<Shape, { kind: "set" }>, value: unknown): void {
    if (this.#view === "wire" ? !Array.isArray(value) : !(value instanceof Set)) return this.#refuse(shape, value);
    const members = [...(value as Iterable<unknown>)];
    this.#elements(shape.member, members);
    this.#refuseDoubles(members, "members");
  }

  #map(shape: Extract<Shape, { kind: "map" }>, value: unknown): void {
    if (this.#view === "wire" ? !Array.isArray(value) : !(value instanceof Map)) return this.#refuse(shape, value);
    const entries = [...(value as Iterable<unknown>)];
    for (let i = 0; i < entries.length && !this.isDone; i++) {
      const entry = entries[i];
      this.#path.push(i);
      if (Array.isArray(entry) && entry.length === 2) {
        this.#enter("key", shape.key, entry[0]);
        this.#enter("value", shape.value, entry[1]);
      } else this.#refuse("a pair of key and value", entry);
      this.#path.pop();
    }
    const keys = entries.map((entry) => (Array.isArray(entry) ? (entry[0] as unknown) : entry));
    this.#refuseDoubles(keys, "keys");
  }

  #refuseDoubles(values: readonly unknown[], what: string): void {
    const seen = new Set<unknown>();
    values.forEach((value, index) => {
      if (seen.has(value)) this.#refuseAt(index, `different ${what}`, value, `${render(value)} again`);
      seen.add(value);
    });
  }

  /** Some values have the right type and no form on the wire. */
  #refuseUnsendable(value: unknown): void {
    if (typeof value === "string" && !isWellFormed(value))
      this.#refuse("well-formed string", value, "a lone surrogate, which UTF-8 cannot hold");
    if (typeof value === "bigint" && bigintBytes(value) === undefined)
      this.#refuse(`bigint of at most ${fixedLimits.bigintBytes} bytes`, value, "a larger one");
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

/** Whether `value` fits `shape`. For the rare place where generated code is not at hand. */
export function fits(shape: Shape, value: unknown): boolean {
  const walk = new Walk("value", 1);
  walk.walk(shape, value);
  return !walk.isDone;
}

type Leaf = Exclude<
  Shape,
  { kind: "array" | "tuple" | "set" | "map" | "object" | "record" | "union" | "variant" | "ref" | "where" | "any" }
>;

function shownKey(key: string): string {
  return `the key ${JSON.stringify(key.slice(0, 40))}`;
}

function isKey(key: string): boolean {
  return key !== "__proto__" && isWellFormed(key) && new TextEncoder().encode(key).length <= fixedLimits.keyBytes;
}
