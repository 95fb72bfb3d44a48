import type { Rules } from "@farcall/protocol";
import { bare, resolve, type TypeModel, type WhereModel } from "../model.js";
import { literal } from "./layout.js";
import { isCompound } from "./shapes.js";

/** What printing a condition may need besides the condition. */
export interface Needs {
  /** Names a helper of the run time that the condition calls. */
  helper(name: string): void;
  /** The name of a constant that holds this regular expression. */
  pattern(source: string): string;
}

/** Leaves, and unions of leaves, need no function: the alternatives, any of which will do. `undefined` for other types. */
export function leafConditions(named: TypeModel, value: string, needs: Needs): readonly string[] | undefined {
  const type = named.kind === "named" && !isCompound(named) ? resolve(named) : named;
  switch (type.kind) {
    case "string":
    case "number":
    case "boolean":
    case "bigint":
      return [`typeof ${value} === "${type.kind}"`];
    case "date":
      needs.helper("isDate");
      return [`isDate(${value})`];
    case "url":
      needs.helper("isURL");
      return [`isURL(${value})`];
    case "any":
      needs.helper("isAny");
      return [`isAny(${value})`];
    case "template":
      needs.helper("isTemplate");
      return [`isTemplate(${[value, JSON.stringify(type.texts), ...type.holes.map(literal)].join(", ")})`];
    case "bytes":
      return [`${value} instanceof Uint8Array`];
    case "typedArray":
      return [`${value} instanceof ${type.name}`];
    case "null":
      return [`${value} === null`];
    case "undefined":
      return [`${value} === undefined`, `${value} === null`];
    case "literal":
      return type.values.length > 4 ? undefined : type.values.map((one) => `${value} === ${literal(one)}`);
    case "where": {
      const inner = leafConditions(type.of, value, needs);
      return inner === undefined || inner.length > 1
        ? undefined
        : [[...inner, ...ruleConditions(type, value, needs)].join(" && ")];
    }
    case "union": {
      const arms = type.arms.map((arm) => leafConditions(arm, value, needs));
      return arms.every((arm) => arm !== undefined) ? [...new Set(arms.flat())] : undefined;
    }
    default:
      return undefined;
  }
}

const comparisons = [
  ["minimum", ">="],
  ["maximum", "<="],
  ["exclusiveMinimum", ">"],
  ["exclusiveMaximum", "<"],
] as const satisfies readonly (readonly [keyof Rules, string])[];

/** One condition for each rule, true of a value of the right type that keeps to it. */
export function ruleConditions({ of, rules }: WhereModel, value: string, needs: Needs): readonly string[] {
  const { kind } = bare(of);
  const conditions: string[] = [];
  const call = (helper: string, ...args: readonly string[]): void => {
    needs.helper(helper);
    conditions.push(`${helper}(${args.join(", ")})`);
  };
  const isList = kind === "array" || kind === "tuple";
  const length = isList ? `(${value} as readonly unknown[]).length` : `(${value} as string).length`;
  const [least, most] = isList ? [rules.minItems, rules.maxItems] : [rules.minLength, rules.maxLength];
  if (rules.type !== undefined) call("isNumeric", literal(rules.type), `${value} as ${kind}`);
  for (const [name, operator] of comparisons) {
    const bound = rules[name];
    if (bound !== undefined) conditions.push(`(${value} as ${kind}) ${operator} ${literal(bound)}`);
  }
  if (rules.multipleOf !== undefined) call("isMultipleOf", `${value} as ${kind}`, literal(rules.multipleOf));
  if (least !== undefined && least === most) conditions.push(`${length} === ${least}`);
  else {
    if (least !== undefined) conditions.push(`${length} >= ${least}`);
    if (most !== undefined) conditions.push(`${length} <= ${most}`);
  }
  if (rules.pattern !== undefined) conditions.push(`${needs.pattern(rules.pattern)}.test(${value} as string)`);
  if (rules.format !== undefined) call("isFormat", literal(rules.format), value);
  if (rules.uniqueItems === true) call("isUnique", `${value} as readonly unknown[]`);
  return conditions;
}
