import type { Format } from "./format.js";

/**
 * What a value must look like, as plain data. Generated files build shapes once, at load;
 * they name what was expected when a value is refused, and they are what reflection and exports read.
 * The fast yes/no check is generated code; a shape is its readable twin, and tests hold the two together.
 */
export type Shape =
  | { readonly kind: "string" | "number" | "boolean" | "bigint" | "date" | "bytes" | "null" | "undefined" }
  | { readonly kind: "any" }
  | { readonly kind: "url" }
  | { readonly kind: "literal"; readonly values: readonly LiteralValue[] }
  | TemplateShape
  | WhereShape
  | { readonly kind: "array"; readonly element: Shape }
  | TupleShape
  | ObjectShape
  | RecordShape
  | { readonly kind: "map"; readonly key: Shape; readonly value: Shape }
  | { readonly kind: "set"; readonly member: Shape }
  | { readonly kind: "typedArray"; readonly name: TypedArrayName }
  | { readonly kind: "union"; readonly arms: readonly Shape[] }
  | VariantShape
  | { readonly kind: "ref"; readonly name: string; readonly resolve: () => Shape };

export type LiteralValue = string | number | boolean | bigint;

/** Blocks of memory other than `Uint8Array`, which has a kind of its own: `bytes`. */
export type TypedArrayName =
  | "ArrayBuffer"
  | "Int8Array"
  | "Uint8ClampedArray"
  | "Int16Array"
  | "Uint16Array"
  | "Int32Array"
  | "Uint32Array"
  | "Float32Array"
  | "Float64Array"
  | "BigInt64Array"
  | "BigUint64Array";

/** A fixed list. Elements from `required` on may be missing or `undefined`; `rest` types whatever follows. */
export interface TupleShape {
  readonly kind: "tuple";
  readonly elements: readonly Shape[];
  readonly required: number;
  readonly rest?: Shape;
  /** Names for the positions, used in paths (`order.units` reads better than `[0].units`). */
  readonly labels?: readonly string[];
}

/** Named properties. An optional property may be missing or `undefined`. */
export interface ObjectShape {
  readonly kind: "object";
  readonly required: Readonly<Record<string, Shape>>;
  readonly optional: Readonly<Record<string, Shape>>;
  /** What properties that are not named here look like. Without it they do not travel, or are an error: `isClosed`. */
  readonly rest?: Shape;
  /** A property that is not named here is an error. Default: it is passed over. */
  readonly isClosed?: boolean;
}

/** An object of any keys, or of those that fit `key`. */
export interface RecordShape {
  readonly kind: "record";
  readonly value: Shape;
  readonly key?: Shape;
}

/** A template literal type: `` `user_${number}` `` has the texts `["user_", ""]` and the hole `["number"]`. */
export interface TemplateShape {
  readonly kind: "template";
  /** One more than there are holes. */
  readonly texts: readonly string[];
  readonly holes: readonly TemplateHole[];
}

export type TemplateHole = "string" | "number" | "bigint";

/** A string, number, bigint or array that also keeps to `rules`. */
export interface WhereShape {
  readonly kind: "where";
  readonly of: Shape;
  readonly rules: Rules;
}

/** What doc comments say beyond the type: `@minimum 1`. */
export interface Rules {
  /** A representation that the number or bigint must fit. */
  readonly type?: NumericType;
  readonly minimum?: number | bigint;
  readonly maximum?: number | bigint;
  readonly exclusiveMinimum?: number | bigint;
  readonly exclusiveMaximum?: number | bigint;
  readonly multipleOf?: number | bigint;
  /** In UTF-16 units, as `length` counts. */
  readonly minLength?: number;
  readonly maxLength?: number;
  /** A regular expression with the flag `u`, found anywhere in the string. */
  readonly pattern?: string;
  readonly format?: Format;
  readonly minItems?: number;
  readonly maxItems?: number;
  /** No two elements are equal; objects are compared by their content. */
  readonly uniqueItems?: boolean;
}

export type NumericType = "int32" | "uint32" | "int64" | "uint64" | "float" | "double";

/** A union whose arms are told apart by the literal value of one property, so that only one arm is ever tried. */
export interface VariantShape {
  readonly kind: "variant";
  readonly discriminant: string;
  readonly arms: ReadonlyMap<LiteralValue, Shape>;
}

const simple = <K extends "any" | "url" | "string" | "number" | "boolean" | "bigint" | "date" | "bytes" | "null" | "undefined">(
  kind: K,
) => ({ kind }) as const satisfies Shape;

/**
 * The shape that `make` makes. A bundler leaves out what is made by a call it is told to be without effects, but not the
 * calls among its arguments: so they stand inside a function.
 */
export function shape(make: () => Shape): Shape {
  return make();
}

/** Builders for shapes; generated code is their only expected caller. */
export const t = {
  string: simple("string"),
  number: simple("number"),
  boolean: simple("boolean"),
  bigint: simple("bigint"),
  date: simple("date"),
  bytes: simple("bytes"),
  any: simple("any"),
  url: simple("url"),
  null: simple("null"),
  undefined: simple("undefined"),
  literal: (...values: readonly LiteralValue[]): Shape => ({ kind: "literal", values }),
  array: (element: Shape): Shape => ({ kind: "array", element }),
  tuple: (
    elements: readonly Shape[],
    options: { readonly required?: number; readonly rest?: Shape; readonly labels?: readonly string[] } = {},
  ): Shape => ({ kind: "tuple", elements, required: elements.length, ...options }),
  object: (
    required: Readonly<Record<string, Shape>>,
    optional: Readonly<Record<string, Shape>> = {},
    more: { readonly rest?: Shape; readonly isClosed?: boolean } = {},
  ): Shape => ({ kind: "object", required, optional, ...more }),
  record: (value: Shape, key?: Shape): Shape => ({ kind: "record", value, ...(key === undefined ? {} : { key }) }),
  template: (texts: readonly string[], ...holes: readonly TemplateHole[]): Shape => ({ kind: "template", texts, holes }),
  where: (of: Shape, rules: Rules): Shape => ({ kind: "where", of, rules }),
  map: (key: Shape, value: Shape): Shape => ({ kind: "map", key, value }),
  set: (member: Shape): Shape => ({ kind: "set", member }),
  typedArray: (name: TypedArrayName): Shape => ({ kind: "typedArray", name }),
  union: (...arms: readonly Shape[]): Shape => ({ kind: "union", arms }),
  variant: (discriminant: string, arms: readonly (readonly [LiteralValue, Shape])[]): Shape => ({
    kind: "variant",
    discriminant,
    arms: new Map(arms),
  }),
  ref: (name: string, resolve: () => Shape): Shape => ({ kind: "ref", name, resolve }),
} as const;
