import type { Random } from "../samples/random.js";
import { flattened, type JsonSchema } from "./json-schema.js";

const strings = ["", "a", "Tee & Käse", "0", "2024-02-29T12:00:00Z", "https://a.example/b", "YWI="];

/** Makes values that a JSON Schema describes, mostly; what it accepts is for the oracle to say. */
export class SchemaSampler {
  readonly #random: Random;
  readonly #root: JsonSchema;

  constructor(random: Random, root: JsonSchema) {
    this.#random = random;
    this.#root = root;
  }

  value(schema: JsonSchema | boolean, depth = 0): unknown {
    const random = this.#random;
    if (typeof schema === "boolean") return random.pick([null, 1, "a", true, {}, []]);
    const whole = flattened(schema, this.#root);
    if (whole.const !== undefined) return whole.const;
    if (whole.enum !== undefined) return random.pick(whole.enum);
    const arms = whole.anyOf ?? whole.oneOf;
    if (arms !== undefined) {
      const { anyOf: _, oneOf: __, ...rest } = whole;
      return this.value({ allOf: [rest as JsonSchema, random.pick(arms)] }, depth + 1);
    }
    const type = typeof whole.type === "string" || whole.type === undefined ? whole.type : random.pick(whole.type);
    switch (type ?? (whole.properties === undefined ? undefined : "object")) {
      case "string":
        return random.pick(strings);
      case "integer":
      case "number":
        return (whole.minimum ?? 0) + random.pick([0, 1, 7, 100]);
      case "boolean":
        return random.chance(0.5);
      case "null":
        return null;
      case "array": {
        const least = whole.minItems ?? 0;
        const length = least + (depth > 5 ? 0 : random.below(3));
        return Array.from({ length }, () => this.value(whole.items ?? true, depth + 1));
      }
      case "object":
        return this.#object(whole, depth);
      default:
        return this.value(true);
    }
  }

  #object(schema: JsonSchema, depth: number): unknown {
    const random = this.#random;
    const { properties = {}, required = [], additionalProperties } = schema;
    const object: Record<string, unknown> = {};
    const share = depth > 5 ? 0 : Math.min(0.5, 4 / (Object.keys(properties).length - required.length));
    for (const [name, inner] of Object.entries(properties))
      if (required.includes(name) || random.chance(share)) object[name] = this.value(inner, depth + 1);
    if (typeof additionalProperties === "object" && depth <= 5)
      for (const name of random.some(2, () => random.pick(["a", "b c", "1"])))
        if (!Object.hasOwn(properties, name)) object[name] = this.value(additionalProperties, depth + 1);
    return object;
  }
}
