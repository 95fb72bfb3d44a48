import type { Shape } from "../schema/shape.js";
import { type WireClass, wireClasses } from "./input.js";

/** A union inside a union is part of it. A variant stays whole: its tag decides faster than trying. */
function alternatives(shape: Shape): readonly Shape[] {
  if (shape.kind === "ref") return alternatives(shape.resolve());
  return shape.kind === "union" ? shape.arms.flatMap(alternatives) : [shape];
}

/** The arms that a value of this class may belong to. */
export function armsInProgram(arms: readonly Shape[], valueClass: ValueClass): readonly Shape[] {
  return arms.flatMap(alternatives).filter((arm) => classesOf(arm).includes(valueClass));
}

/** The arms that what begins so on the wire may belong to. */
export function armsOnWire(arms: readonly Shape[], wireClass: WireClass): readonly Shape[] {
  return arms.flatMap(alternatives).filter((arm) => wireClassesOf(arm).includes(wireClass));
}

/** What the program sees of a value, as far as it decides between arms. */
export type ValueClass =
  | "string"
  | "number"
  | "boolean"
  | "bigint"
  | "undefined"
  | "null"
  | "other"
  | "object"
  | "array"
  | "map"
  | "set"
  | "date"
  | "binary";

/** What `value` is, seen by the program. */
export function classOf(value: unknown): ValueClass {
  switch (typeof value) {
    case "string":
    case "number":
    case "boolean":
    case "bigint":
    case "undefined":
      return typeof value as ValueClass;
    case "object":
      if (value === null) return "null";
      if (Array.isArray(value)) return "array";
      if (value instanceof Date) return "date";
      if (value instanceof Map) return "map";
      if (value instanceof Set) return "set";
      return ArrayBuffer.isView(value) || value instanceof ArrayBuffer ? "binary" : "object";
    default:
      return "other";
  }
}

/** See `isAny`. */
const anyInProgram: readonly ValueClass[] = [
  "string",
  "number",
  "boolean",
  "bigint",
  "undefined",
  "null",
  "object",
  "array",
  "date",
  "binary",
];

function classesOf(shape: Shape): readonly ValueClass[] {
  switch (shape.kind) {
    case "literal":
      return [...new Set(shape.values.map((value) => typeof value as ValueClass))];
    case "undefined":
      return ["undefined", "null"];
    case "bytes":
    case "typedArray":
      return ["binary"];
    case "tuple":
      return ["array"];
    case "record":
    case "variant":
    case "url":
      return ["object"];
    case "template":
      return ["string"];
    case "any":
      return anyInProgram;
    case "where":
      return classesOf(shape.of);
    case "union":
    case "ref":
      return alternatives(shape).flatMap(classesOf);
    default:
      return [shape.kind];
  }
}

function wireClassesOf(shape: Shape): readonly WireClass[] {
  switch (shape.kind) {
    case "string":
    case "boolean":
    case "date":
      return [shape.kind];
    case "number":
      return ["integer", "float"];
    case "bigint":
      return ["integer", "bigint"];
    case "null":
      return ["nil"];
    case "undefined":
      return ["undefined", "nil"];
    case "bytes":
    case "typedArray":
      return ["binary"];
    case "literal":
      return shape.values.flatMap((value): WireClass[] => {
        if (typeof value === "number") return ["integer", "float"];
        if (typeof value === "bigint") return ["integer", "bigint"];
        return [typeof value as "string" | "boolean"];
      });
    case "template":
    case "url":
      return ["string"];
    case "any":
      return wireClasses;
    case "where":
      return wireClassesOf(shape.of);
    case "array":
    case "tuple":
    case "map":
    case "set":
      return ["array"];
    case "object":
    case "record":
    case "variant":
      return ["map"];
    case "union":
    case "ref":
      return alternatives(shape).flatMap(wireClassesOf);
  }
}
