import type { Shape } from "@farcall/protocol";

/** Values of every kind. A wrong one is found among them by what a shape might take, here or as the bytes that arrive. */
export const strangers = {
  string: "\u0000 stranger",
  number: 0.123,
  boolean: true,
  bigint: 2n ** 70n,
  null: null,
  undefined: undefined,
  date: new Date(1),
  bytes: new Uint8Array([1, 2, 3]),
  array: [],
  object: {},
} as const;

/** The same of values that only a program can hold; they have no form on the wire. */
export const programOnly = {
  regExp: /never/u,
  function: (): undefined => undefined,
  symbol: Symbol("never"),
  weakMap: new WeakMap(),
} as const;

export type Stranger = keyof typeof strangers;

/** What `value` would be among strangers. */
export function kindOf(value: unknown): Stranger {
  if (value === null) return "null";
  if (typeof value !== "object") return typeof value as Stranger;
  if (Array.isArray(value) || value instanceof Set || value instanceof Map) return "array";
  if (value instanceof Date) return "date";
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer ? "bytes" : "object";
}

/** Whether some value of this kind may be taken for one of `shape`, by the program or as the bytes that arrive. */
export function mayTake(shape: Shape, kind: Stranger): boolean {
  switch (shape.kind) {
    case "any":
      return true;
    case "undefined":
      return kind === "undefined" || kind === "null";
    case "url":
    case "template":
      return kind === "string";
    case "typedArray":
      return kind === "bytes";
    case "array":
    case "tuple":
    case "map":
    case "set":
      return kind === "array";
    case "object":
    case "record":
    case "variant":
      return kind === "object";
    case "literal":
      return shape.values.some((value) => typeof value === kind);
    case "where":
      return mayTake(shape.of, kind);
    case "union":
      return shape.arms.some((arm) => mayTake(arm, kind));
    case "ref":
      return mayTake(shape.resolve(), kind);
    default:
      return shape.kind === kind;
  }
}
