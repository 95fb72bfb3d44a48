/**
 * What a value must look like, as plain data. Generated files build shapes once, at load;
 * they name what was expected when a value is refused, and they are what reflection and exports read.
 * The fast yes/no check is generated code; a shape is its readable twin, and tests hold the two together.
 */
export type Shape =
  | { readonly kind: "string" | "number" | "boolean" | "bigint" | "date" | "bytes" | "null" | "undefined" }
  | { readonly kind: "literal"; readonly values: readonly LiteralValue[] }
  | { readonly kind: "array"; readonly element: Shape }
  | TupleShape
  | ObjectShape
  | { readonly kind: "record"; readonly value: Shape }
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

/** Named properties. An optional property may be missing or `undefined`. Properties that are not named here do not travel. */
export interface ObjectShape {
  readonly kind: "object";
  readonly required: Readonly<Record<string, Shape>>;
  readonly optional: Readonly<Record<string, Shape>>;
}

/** A union whose arms are told apart by the literal value of one property, so that only one arm is ever tried. */
export interface VariantShape {
  readonly kind: "variant";
  readonly discriminant: string;
  readonly arms: ReadonlyMap<LiteralValue, Shape>;
}

const simple = <K extends "string" | "number" | "boolean" | "bigint" | "date" | "bytes" | "null" | "undefined">(kind: K) =>
  ({ kind }) as const satisfies Shape;

/** Builders for shapes; generated code is their only expected caller. */
export const t = {
  string: simple("string"),
  number: simple("number"),
  boolean: simple("boolean"),
  bigint: simple("bigint"),
  date: simple("date"),
  bytes: simple("bytes"),
  null: simple("null"),
  undefined: simple("undefined"),
  literal: (...values: readonly LiteralValue[]): Shape => ({ kind: "literal", values }),
  array: (element: Shape): Shape => ({ kind: "array", element }),
  tuple: (
    elements: readonly Shape[],
    options: { readonly required?: number; readonly rest?: Shape; readonly labels?: readonly string[] } = {},
  ): Shape => ({ kind: "tuple", elements, required: elements.length, ...options }),
  object: (required: Readonly<Record<string, Shape>>, optional: Readonly<Record<string, Shape>> = {}): Shape => ({
    kind: "object",
    required,
    optional,
  }),
  record: (value: Shape): Shape => ({ kind: "record", value }),
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
