import type { ObjectShape, Rules, Shape, TupleShape } from "@farcall/protocol";
import type { Random } from "./random.js";
import type { Sampler } from "./sampler.js";
import { kindOf, mayTake, programOnly, type Stranger, strangers } from "./strangers.js";

type Step = string | number;

/** A value with one thing wrong. */
export interface Spoiled {
  readonly value: unknown;
  /** Where a refusal has to say that it is. */
  readonly path: readonly Step[];
  /** What was done, for people. */
  readonly how: string;
  /** It is of the right type, and the wire has no form for it. */
  readonly isUnsendable?: boolean;
}

/** Makes wrong values out of right ones, in one place, and tells where. */
export class Spoiler {
  readonly #random: Random;
  readonly #sampler: Sampler;

  constructor(random: Random, sampler: Sampler) {
    this.#random = random;
    this.#sampler = sampler;
  }

  /** `value` is of `shape`, and stays as it is. */
  spoil(shape: Shape, value: unknown): Spoiled {
    const inner = this.#random.chance(0.75) ? this.#inside(shape, value) : undefined;
    const own = inner === undefined && this.#random.chance(0.4) ? this.#ofItsOwn(shape, value) : undefined;
    return inner ?? own ?? this.#stranger(shape);
  }

  #stranger(shape: Shape): Spoiled {
    const kinds = (Object.keys(strangers) as Stranger[]).filter((kind) => !mayTake(shape, kind));
    if (kinds.length === 0 || this.#random.chance(0.1)) {
      const how = this.#random.pick(Object.keys(programOnly) as (keyof typeof programOnly)[]);
      return { value: programOnly[how], path: [], how, isUnsendable: true };
    }
    const how = this.#random.pick(kinds);
    return { value: strangers[how], path: [], how };
  }

  /** What only this kind of type can be broken by. */
  #ofItsOwn(shape: Shape, value: unknown): Spoiled | undefined {
    switch (shape.kind) {
      case "string":
        return { value: `${String(value)}\ud800`, path: [], how: "a lone surrogate", isUnsendable: true };
      case "bigint":
        return { value: 2n ** 511n, path: [], how: "a bigint too large", isUnsendable: true };
      case "date":
        return { value: new Date(Number.NaN), path: [], how: "an invalid Date", isUnsendable: true };
      case "literal":
        return this.#otherLiteral(shape.values, value);
      case "template": {
        const other = `\n${String(value)}`;
        const [first] = shape.texts;
        return first === "" && shape.holes[0] === "string" ? undefined : { value: other, path: [], how: "another text" };
      }
      case "typedArray": {
        const other = shape.name === "Int16Array" ? new Uint16Array(2) : new Int16Array(2);
        return { value: other, path: [], how: "other memory", isUnsendable: true };
      }
      case "where":
        return this.#broken(shape.of, shape.rules, value) ?? this.#ofItsOwn(shape.of, value);
      case "tuple":
        return this.#otherLength(shape, value as readonly unknown[]);
      case "object":
        return this.#otherKeys(shape, value as Record<string, unknown>);
      case "variant": {
        const { [shape.discriminant]: tag, ...rest } = value as Record<string, unknown>;
        const other = this.#otherLiteral([...shape.arms.keys()], tag);
        const path = [shape.discriminant];
        return this.#random.chance(0.3) || other === undefined
          ? { value: rest, path, how: "no discriminant" }
          : { value: { ...rest, [shape.discriminant]: other.value }, path, how: "an unknown discriminant" };
      }
      case "record": {
        if (shape.key === undefined) return undefined;
        const more = { ...(value as object), "not a key": this.#sampler.value(shape.value, 9) };
        return { value: more, path: [], how: "a wrong key" };
      }
      case "union": {
        const [only, ...others] = armsOf(shape).filter((arm) => mayTake(arm, kindOf(value)));
        const found = only === undefined || others.length > 0 ? undefined : this.#ofItsOwn(only, value);
        // What is of another kind is one of another arm, perhaps.
        return found !== undefined && kindOf(found.value) === kindOf(value) ? found : undefined;
      }
      case "ref":
        return this.#ofItsOwn(shape.resolve(), value);
      default:
        return undefined;
    }
  }

  #otherLiteral(values: readonly unknown[], value: unknown): Spoiled | undefined {
    const others = [`${String(value)}!`, "", 0.25, -3, value !== true].filter((one) => !values.includes(one));
    const alike = others.filter((one) => typeof one === typeof value);
    return { value: this.#random.pick(alike.length > 0 ? alike : others), path: [], how: "another literal" };
  }

  #otherLength(shape: TupleShape, value: readonly unknown[]): Spoiled | undefined {
    if (shape.rest === undefined && this.#random.chance(0.5)) {
      const fill = Array.from({ length: Math.max(0, shape.elements.length - value.length) }, () => undefined);
      return { value: [...value, ...fill, "too many"], path: [], how: "one element too many" };
    }
    const wanting = shape.elements.findIndex((element, index) => index < shape.required && !mayTake(element, "undefined"));
    if (wanting < 0) return undefined;
    return { value: value.slice(0, wanting), path: [shape.labels?.[wanting] ?? wanting], how: "an element too few" };
  }

  #otherKeys(shape: ObjectShape, value: Record<string, unknown>): Spoiled | undefined {
    const wanted = Object.keys(shape.required).filter((name) => !mayTake(shape.required[name] as Shape, "undefined"));
    if (wanted.length > 0 && (shape.isClosed !== true || this.#random.chance(0.5))) {
      const name = this.#random.pick(wanted);
      return { value: Object.fromEntries(Object.entries(value).filter(([key]) => key !== name)), path: [name], how: "no key" };
    }
    return shape.isClosed === true ? { value: { ...value, more: 1 }, path: ["more"], how: "an unknown key" } : undefined;
  }

  /** Breaks one rule. */
  #broken(of: Shape, rules: Rules, value: unknown): Spoiled | undefined {
    const wrong: (readonly [how: string, value: unknown])[] = [];
    const big = typeof value === "bigint";
    const shift = (bound: number | bigint, by: number): number | bigint =>
      big ? BigInt(bound) + BigInt(by) : Number(bound) + by;
    for (const [name, rule] of Object.entries(rules) as [keyof Rules, never][]) {
      const add = (...values: readonly unknown[]): void => {
        for (const one of values) wrong.push([`@${name}`, one]);
      };
      if (name === "minimum") add(shift(rule, -1));
      if (name === "maximum") add(shift(rule, 1));
      if (name === "exclusiveMinimum" || name === "exclusiveMaximum") add(shift(rule, 0));
      if (name === "multipleOf") add(big ? (value as bigint) + 1n : (rule as number) / 2);
      if (name === "minLength" && rule > 0) add("é".repeat(rule - 1));
      if (name === "maxLength") add("x".repeat(rule + 1));
      if (name === "pattern") add(...["", "\n", "!!"].filter((text) => !new RegExp(rule, "u").test(text)));
      if (name === "format" && (rule as string) !== "password") add("\u0000 ((");
      if (name === "minItems" && rule > (of.kind === "tuple" ? of.required : 0)) add((value as unknown[]).slice(0, rule - 1));
      if (name === "maxItems") add(...this.#longer(of, value as unknown[], rule + 1));
      if (name === "uniqueItems" && of.kind === "array" && (value as unknown[]).length > 0)
        add([...(value as unknown[]), (value as unknown[])[0]]);
      if (name === "type") add(...(big ? [2n ** 64n, -(2n ** 64n)] : outside[rule as keyof typeof outside]));
    }
    if (wrong.length === 0) return undefined;
    const [how, broken] = this.#random.pick(wrong);
    // A text that is too long or too short is none of a template either, which the type is asked for first.
    return { value: of.kind === "template" ? `${String(value)}xxxxxxxx` : broken, path: [], how };
  }

  /** A list of that many elements, where there can be one. */
  #longer(of: Shape, value: readonly unknown[], length: number): unknown[][] {
    const more = of.kind === "array" ? of.element : of.kind === "tuple" ? of.rest : undefined;
    if (more === undefined || (of.kind === "tuple" && value.length < of.elements.length)) return [];
    return [[...value, ...Array.from({ length: Math.max(0, length - value.length) }, () => this.#sampler.value(more, 9))]];
  }

  /** Breaks a part of the value; `undefined` when it has none that can be broken. */
  #inside(shape: Shape, value: unknown): Spoiled | undefined {
    const within = (step: readonly Step[], inner: Shape, part: unknown, put: (part: unknown) => unknown): Spoiled => {
      const found = this.spoil(inner, part);
      return { ...found, value: put(found.value), path: [...step, ...found.path] };
    };
    switch (shape.kind) {
      case "ref":
        return this.#inside(shape.resolve(), value);
      case "where":
        return this.#inside(shape.of, value);
      case "any":
        if (Array.isArray(value)) return this.#inside({ kind: "array", element: shape }, value);
        return kindOf(value) === "object" ? this.#inside({ kind: "record", value: shape }, value) : undefined;
      case "array":
      case "tuple": {
        const list = value as readonly unknown[];
        if (list.length === 0) return undefined;
        const index = this.#random.below(list.length);
        const element = shape.kind === "array" ? shape.element : (shape.elements[index] ?? (shape.rest as Shape));
        const isOptional = shape.kind === "tuple" && index >= shape.required && index < shape.elements.length;
        const step = (shape.kind === "tuple" ? shape.labels?.[index] : undefined) ?? index;
        if (isOptional && list[index] === undefined) return undefined;
        return this.#defined(isOptional, () =>
          within([step], element, list[index], (part) => list.map((one, i) => (i === index ? part : one))),
        );
      }
      case "set": {
        const list = [...(value as Set<unknown>)];
        if (list.length === 0) return undefined;
        const index = this.#random.below(list.length);
        return within([index], shape.member, list[index], (part) => new Set(list.map((one, i) => (i === index ? part : one))));
      }
      case "map": {
        const list = [...(value as Map<unknown, unknown>)];
        if (list.length === 0) return undefined;
        const index = this.#random.below(list.length);
        const [key, one] = list[index] as [unknown, unknown];
        const put = (entry: [unknown, unknown]): unknown => new Map(list.map((old, i) => (i === index ? entry : old)));
        return this.#random.chance(0.4)
          ? within([index, "key"], shape.key, key, (part) => put([part, one]))
          : within([index, "value"], shape.value, one, (part) => put([key, part]));
      }
      case "record":
      case "object": {
        const object = value as Record<string, unknown>;
        const names = Object.keys(object).filter((name) => object[name] !== undefined);
        if (names.length === 0) return undefined;
        const name = this.#random.pick(names);
        const isOptional = shape.kind === "object" && Object.hasOwn(shape.optional, name);
        return this.#defined(isOptional, () =>
          within([name], shapeOfProperty(shape, name), object[name], (part) => ({ ...object, [name]: part })),
        );
      }
      case "variant": {
        const object = value as Record<string, unknown>;
        const arm = plain(shape.arms.get(object[shape.discriminant] as string) as Shape);
        const found = this.spoil(arm, value);
        // Another literal there, and it would be another arm; no object at all, and no arm is asked.
        return found.path.length === 0 || found.path[0] === shape.discriminant ? undefined : found;
      }
      case "union": {
        const arms = armsOf(shape).filter((arm) => mayTake(arm, kindOf(value)));
        const [only] = arms;
        // Of several arms it is not said which one the refusal will speak of.
        if (only === undefined || arms.length > 1) return undefined;
        const found = this.#inside(only, value);
        return found?.path.length === 0 ? undefined : found;
      }
      default:
        return undefined;
    }
  }

  /** An optional place that is `undefined` is a place without a value, and nothing wrong. */
  #defined(isOptional: boolean, make: () => Spoiled | undefined): Spoiled | undefined {
    for (let tries = 0; tries < 4; tries++) {
      const found = make();
      if (!isOptional || found?.how !== "undefined") return found;
    }
    return undefined;
  }
}

const outside = {
  int32: [0.5, 2 ** 31, -(2 ** 31) - 1, Number.NaN],
  uint32: [-1, 2 ** 32, 0.5],
  int64: [2 ** 63, 0.5],
  uint64: [-1, 2 ** 64],
  float: [1e39, Number.NaN, Number.POSITIVE_INFINITY],
  double: [Number.NaN, Number.NEGATIVE_INFINITY],
} as const;

function shapeOfProperty(shape: Extract<Shape, { kind: "object" | "record" }>, name: string): Shape {
  if (shape.kind === "record") return shape.value;
  const declared = Object.hasOwn(shape.required, name) ? shape.required[name] : undefined;
  return declared ?? (Object.hasOwn(shape.optional, name) ? shape.optional[name] : undefined) ?? (shape.rest as Shape);
}

function plain(shape: Shape): Shape {
  return shape.kind === "ref" ? plain(shape.resolve()) : shape;
}

function armsOf(shape: Shape): readonly Shape[] {
  const known = plain(shape);
  return known.kind === "union" ? known.arms.flatMap(armsOf) : [known];
}
