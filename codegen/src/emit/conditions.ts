import type { LiteralValue } from "../model.js";
import { indent, literal } from "./layout.js";

/** Every object inherits a `constructor` and a `toString`; what is inherited is not data. */
export function propertyOf(name: string): string {
  const key = JSON.stringify(name);
  return name in Object.prototype ? `(Object.hasOwn(v, ${key}) ? v[${key}] : undefined)` : `v[${key}]`;
}

export function literalSwitch(values: readonly LiteralValue[]): readonly string[] {
  return [
    "switch (v) {",
    ...values.map((value) => `  case ${literal(value)}:`),
    "    return true;",
    "  default:",
    "    return false;",
    "}",
  ];
}

export function negate(condition: string): string {
  const simple = /^typeof (\S+) === (\S+)$/.exec(condition);
  if (simple !== null) return `typeof ${simple[1] ?? ""} !== ${simple[2] ?? ""}`;
  return condition.startsWith("(") || /^\w+\([^()]*\)$/.test(condition) ? `!${condition}` : `!(${condition})`;
}

export function conjunction(conditions: readonly string[]): string {
  const line = conditions.join(" && ");
  return line.length <= 90 ? line : `(\n${indent(conditions.join(" &&\n"))}\n)`;
}

export function alternatives(conditions: readonly string[]): string {
  const line = conditions.join(" || ");
  return line.length <= 90 ? line : `(\n${indent(conditions.join(" ||\n"))}\n)`;
}
