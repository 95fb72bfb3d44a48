import { isFormat } from "./format.js";
import type { NumericType, Rules } from "./shape.js";

/** What of `rules` a value of the right type breaks, in words: `at least 1`. Empty when it keeps to all. */
export function broken(rules: Rules, value: unknown): string[] {
  if (typeof value === "string") return brokenByString(rules, value);
  if (Array.isArray(value)) return brokenByArray(rules, value);
  return typeof value === "number" || typeof value === "bigint" ? brokenByNumber(rules, value) : [];
}

function brokenByNumber(rules: Rules, value: number | bigint): string[] {
  const { type, minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = rules;
  const found: string[] = [];
  if (type !== undefined && !isNumeric(type, value)) found.push(type);
  // Turned round, so that NaN breaks them too.
  if (minimum !== undefined && !(value >= minimum)) found.push(`at least ${minimum}`);
  if (maximum !== undefined && !(value <= maximum)) found.push(`at most ${maximum}`);
  if (exclusiveMinimum !== undefined && !(value > exclusiveMinimum)) found.push(`more than ${exclusiveMinimum}`);
  if (exclusiveMaximum !== undefined && !(value < exclusiveMaximum)) found.push(`less than ${exclusiveMaximum}`);
  if (multipleOf !== undefined && !isMultipleOf(value, multipleOf)) found.push(`a multiple of ${multipleOf}`);
  return found;
}

function brokenByString(
  { minLength = 0, maxLength = Number.POSITIVE_INFINITY, pattern, format }: Rules,
  value: string,
): string[] {
  const found: string[] = [];
  if (value.length < minLength) found.push(`at least ${minLength} characters`);
  if (value.length > maxLength) found.push(`at most ${maxLength} characters`);
  if (pattern !== undefined && !expressionOf(pattern).test(value)) found.push(`a match of /${pattern}/`);
  if (format !== undefined && !isFormat(format, value)) found.push(`format ${format}`);
  return found;
}

/** There are as many as contracts have patterns. */
const expressions = new Map<string, RegExp>();

function expressionOf(pattern: string): RegExp {
  let expression = expressions.get(pattern);
  if (expression === undefined) {
    expression = new RegExp(pattern, "u");
    expressions.set(pattern, expression);
  }
  return expression;
}

function brokenByArray({ minItems = 0, maxItems = Number.POSITIVE_INFINITY, uniqueItems }: Rules, value: unknown[]): string[] {
  const found: string[] = [];
  if (value.length < minItems) found.push(`at least ${minItems} elements`);
  if (value.length > maxItems) found.push(`at most ${maxItems} elements`);
  if (uniqueItems === true && !isUnique(value)) found.push("different elements");
  return found;
}

/** Whether a number or bigint fits a representation; `float` and `double` are finite. */
export function isNumeric(type: NumericType, value: number | bigint): boolean {
  if (typeof value === "bigint") {
    const bits = type.endsWith("32") ? 32 : 64;
    if (type === "float" || type === "double") return true;
    return (type.startsWith("u") ? BigInt.asUintN(bits, value) : BigInt.asIntN(bits, value)) === value;
  }
  switch (type) {
    case "int32":
      return (value | 0) === value;
    case "uint32":
      return value >>> 0 === value;
    case "int64":
      return Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63;
    case "uint64":
      return Number.isInteger(value) && value >= 0 && value < 2 ** 64;
    case "float":
      return Number.isFinite(Math.fround(value));
    case "double":
      return Number.isFinite(value);
  }
}

/** Fractions are compared with the tolerance that their rounding needs: 0.3 is a multiple of 0.1. */
export function isMultipleOf(value: number | bigint, step: number | bigint): boolean {
  if (typeof value === "bigint") return value % BigInt(step) === 0n;
  const of = Number(step);
  if (Number.isInteger(value) && Number.isInteger(of)) return value % of === 0;
  const times = value / of;
  return Number.isFinite(times) && Math.abs(times - Math.round(times)) <= Math.abs(times) * 2 ** -50;
}

/** Whether no two elements are equal. In linear time for primitives; what is an object is compared by its content. */
export function isUnique(values: readonly unknown[]): boolean {
  const seen = new Set<unknown>();
  for (const value of values) seen.add(typeof value === "object" && value !== null ? contentOf(value) : value);
  return seen.size === values.length;
}

/** Equal for equal contents, and for nothing else that a contract allows in one place. */
function contentOf(value: unknown): unknown {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value !== "object" || value === null) return Object.is(value, -0) ? "0" : String(value);
  if (value instanceof Date) return `d${value.getTime()}`;
  if (value instanceof Uint8Array) return `b${value.join()}`;
  const parts =
    Array.isArray(value) || value instanceof Set || value instanceof Map
      ? [...(value as Iterable<unknown>)].map(contentOf)
      : undefined;
  if (parts !== undefined) return `[${(Array.isArray(value) ? parts : parts.map(String).sort()).join()}]`;
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return `{${entries
    .map(([key, one]) => `${JSON.stringify(key)}:${String(contentOf(one))}`)
    .sort()
    .join()}}`;
}
