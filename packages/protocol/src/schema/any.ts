import { fixedLimits } from "../limits.js";

/**
 * Whether a value of no declared type can travel and arrive as what it is: null, undefined, booleans, numbers, bigints,
 * strings, valid Dates, Uint8Arrays, arrays and plain objects of such. What has no form of its own on the wire is not:
 * Maps, Sets, other typed arrays, instances of classes, functions, symbols.
 */
export function isAny(value: unknown, depth = 0): boolean {
  switch (typeof value) {
    case "undefined":
    case "boolean":
    case "number":
    case "bigint":
    case "string":
      return true;
    case "object": {
      if (value === null || value instanceof Uint8Array) return true;
      if (value instanceof Date) return !Number.isNaN(value.getTime());
      if (depth > fixedLimits.depth) return false;
      if (Array.isArray(value)) {
        for (let i = 0; i < value.length; i++) if (!isAny(value[i], depth + 1)) return false;
        return true;
      }
      if (!isPlain(value)) return false;
      for (const key of Object.keys(value)) if (!isAny((value as Record<string, unknown>)[key], depth + 1)) return false;
      return true;
    }
    default:
      return false;
  }
}

/** An object literal, or one without a prototype. */
export function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
