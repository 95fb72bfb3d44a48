import { ts } from "ts-morph";
import { bare, type LiteralValue, type ObjectModel, resolve, type TypeModel } from "../model.js";
import { findRecursion } from "../recursion.js";
import { armNodes, has, literalValue } from "./anatomy.js";
import type { Site } from "./findings.js";
import { isUninhabited } from "./intersection.js";
import type { Reading } from "./reading.js";

interface PendingUnion {
  readonly arms: readonly TypeModel[];
  readonly model: UnionSlot;
  readonly site: Site;
}

/** A union is decided when its arms are finished: a recursive arm is still open when the union is met. */
type UnionSlot = { kind: "union"; arms: TypeModel[] };

/** Reads unions: joins literals, finds the property that tells objects apart, refuses what cannot be told apart. */
export class UnionReader {
  readonly #reading: Pick<Reading, "checker" | "findings" | "read">;
  readonly #pending: PendingUnion[] = [];

  constructor(reading: Pick<Reading, "checker" | "findings" | "read">) {
    this.#reading = reading;
  }

  read(types: readonly ts.Type[], site: Site): TypeModel {
    const literals: LiteralValue[] = [];
    const arms: TypeModel[] = [];
    const nothing = new Set<"null" | "undefined">();
    const nodeOf = armNodes(this.#reading.checker, site.node);
    for (const type of types) {
      if (has(type, ts.TypeFlags.Null)) nothing.add("null");
      else if (has(type, ts.TypeFlags.Undefined | ts.TypeFlags.Void)) nothing.add("undefined");
      else if (!isUninhabited(this.#reading, type)) {
        const literal = literalValue(type);
        if (literal !== undefined) literals.push(literal);
        else arms.push(this.#reading.read(type, { node: nodeOf(type), path: site.path }));
      }
    }
    if (literals.includes(true) && literals.includes(false)) {
      literals.splice(0, literals.length, ...literals.filter((value) => typeof value !== "boolean"));
      arms.push({ kind: "boolean" });
    }
    if (literals.length > 0) arms.push({ kind: "literal", values: literals.sort(byTypeThenValue) });
    for (const kind of [...nothing].sort()) arms.push({ kind });
    const [only] = arms;
    if (only !== undefined && arms.length === 1) {
      this.#refuseMixedNumbers(arms, site);
      return only;
    }
    return this.#later(arms, site);
  }

  /** Of types that have been read. */
  of(types: readonly TypeModel[], site: Site): TypeModel {
    const arms = [...new Set(types)];
    const [only] = arms;
    return only !== undefined && arms.length === 1 ? only : this.#later(arms, site);
  }

  #later(arms: readonly TypeModel[], site: Site): TypeModel {
    const model: UnionSlot = { kind: "union", arms: [] };
    this.#pending.push({ arms, model, site });
    return model;
  }

  /** The same union with other arms. */
  mapArms(union: TypeModel, change: (arm: TypeModel) => TypeModel, site: Site): TypeModel {
    const pending = this.#pending.find(({ model }) => model === resolve(union));
    return pending === undefined ? union : this.#later(pending.arms.map(change), site);
  }

  /** Decides every union. Called when all types are read. */
  finish(): void {
    for (const { arms, model } of this.#pending) model.arms = withoutTwinLists([...arms].sort(byRank));
    const recursion = findRecursion(this.#pending.map(({ model }) => model));
    for (const { model, site } of this.#pending) {
      const { arms } = model;
      const objects = arms.filter((arm) => resolve(arm).kind === "object");
      const variant = objects.length > 1 ? discriminate(objects) : undefined;
      const rest = variant === undefined ? arms : arms.filter((arm) => !objects.includes(arm));
      const { errors } = this.#reading.findings.collect(() =>
        this.#refuseMixedNumbers(variant === undefined ? rest : [variant, ...rest], site),
      );
      this.#reading.findings.mark(model, errors);
      if (recursion.isRecursive(model) && triesTwice(rest, (type) => recursion.together(type, model))) {
        this.#reading.findings.mark(model, ["FC1216"]);
        this.#reading.findings.error(
          "FC1216",
          site,
          "the arms of this recursive union look alike, so checking a hostile value could take for ever",
          'give each arm a property with a literal of its own, such as kind: "leaf"',
        );
      }
      if (variant === undefined) continue;
      if (rest.length > 0) model.arms = [variant, ...rest];
      else Object.assign(model, { ...variant });
    }
  }

  #refuseMixedNumbers(unsplit: readonly TypeModel[], site: Site): void {
    // `1 | 2n` is one arm with two literals; for this question they are two, and of each type one will do.
    const split = unsplit.flatMap((arm) =>
      arm.kind === "literal"
        ? [...new Map(arm.values.map((value) => [typeof value, value])).values()].map(
            (value): TypeModel => ({ kind: "literal", values: [value] }),
          )
        : [arm],
    );
    const arms = withoutNumbersTwin(split);
    arms.forEach((a, index) => {
      for (const b of arms.slice(index + 1)) {
        const mix = mixes(a, b, new Set());
        if (mix === undefined) continue;
        const what = mix.code === "FC1209" ? "a number and a bigint" : "two kinds of text, of lists or of memory";
        this.#reading.findings.error(
          mix.code,
          { node: site.node, path: `${site.path ?? ""}${mix.where}` },
          `${what} in one place cannot be told apart on the wire`,
          "use one of the two, or a property with a literal that says which",
        );
        return;
      }
    });
  }
}

