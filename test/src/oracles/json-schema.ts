/** As much of JSON Schema as the descriptions use. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
  readonly definitions?: Readonly<Record<string, JsonSchema>>;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, JsonSchema | boolean>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema | boolean;
  readonly allOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly [keyword: string]: unknown;
}

/** The schema with what it refers to and what it is made of, in one. */
export function flattened(schema: JsonSchema, root: JsonSchema): JsonSchema {
  const { $ref, allOf = [], ...rest } = schema;
  if ($ref === undefined && allOf.length === 0) return schema;
  let all: JsonSchema = {};
  for (const part of [...($ref === undefined ? [] : [resolveRef(root, $ref)]), ...allOf, rest as JsonSchema]) {
    const { properties, required, ...more } = flattened(part, root);
    all = {
      ...all,
      ...more,
      ...(all.properties === undefined && properties === undefined ? {} : { properties: joined(all.properties, properties) }),
      required: [...new Set([...(all.required ?? []), ...(required ?? [])])],
    };
  }
  return all;
}

/** A property that several parts declare keeps to all of them. */
function joined(
  a: NonNullable<JsonSchema["properties"]> = {},
  b: NonNullable<JsonSchema["properties"]> = {},
): NonNullable<JsonSchema["properties"]> {
  const both = Object.keys(b).filter((name) => Object.hasOwn(a, name));
  return { ...a, ...b, ...Object.fromEntries(both.map((name) => [name, { allOf: [a[name], b[name]] as JsonSchema[] }])) };
}

/** Makes one schema wider, node by node. */
export type Relax = (schema: Readonly<Record<string, unknown>>, root: JsonSchema) => Record<string, unknown>;

const maps = new Set(["properties", "patternProperties", "definitions", "$defs"]);
const lists = new Set(["allOf", "anyOf", "oneOf", "prefixItems"]);
const single = new Set(["items", "additionalProperties", "not", "if", "then", "else"]);

/** The whole schema, relaxed in every part that is a schema itself. */
export function relaxed(schema: unknown, relax: Relax, root: JsonSchema): unknown {
  if (typeof schema !== "object" || schema === null) return schema;
  const inside = Object.entries(schema).map(([key, value]: [string, unknown]) => {
    if (maps.has(key)) {
      const named = Object.entries(value as Record<string, unknown>);
      return [key, Object.fromEntries(named.map(([name, one]) => [name, relaxed(one, relax, root)]))];
    }
    if (lists.has(key)) return [key, (value as unknown[]).map((one) => relaxed(one, relax, root))];
    return [key, single.has(key) ? relaxed(value, relax, root) : value];
  });
  return relax(Object.fromEntries(inside) as Record<string, unknown>, root);
}

function without(...keywords: readonly string[]): Relax {
  return (schema) => Object.fromEntries(Object.entries(schema).filter(([key]) => !keywords.includes(key)));
}

/** Whether it allows anything, whatever it tells people. */
function isEmpty(schema: unknown, root: JsonSchema): boolean {
  if (schema === true) return true;
  if (typeof schema !== "object" || schema === null) return false;
  const { $ref, anyOf, allOf, ...rest } = schema as JsonSchema;
  const says = Object.keys(rest).filter((key) => !key.startsWith("x-") && !["title", "description", "default"].includes(key));
  if (says.length > 0) return false;
  if ($ref !== undefined && !isEmpty(resolveRef(root, $ref), root)) return false;
  if (allOf?.every((part) => isEmpty(part, root)) === false) return false;
  return anyOf === undefined || anyOf.some((arm) => isEmpty(arm, root));
}

/** The schema that `#/$defs/Name` stands for. */
export function resolveRef(root: JsonSchema, ref: string): JsonSchema {
  let place: unknown = root;
  for (const step of ref.split("/").slice(1))
    place = (place as Record<string, unknown>)[decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~")];
  if (place === undefined) throw new Error(`nothing at ${ref}`);
  return place as JsonSchema;
}

/** Something that JSON Schema can ask for and a type of TypeScript cannot. */
export interface Relaxation {
  /** What a validator complains of who asks for it. */
  readonly keywords: readonly string[];
  /** The schema that does not ask for it. */
  readonly relax: Relax;
}

const bounds = [
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "minLength",
  "maxLength",
  "pattern",
  "minItems",
  "maxItems",
];

export const beyondTypes: Readonly<Record<string, Relaxation>> = {
  "an integer": {
    keywords: ["type"],
    relax: ({ type, ...rest }) => {
      const wider = (one: unknown): unknown => (one === "integer" ? "number" : one);
      return type === undefined ? rest : { ...rest, type: Array.isArray(type) ? type.map(wider) : wider(type) };
    },
  },
  "a bound, length or pattern": { keywords: bounds, relax: without(...bounds) },
  "no further properties": {
    keywords: ["additionalProperties"],
    relax: ({ additionalProperties, ...rest }) =>
      additionalProperties === undefined || additionalProperties === false ? rest : { ...rest, additionalProperties },
  },
  "exactly one of several": {
    keywords: ["oneOf"],
    relax: ({ oneOf, ...rest }) => {
      if (oneOf === undefined) return rest;
      const { allOf = [] } = rest as { allOf?: unknown[] };
      return { ...rest, allOf: [...allOf, { anyOf: oneOf }] };
    },
  },
  "what it is not": { keywords: ["not"], relax: without("not") },
  "that something of any form is an object, or is there at all": {
    keywords: ["type", "required"],
    relax: (schema, root) => {
      if (schema.type === "object" && schema.properties === undefined && schema.additionalProperties === undefined)
        return isEmpty(without("type")(schema, root), root) ? {} : schema;
      const { properties, required, ...rest } = schema as JsonSchema;
      if (properties === undefined || required === undefined) return schema;
      const wanted = required.filter((name) => !isEmpty(properties[name], root));
      return { ...rest, properties, required: wanted };
    },
  },
};
