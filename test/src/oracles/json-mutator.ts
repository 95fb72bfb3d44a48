import type { Random } from "../samples/random.js";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const others: readonly Json[] = [null, true, false, 0, 1, -1, 0.5, 1e21, "", "a", "0", [], {}, [""], { a: 1 }];

/** Changes one or two things of a JSON value, wherever; what comes out may well be right. */
export class JsonMutator {
  readonly #random: Random;
  /** Texts that mean something somewhere: they make other arms of unions, and other values of enums. */
  readonly #texts: readonly string[];

  constructor(random: Random, texts: readonly string[]) {
    this.#random = random;
    this.#texts = texts;
  }

  /** `value` stays as it is. */
  mutated(value: unknown): unknown {
    const once = this.#changed(value as Json);
    return this.#random.chance(0.25) ? this.#changed(once) : once;
  }

  #changed(value: Json): Json {
    const random = this.#random;
    const isObject = typeof value === "object" && value !== null;
    const size = isObject ? Object.keys(value).length : 0;
    if (!isObject || random.chance(size === 0 ? 0.7 : 0.1)) return this.#other(value);
    if (Array.isArray(value)) {
      const index = random.below(value.length + 1);
      if (index === value.length) return [...value, value.length > 0 ? random.pick(value) : random.pick(others)];
      return random.chance(0.2)
        ? value.filter((_, i) => i !== index)
        : value.map((one, i) => (i === index ? this.#changed(one) : one));
    }
    const keys = Object.keys(value);
    const { [random.pick(keys.length > 0 ? keys : [""])]: _, ...fewer } = value;
    const key = random.pick(keys.length > 0 ? keys : ["a"]);
    switch (random.below(8)) {
      case 0:
        return fewer;
      case 1:
        return { ...value, [random.pick(["a", "surplus", ...keys.map((one) => `${one}_`)])]: random.pick(others) };
      case 2:
        return { ...value, [key]: value[random.pick(keys.length > 0 ? keys : [key])] ?? null };
      default:
        return Object.hasOwn(value, key) ? { ...value, [key]: this.#changed(value[key] as Json) } : { a: null };
    }
  }

  #other(value: Json): Json {
    const random = this.#random;
    if (typeof value === "string" && random.chance(0.5)) return random.pick(this.#texts);
    if (typeof value === "number" && random.chance(0.7)) return random.pick([value + 0.5, -value, value + 1, String(value)]);
    return random.chance(0.1) ? [value] : random.pick(others);
  }
}