/** `T[] | readonly T[]` are two types for the compiler, and one list. */
function withoutTwinLists(arms: readonly TypeModel[]): TypeModel[] {
  const elements = new Set<TypeModel>();
  return arms.filter((arm) => {
    const list = resolve(arm);
    if (list.kind !== "array") return true;
    const element = resolve(list.element);
    const isTwin = elements.has(element);
    elements.add(element);
    return !isTwin;
  });
}

/** The first property that holds different literals in every arm; then only one arm ever needs to be tried. */
function discriminate(arms: readonly TypeModel[]): Extract<TypeModel, { kind: "variant" }> | undefined {
  const first = resolve(arms[0] as TypeModel) as ObjectModel;
  for (const { name } of first.properties) {
    const seen = new Set<LiteralValue>();
    const found: { values: readonly LiteralValue[]; type: TypeModel }[] = [];
    for (const arm of arms) {
      const property = (resolve(arm) as ObjectModel).properties.find((candidate) => candidate.name === name);
      const values = property === undefined || property.optional ? undefined : literalsOf(property.type);
      if (values === undefined || values.some((value) => seen.has(value))) break;
      for (const value of values) seen.add(value);
      found.push({ values, type: arm });
    }
    // A number and a bigint of one value are one value on the wire.
    const integers = [...seen].filter((value) => typeof value === "number" || typeof value === "bigint");
    const mixed = new Set(integers.map((value) => typeof value)).size > 1;
    if (found.length === arms.length && !mixed) {
      return {
        kind: "variant",
        discriminant: name,
        arms: found.sort((a, b) => byTypeThenValue(a.values[0] ?? "", b.values[0] ?? "")),
      };
    }
  }
  return undefined;
}

function literalsOf(type: TypeModel): readonly LiteralValue[] | undefined {
  const model = resolve(type);
  if (model.kind === "literal") return model.values;
  return model.kind === "boolean" ? [false, true] : undefined;
}

/**
 * Whether two arms both go down the same way into the union itself. Each level would then be checked twice for its
 * parent, and a value of forty levels a million million times.
 */
function triesTwice(arms: readonly TypeModel[], recurs: (type: TypeModel) => boolean): boolean {
  return arms.some((a, index) =>
    arms.slice(index + 1).some((b) => commonPlaces(resolve(a), resolve(b)).some(([, x, y]) => recurs(x) && recurs(y))),
  );
}

/** The one form on the wire that several types share. */
function looksLike(type: TypeModel): "string" | "array" | "binary" | undefined {
  switch (type.kind) {
    case "string":
    case "template":
    case "url":
      return "string";
    case "literal":
      return type.values.some((value) => typeof value === "string") ? "string" : undefined;
    case "array":
    case "tuple":
    case "map":
    case "set":
      return "array";
    case "bytes":
    case "typedArray":
      return "binary";
    default:
      return undefined;
  }
}

/** What the receiver would make of that form. */
function formOf(type: TypeModel): string {
  if (type.kind === "tuple") return "array";
  if (type.kind === "template" || type.kind === "literal") return "string";
  return type.kind === "typedArray" ? type.name : type.kind;
}

