import type { Shape } from "@farcall/protocol";
import { flattened, type JsonSchema } from "./json-schema.js";

/** Walks through shapes and schemas side by side: names, what may be missing, values of enumerations. */
export class StructureComparison {
  /** How many properties both have. */
  properties = 0;
  /** How many lists of values were compared. */
  enumerations = 0;
  /** Where they differ, and how. */
  readonly differences: string[] = [];
  readonly #root: JsonSchema;
  readonly #seen = new Map<Shape, Set<JsonSchema>>();

  constructor(root: JsonSchema) {
    this.#root = root;
  }

  compare(shape: Shape, schema: JsonSchema | boolean | undefined, path: string): void {
    if (typeof schema !== "object") return;
    if (shape.kind === "ref") return this.compare(shape.resolve(), schema, path);
    if (shape.kind === "where") return this.compare(shape.of, schema, path);
    const seen = this.#seen.get(shape) ?? new Set();
    if (seen.has(schema)) return;
    this.#seen.set(shape, seen.add(schema));
    const whole = flattened(schema, this.#root);
    const { anyOf, oneOf, ...common } = whole;
    const arms = (anyOf ?? oneOf)?.map((arm) => flattened({ allOf: [common as JsonSchema, arm] }, this.#root));
    if (shape.kind === "union") {
      const some = shape.arms.filter((arm) => arm.kind !== "null");
      const parts = arms?.filter((arm) => arm.type !== "null") ?? [whole];
      if (some.length === 1 && parts.length === 1) this.compare(some[0] as Shape, parts[0], path);
      return;
    }
    if (shape.kind === "variant") {
      for (const arm of arms ?? []) this.#arm(shape, arm, path);
      return;
    }
    if (shape.kind === "array") return this.compare(shape.element, whole.items, `${path}[]`);
    if (shape.kind === "record" && typeof whole.additionalProperties === "object")
      return this.compare(shape.value, whole.additionalProperties, `${path}[key]`);
    if (shape.kind === "object" && whole.properties !== undefined) return this.#object(shape, whole, path);
    const values =
      whole.enum ?? (arms?.every((arm) => arm.const !== undefined) === true ? arms.map((arm) => arm.const) : undefined);
    if (shape.kind !== "literal" || values === undefined) return;
    this.enumerations++;
    const [ours, theirs] = [shape.values, values.filter((one) => one !== null)].map((list) =>
      list.map(String).sort().join(" | "),
    );
    if (ours !== theirs) this.differences.push(`${path}: ${ours ?? ""} and ${theirs ?? ""}`);
  }

  #object(shape: Extract<Shape, { kind: "object" }>, schema: JsonSchema, path: string): void {
    const { properties = {}, required = [] } = schema;
    const ours = { ...shape.required, ...shape.optional };
    for (const name of new Set([...Object.keys(ours), ...Object.keys(properties)])) {
      const at = `${path}.${name}`;
      const inner = Object.hasOwn(ours, name) ? ours[name] : undefined;
      const other = Object.hasOwn(properties, name) ? properties[name] : undefined;
      if (inner === undefined || other === undefined) {
        this.differences.push(`${at}: only ${inner === undefined ? "described" : "ours"}`);
        continue;
      }
      this.properties++;
      if (required.includes(name) !== Object.hasOwn(shape.required, name))
        this.differences.push(`${at}: ${required.includes(name) ? "described as required" : "required by us"}`);
      this.compare(inner, other, at);
    }
  }

  /** The arm of a discriminated union that the schema's arm is about. */
  #arm(shape: Extract<Shape, { kind: "variant" }>, arm: JsonSchema, path: string): void {
    const tag = arm.properties?.[shape.discriminant];
    const { const: one, enum: several } = typeof tag === "object" ? flattened(tag, this.#root) : ({} as JsonSchema);
    const value = one ?? (several?.length === 1 ? several[0] : undefined);
    if (typeof value !== "string") return;
    const ours = shape.arms.get(value);
    if (ours === undefined) this.differences.push(`${path}: no arm for ${value}`);
    else this.compare(ours, arm, `${path}<${value}>`);
  }
}
