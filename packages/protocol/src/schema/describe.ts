import { elementBytesOf } from "../plain/typed-arrays.js";
import { isObject, isValidDate } from "./objects.js";
import type { Shape } from "./shape.js";
import { renderTemplate } from "./template.js";

/** What a shape asks for, in words. */
export function describe(shape: Shape): string {
  switch (shape.kind) {
    case "any":
      return "a value that can travel without a type";
    case "url":
      return "URL";
    case "template":
      return renderTemplate(shape.texts, shape.holes);
    case "where":
      return describe(shape.of);
    case "date":
      return "valid Date";
    case "bytes":
      return "Uint8Array";
    case "undefined":
      return "nothing";
    case "literal":
      return list(shape.values.map(renderLiteral));
    case "tuple": {
      const most = shape.rest === undefined ? shape.elements.length : Number.POSITIVE_INFINITY;
      if (shape.required === most) return `array of ${most} elements`;
      return most === Number.POSITIVE_INFINITY
        ? `array of at least ${shape.required} elements`
        : `array of ${shape.required} to ${most} elements`;
    }
    case "record":
    case "variant":
      return "object";
    case "map":
      return "Map";
    case "set":
      return "Set";
    case "typedArray": {
      const size = elementBytesOf(shape.name);
      return size === 1 ? shape.name : `${shape.name} (a multiple of ${size} bytes)`;
    }
    case "union":
      return list([...new Set(shape.arms.map(describe))]);
    case "ref":
      return shape.name;
    default:
      return shape.kind;
  }
}

/** `a or b or c`; a long list is cut. */
export function list(words: readonly string[]): string {
  const shown = words.length > 12 ? [...words.slice(0, 12), `… (${words.length} in all)`] : words;
  return shown.join(" or ");
}

/** As it would stand in a contract. */
export function renderLiteral(value: unknown): string {
  return typeof value === "bigint" ? `${value}n` : typeof value === "string" ? JSON.stringify(value) : String(value);
}

/** A short, safe rendering: never calls into the value, never longer than a line. */
export function render(value: unknown): string {
  switch (typeof value) {
    case "string": {
      const short = value.length > 40 ? `${value.slice(0, 40)}…` : value;
      return `string ${JSON.stringify(short)}`;
    }
    case "number":
    case "boolean":
      return `${typeof value} ${String(value)}`;
    case "bigint":
      return value > -(2n ** 64n) && value < 2n ** 64n ? `bigint ${value}n` : "bigint of more than 64 bits";
    case "object":
      if (value === null) return "null";
      if (Array.isArray(value)) return `array of ${value.length}`;
      if (value instanceof Date) return isValidDate(value) ? "Date" : "invalid Date";
      if (value instanceof Uint8Array) return `Uint8Array of ${value.length}`;
      return isObject(value) ? "object" : nameOfBuiltIn(value);
    default:
      return typeof value;
  }
}

const builtIns = [Map, Set, RegExp, Promise, ArrayBuffer, WeakMap, WeakSet];

function nameOfBuiltIn(value: object): string {
  if (ArrayBuffer.isView(value)) return "typed array";
  return builtIns.find((type) => value instanceof type)?.name ?? "object";
}
