import { type Format, type Rules, type Shape, schema, type TemplateHole } from "@farcall/protocol";
import fc from "fast-check";
import type { Random } from "./random.js";

/** Below this nothing is added that may be left out. */
const deepest = 4;

const texts = ["", "a", "Tee & Käse", "0", "😀é漢", "line\nbreak\u0000", "null", "constructor", "x".repeat(70)];
const numbers = [0, 1, -1, 0.5, 1e21, 2 ** 31, -(2 ** 31), 2 ** 53 - 1, Number.MIN_VALUE, Number.MAX_VALUE];
const oddNumbers = [-0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
const bigints = [0n, 1n, -1n, 7n, 2n ** 53n, 2n ** 63n, -(2n ** 63n), 2n ** 64n, 2n ** 511n - 1n, -(2n ** 511n)];
const keys = ["a", "b", "name", "constructor", "toString", "1", "-0", "é漢", "a b", "x".repeat(40)];

const formats: Readonly<Record<Format, readonly string[]>> = {
  byte: ["", "YWI=", "YWJj"],
  password: ["", "any"],
  regex: ["^a+$", "[0-9]"],
  uuid: ["123e4567-e89b-12d3-a456-426614174000"],
  email: ["a@b.example", "first.last+tag@sub.example.org"],
  hostname: ["localhost", "a-1.example"],
  "idn-email": ["käse@bücher.example"],
  "idn-hostname": ["bücher.example"],
  iri: ["https://bücher.example/ä?ü#ö"],
  "iri-reference": ["../ä", "https://bücher.example"],
  ipv4: ["127.0.0.1", "255.255.255.255"],
  ipv6: ["::1", "fe80::1:2", "::ffff:1.2.3.4"],
  uri: ["urn:a:b", "https://a.example/b?c=d#e"],
  "uri-reference": ["/a", "?b", "https://a.example"],
  "uri-template": ["/a{?b,c*}", "{+path}/x"],
  url: ["https://a.example/"],
  "date-time": ["2024-02-29T23:59:60Z", "1999-12-31t00:00:00.123+05:30"],
  date: ["2024-02-29", "1970-01-01"],
  time: ["00:00:00Z", "23:59:59.9-01:00"],
  duration: ["P1Y2M3DT4H5M6S", "P3W", "PT0.5S"],
  "json-pointer": ["", "/a/~0~1"],
  "relative-json-pointer": ["0", "1/a", "2#"],
};

/** Makes values of shapes, chosen by `random` alone. With `isJson`, only what JSON can hold. */
export class Sampler {
  readonly #random: Random;
  readonly #isJson: boolean;
  readonly #matching = new Map<string, readonly string[]>();

  constructor(random: Random, options: { readonly isJson?: boolean } = {}) {
    this.#random = random;
    this.#isJson = options.isJson === true;
  }

  value(shape: Shape, depth = 0): unknown {
    const random = this.#random;
    const inside = (inner: Shape): unknown => this.value(inner, depth + 1);
    const most = depth >= deepest ? 0 : 3;
    switch (shape.kind) {
      case "string":
        return random.pick(texts);
      case "number":
        return this.#number();
      case "boolean":
        return random.chance(0.5);
      case "bigint":
        return random.chance(0.5) ? random.pick(bigints) : BigInt(random.below(600) - 300);
      case "date":
        return new Date(random.pick([0, -1, 1_123, 8.64e15, -8.64e15, random.below(2 ** 31) * 1_001]));
      case "bytes":
        return this.#bytes(16);
      case "null":
        return null;
      case "undefined":
        return this.#isJson ? null : undefined;
      case "any":
        return this.#anything(depth);
      case "url":
        return new URL(random.pick(["https://a.example/b?c=d#e", "data:,x", "http://[::1]:80/ä", "urn:x:y"]));
      case "template":
        return shape.texts.map((text, index) => text + this.#fill(shape.holes[index])).join("");
      case "where":
        return this.#kept(shape.of, shape.rules, depth);
      case "literal":
        return random.pick(shape.values);
      case "typedArray":
        return this.#memory(shape.name);
      case "array":
        return random.some(most, () => inside(shape.element));
      case "set":
        return new Set(random.some(most, () => inside(shape.member)));
      case "map":
        return new Map(random.some(most, () => [inside(shape.key), inside(shape.value)]));
      case "record": {
        const { key } = shape;
        return Object.fromEntries(
          random.some(most, () => [key === undefined ? random.pick(keys) : inside(key), inside(shape.value)]),
        );
      }
      case "tuple": {
        const length = shape.required + random.below(shape.elements.length - shape.required + 1);
        const list = shape.elements.slice(0, length).map((element, index) => {
          const isLeftOut = index >= shape.required && !this.#isJson && random.chance(0.3);
          return isLeftOut ? undefined : inside(element);
        });
        const { rest } = shape;
        return rest === undefined || length < shape.elements.length ? list : [...list, ...random.some(most, () => inside(rest))];
      }
      case "object":
        return this.#object(shape, depth);
      case "union":
        return inside(random.pick(depth >= deepest ? leavesFirst(shape.arms) : shape.arms));
      case "variant":
        return inside(random.pick(depth >= deepest ? leavesFirst([...shape.arms.values()]) : [...shape.arms.values()]));
      case "ref":
        return this.value(shape.resolve(), depth);
    }
  }

  #object(shape: Extract<Shape, { kind: "object" }>, depth: number): unknown {
    const random = this.#random;
    const object: Record<string, unknown> = {};
    if (shape.rest !== undefined && depth < deepest)
      for (const key of random.some(3, () => random.pick(keys))) object[key] = this.value(shape.rest, depth + 1);
    for (const name of [...Object.keys(shape.required), ...Object.keys(shape.optional)]) delete object[name];
    for (const [name, inner] of Object.entries(shape.required)) {
      const isMissing = inner.kind === "any" && !this.#isJson && random.chance(0.2);
      if (!isMissing) object[name] = this.value(inner, depth + 1);
    }
    const names = Object.entries(shape.optional);
    // Of very many, a few at a time.
    const share = depth >= deepest ? 0 : Math.min(0.5, 4 / names.length);
    for (const [name, inner] of names) {
      if (!random.chance(share)) continue;
      const isUndefined = inner.kind === "undefined" || random.chance(0.1);
      if (!isUndefined) object[name] = this.value(inner, depth + 1);
      else if (!this.#isJson) object[name] = undefined;
    }
    return object;
  }

  #number(): number {
    const random = this.#random;
    // Others describe most numbers as whole; fractions among them come about by mutation.
    if (this.#isJson) return random.pick([0, 1, 2, 99, 65_535, random.below(2 ** 31)]);
    if (random.chance(0.3)) return random.below(200) - 100;
    if (random.chance(0.2)) return random.pick(oddNumbers);
    return random.chance(0.5) ? random.pick(numbers) : random.below(2 ** 31) / 1_000;
  }

  #bytes(most: number): Uint8Array {
    return Uint8Array.from(this.#random.some(most, () => this.#random.below(256)));
  }

  #memory(name: Extract<Shape, { kind: "typedArray" }>["name"]): unknown {
    const type = globalThis[name] as unknown as { new (buffer: ArrayBuffer): unknown; readonly BYTES_PER_ELEMENT?: number };
    const size = type.BYTES_PER_ELEMENT ?? 1;
    const { buffer } = Uint8Array.from({ length: size * this.#random.below(4) }, () => this.#random.below(256));
    return name === "ArrayBuffer" ? buffer : new type(buffer);
  }

  /** Text for a hole of a template; none that would make the next hole begin early. */
  #fill(hole: TemplateHole | undefined): string {
    if (hole === undefined) return "";
    if (hole === "string") return this.#random.pick(["a", "bc", "d.e"]);
    return this.#random.pick(hole === "number" ? ["0", "-1.5", "12", "1e21", "0x1f"] : ["0", "-12", "18446744073709551616"]);
  }

  #anything(depth: number): unknown {
    const random = this.#random;
    const leaves = this.#isJson ? leafKinds.slice(0, 4) : leafKinds;
    if (depth < deepest && random.chance(0.3)) {
      const inner = (): unknown => this.#anything(depth + 1);
      return random.chance(0.5) ? random.some(3, inner) : Object.fromEntries(random.some(3, () => [random.pick(keys), inner()]));
    }
    return this.value({ kind: random.pick(leaves) });
  }

  /** A value of `of` that keeps to `rules`: made to measure where chance alone would not find one. */
  #kept(of: Shape, rules: Rules, depth: number): unknown {
    for (let tries = 0; tries < 400; tries++) {
      const value = this.#candidate(of, rules, depth);
      if (schema({ kind: "where", of, rules }, () => false).explain(value).length === 0) return value;
    }
    throw new Error(
      `no value found for ${JSON.stringify(rules, (_, one: unknown) => (typeof one === "bigint" ? `${one}n` : one))}`,
    );
  }

  #candidate(of: Shape, rules: Rules, depth: number): unknown {
    const random = this.#random;
    const { minItems = 0, maxItems = minItems + 3, minLength = 0, maxLength = minLength + 8 } = rules;
    if (of.kind === "array")
      return Array.from({ length: minItems + random.below(maxItems - minItems + 1) }, () => this.value(of.element, depth + 1));
    if (of.kind === "string") {
      if (rules.format !== undefined) return random.pick(formats[rules.format]);
      if (rules.pattern !== undefined) return random.pick(this.#matches(rules.pattern));
      return Array.from({ length: minLength + random.below(maxLength - minLength + 1) }, () =>
        random.pick(["a", "b", " ", "é"]),
      ).join("");
    }
    const isBounded = rules.minimum !== undefined || rules.exclusiveMinimum !== undefined || rules.multipleOf !== undefined;
    if (!isBounded || random.chance(0.3)) return this.value(of, depth);
    const low = rules.minimum ?? rules.exclusiveMinimum ?? 0;
    const step = rules.multipleOf ?? random.pick([1, 0.25, 10]);
    if (of.kind === "bigint") return BigInt(low) + BigInt(Math.ceil(Number(step))) * BigInt(random.below(30));
    return of.kind === "number" ? Number(low) + Number(step) * random.below(30) : this.value(of, depth);
  }

  #matches(pattern: string): readonly string[] {
    let found = this.#matching.get(pattern);
    if (found === undefined) {
      found = fc.sample(fc.stringMatching(new RegExp(pattern, "u")), { seed: this.#random.below(2 ** 31), numRuns: 20 });
      this.#matching.set(pattern, found);
    }
    return found;
  }
}

const leafKinds = ["string", "number", "boolean", "null", "bigint", "undefined", "date", "bytes"] as const;

/** Where nesting has to end, an arm that ends it. */
function leavesFirst(arms: readonly Shape[]): readonly Shape[] {
  const weight = (shape: Shape): number => {
    if (shape.kind === "ref") return 3;
    if (shape.kind === "object") return Object.values(shape.required).some((inner) => weight(inner) > 1) ? 3 : 1;
    if (shape.kind === "variant" || shape.kind === "union") return 2;
    return shape.kind === "tuple" ? 2 : 0;
  };
  const least = Math.min(...arms.map(weight));
  return arms.filter((arm) => weight(arm) === least);
}
