import type { LiteralValue, TypeModel } from "../model.js";

const ranks = [
  "string",
  "number",
  "boolean",
  "bigint",
  "date",
  "bytes",
  "named",
  "object",
  "record",
  "array",
  "tuple",
  "map",
  "set",
  "typedArray",
  "url",
  "template",
  "where",
  "any",
  "variant",
  "union",
  "literal",
  "undefined",
  "null",
];

/** The compiler's order of arms depends on what else it has read; this one does not. */
export function byRank(a: TypeModel, b: TypeModel): number {
  return ranks.indexOf(a.kind) - ranks.indexOf(b.kind) || compare(sortText(a, 3), sortText(b, 3));
}

function sortText(type: TypeModel, depth: number): string {
  if (type.kind === "named") return `${type.name} ${type.origin}`;
  if (depth === 0) return type.kind;
  switch (type.kind) {
    case "object":
      return type.properties.map((p) => `${p.name}:${sortText(p.type, depth - 1)}`).join();
    case "array":
      return `[${sortText(type.element, depth - 1)}]`;
    case "tuple":
      return `(${type.elements.map((e) => sortText(e.type, depth - 1)).join()})`;
    case "record":
      return `{${sortText(type.value, depth - 1)}}`;
    case "map":
      return `<${sortText(type.key, depth - 1)},${sortText(type.value, depth - 1)}>`;
    case "set":
      return `<${sortText(type.member, depth - 1)}>`;
    case "typedArray":
      return type.name;
    case "template":
      return type.texts.join("$");
    case "where":
      return `${sortText(type.of, depth - 1)} ${Object.entries(type.rules).join(" ")}`;
    case "literal":
      return type.values.map(String).join("|");
    default:
      return type.kind;
  }
}

export function byTypeThenValue(a: LiteralValue, b: LiteralValue): number {
  return compare(typeof b, typeof a) || compare(a, b);
}

function compare<T extends LiteralValue>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
