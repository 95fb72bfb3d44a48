import { ts } from "ts-morph";
import { type LiteralValue, type ObjectModel, resolve, type TypeModel } from "../model.js";
import { findRecursion } from "../recursion.js";
import { armNodes, has, literalValue } from "./anatomy.js";
import { byRank, byTypeThenValue } from "./arm-order.js";
import type { Site } from "./findings.js";
import { isUninhabited } from "./intersection.js";
import { mixes, triesTwice, withoutNumbersTwin } from "./likeness.js";
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
  readonly #unmixed = new Set<number>();

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
    if (arms.length === 0) return this.#reading.read(this.#reading.checker.getNeverType(), site);
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
        const mix = mixes(a, b, this.#unmixed);
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
