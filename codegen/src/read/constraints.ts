import type { Format, NumericType, Rules } from "@farcall/protocol";
import type { ts } from "ts-morph";
import { resolve, type TypeModel } from "../model.js";
import { type Group, groups } from "./constraint-tags.js";
import type { Findings, Site } from "./findings.js";
import { isFormatName } from "./formats.js";
import { type Tag, tagsOf } from "./tags.js";
import type { UnionReader } from "./union.js";

type MutableRules = { -readonly [K in keyof Rules]: Rules[K] };

const meant: Readonly<Record<Group, string>> = { number: "numbers and bigints", string: "strings", list: "arrays and tuples" };
const numericTypes = ["int32", "uint32", "int64", "uint64", "float", "double"] as const satisfies readonly NumericType[];

/** Reads constraint tags and puts their rules on the types that they stand on. */
export class Constraints {
  readonly #findings: Findings;
  readonly #unions: UnionReader;

  constructor(findings: Findings, unions: UnionReader) {
    this.#findings = findings;
    this.#unions = unions;
  }

  /** `type` with the rules of the doc comment of `node`, a property or a parameter. */
  apply(node: ts.Node, type: TypeModel, site: Site): TypeModel {
    const byGroup = new Map<Group, { rules: MutableRules; tag: Tag }>();
    for (const tag of tagsOf(node)) {
      const group = Object.hasOwn(groups, tag.name) ? groups[tag.name] : undefined;
      if (group === undefined) continue;
      const found = byGroup.get(group) ?? { rules: {}, tag };
      const problem = readRule(found.rules, tag) ?? contradiction(found.rules);
      if (problem !== undefined) this.#findings.error("FC1116", { node: tag.node, path: site.path }, ...problem);
      byGroup.set(group, found);
    }
    let model = type;
    for (const [group, { rules, tag }] of byGroup) {
      let fits = false;
      const constrain = (arm: TypeModel): TypeModel => {
        if (groupOf(arm) !== group) return arm;
        fits = true;
        return { kind: "where", of: arm, rules: resolve(arm).kind === "bigint" ? this.#forBigint(rules, tag, site) : rules };
      };
      model = resolve(model).kind === "union" ? this.#unions.mapArms(model, constrain, site) : constrain(model);
      if (fits) continue;
      this.#findings.error(
        "FC1115",
        { node: tag.node, path: site.path },
        `@${tag.name} is for ${meant[group]}, and this is none`,
        "put it where the value is declared, or drop it",
      );
    }
    return model;
  }

  #forBigint(rules: Rules, tag: Tag, site: Site): Rules {
    const entries = Object.entries(rules).map(([name, value]: [string, unknown]) => {
      if (typeof value !== "number") return [name, value];
      if (Number.isInteger(value)) return [name, BigInt(value)];
      const problem = `@${name} ${value} is a fraction, which no bigint is`;
      this.#findings.error("FC1116", { node: tag.node, path: site.path }, problem, "write a whole number");
      return [name, 0n];
    });
    return Object.fromEntries(entries) as Rules;
  }
}

function groupOf(type: TypeModel): Group | undefined {
  switch (resolve(type).kind) {
    case "string":
    case "template":
      return "string";
    case "number":
    case "bigint":
      return "number";
    case "array":
    case "tuple":
      return "list";
    case "where":
      return groupOf((resolve(type) as Extract<TypeModel, { kind: "where" }>).of);
    default:
      return undefined;
  }
}

type Problem = readonly [message: string, hint: string];

/** Adds what the tag says to `rules`, or tells what is wrong with it. */
function readRule(rules: MutableRules, { name, text, word: value }: Tag): Problem | undefined {
  const wrong = (hint: string): Problem => [`${`@${name} ${text.slice(0, 40)}`.trimEnd()} makes no sense`, hint];
  switch (name) {
    case "type": {
      const type = numericTypes.find((one) => one === value.replace(/^\{(.*)\}$/, "$1"));
      if (type === undefined) return wrong(`write @type ${numericTypes.join(", @type ")}`);
      rules.type = type;
      return undefined;
    }
    case "minimum":
    case "maximum":
    case "exclusiveMinimum":
    case "exclusiveMaximum":
    case "multipleOf": {
      const number = readNumber(value);
      if (number === undefined || (name === "multipleOf" && number <= 0)) return wrong(`write a number: @${name} 10`);
      rules[name] = number;
      return undefined;
    }
    case "length":
    case "minLength":
    case "maxLength":
    case "items":
    case "minItems":
    case "maxItems": {
      const count = readNumber(value);
      if (typeof count !== "number" || !Number.isInteger(count) || count < 0) return wrong(`write a whole number: @${name} 10`);
      if (name === "length") [rules.minLength, rules.maxLength] = [count, count];
      else if (name === "items") [rules.minItems, rules.maxItems] = [count, count];
      else rules[name] = count;
      return undefined;
    }
    case "uniqueItems":
      if (!["", "true", "false"].includes(value)) return wrong("write @uniqueItems");
      if (value !== "false") rules.uniqueItems = true;
      return undefined;
    case "format":
      if (!isFormatName(value)) return wrong("write one of the formats of the guide, such as @format uuid, or a @pattern");
      rules.format = value satisfies Format;
      return undefined;
    case "pattern":
      if (!isPattern(text)) return wrong("write a regular expression without slashes: @pattern ^[A-Z]{2}-\\d+$");
      rules.pattern = text;
      return undefined;
    default:
      return undefined;
  }
}

function contradiction({
  minimum,
  maximum,
  exclusiveMinimum,
  exclusiveMaximum,
  minLength,
  maxLength,
  minItems,
  maxItems,
}: Rules): Problem | undefined {
  const impossible =
    isAbove(minimum, maximum) ||
    isAbove(minLength, maxLength) ||
    isAbove(minItems, maxItems) ||
    (exclusiveMinimum !== undefined && (exclusiveMinimum === exclusiveMaximum || isAbove(exclusiveMinimum, exclusiveMaximum)));
  return impossible ? ["no value keeps to all of these constraints", "let the lower bound be below the upper one"] : undefined;
}

function isAbove(low: number | bigint | undefined, high: number | bigint | undefined): boolean {
  return low !== undefined && high !== undefined && low > high;
}

/** A number, or a bigint where a number could not hold it. */
function readNumber(text: string): number | bigint | undefined {
  if (!/^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?n?$/.test(text)) return undefined;
  const digits = text.replace(/n$/, "");
  const number = Number(digits);
  if (/^[+-]?\d+$/.test(digits) && !Number.isSafeInteger(number)) return BigInt(digits);
  return Number.isFinite(number) ? number : undefined;
}

function isPattern(text: string): boolean {
  try {
    return text !== "" && new RegExp(text, "u") instanceof RegExp;
  } catch {
    return false;
  }
}