interface Mix {
  readonly code: "FC1209" | "FC1219";
  /** The path below the two arms. */
  readonly where: string;
}

/** Where two arms ask, in the same place, for types that the wire cannot tell apart. */
function mixes(a: TypeModel, b: TypeModel, seen: Set<string>): Mix | undefined {
  const x = bare(a);
  const y = bare(b);
  if ((isNumeric(x, "number") && isNumeric(y, "bigint")) || (isNumeric(x, "bigint") && isNumeric(y, "number")))
    return { code: "FC1209", where: "" };
  if (looksLike(x) !== undefined && looksLike(x) === looksLike(y) && formOf(x) !== formOf(y))
    return { code: "FC1219", where: "" };
  const key = `${identify(x)} ${identify(y)}`;
  if (seen.has(key)) return undefined;
  seen.add(key);
  for (const arm of unionArms(x)) {
    if (arm === x) continue;
    const found = mixes(arm, y, seen);
    if (found !== undefined) return found;
  }
  for (const arm of unionArms(y)) {
    if (arm === y) continue;
    const found = mixes(x, arm, seen);
    if (found !== undefined) return found;
  }
  for (const [step, left, right] of commonPlaces(x, y)) {
    const found = mixes(left, right, seen);
    if (found !== undefined) return { code: found.code, where: step + found.where };
  }
  return undefined;
}

/** `number | bigint` is a place where a bigint travels as such; any integer there is a number, as in a place for numbers. */
function withoutNumbersTwin(arms: readonly TypeModel[]): readonly TypeModel[] {
  return arms.some((arm) => bare(arm).kind === "number") ? arms.filter((arm) => bare(arm).kind !== "bigint") : arms;
}

function unionArms(type: TypeModel): readonly TypeModel[] {
  if (type.kind === "union") return withoutNumbersTwin(type.arms);
  return type.kind === "variant" ? type.arms.map((arm) => arm.type) : [type];
}

function isNumeric(type: TypeModel, kind: "number" | "bigint"): boolean {
  return type.kind === kind || (type.kind === "literal" && type.values.some((value) => typeof value === kind));
}

function commonPlaces(x: TypeModel, y: TypeModel): readonly (readonly [string, TypeModel, TypeModel])[] {
  if (x.kind === "object" && y.kind === "object") {
    return x.properties.flatMap((p) =>
      y.properties.filter((q) => q.name === p.name).map((q) => [` > ${p.name}`, p.type, q.type] as const),
    );
  }
  if (x.kind === "record" && y.kind === "record") return [["[key]", x.value, y.value]];
  if (x.kind === "record" && y.kind === "object") return y.properties.map((q) => [` > ${q.name}`, x.value, q.type] as const);
  if (x.kind === "object" && y.kind === "record") return commonPlaces(y, x);
  if ((x.kind === "array" || x.kind === "tuple") && (y.kind === "array" || y.kind === "tuple")) {
    const length = Math.max(x.kind === "tuple" ? x.elements.length : 0, y.kind === "tuple" ? y.elements.length : 0) + 1;
    return Array.from({ length }, (_, index) => [elementAt(x, index), elementAt(y, index)] as const).flatMap(([p, q], index) =>
      p === undefined || q === undefined ? [] : [[`[${index}]`, p, q] as const],
    );
  }
  if (x.kind === "map" && y.kind === "map")
    return [
      ["[key]", x.key, y.key],
      ["[value]", x.value, y.value],
    ];
  if (x.kind === "set" && y.kind === "set") return [["[member]", x.member, y.member]];
  return [];
}

function elementAt(type: Extract<TypeModel, { kind: "array" | "tuple" }>, index: number): TypeModel | undefined {
  return type.kind === "array" ? type.element : (type.elements[index]?.type ?? type.rest);
}

const identities = new WeakMap<TypeModel, number>();
let identityCount = 0;

function identify(type: TypeModel): number {
  const id = identities.get(type) ?? ++identityCount;
  identities.set(type, id);
  return id;
}

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
function byRank(a: TypeModel, b: TypeModel): number {
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

function byTypeThenValue(a: LiteralValue, b: LiteralValue): number {
  return compare(typeof b, typeof a) || compare(a, b);
}

function compare<T extends LiteralValue>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
