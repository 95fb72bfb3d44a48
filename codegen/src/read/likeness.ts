import { bare, type ObjectModel, resolve, type TypeModel } from "../model.js";

/**
 * Whether two arms both go down the same way into the union itself. Each level would then be checked twice for its
 * parent, and a value of forty levels a million million times.
 */
export function triesTwice(arms: readonly TypeModel[], recurs: (type: TypeModel) => boolean): boolean {
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

/**
 * Where two arms ask, in the same place, for types that the wire cannot tell apart. `known` holds the pairs that have been
 * looked at already, here or for other arms, without finding any.
 */
export function mixes(a: TypeModel, b: TypeModel, known: Set<number>): Mix | undefined {
  const seen = new Set<number>();
  const found = search(a, b, (pair) => {
    if (known.has(pair) || seen.has(pair)) return false;
    seen.add(pair);
    return true;
  });
  if (found === undefined) for (const pair of seen) known.add(pair);
  return found;
}

/** `isNew` answers only once with yes for each pair. */
function search(a: TypeModel, b: TypeModel, isNew: (pair: number) => boolean): Mix | undefined {
  const x = bare(a);
  const y = bare(b);
  // What is mixed inside one type is found there.
  if (x === y) return undefined;
  if ((isNumeric(x, "number") && isNumeric(y, "bigint")) || (isNumeric(x, "bigint") && isNumeric(y, "number")))
    return { code: "FC1209", where: "" };
  if (looksLike(x) !== undefined && looksLike(x) === looksLike(y) && formOf(x) !== formOf(y))
    return { code: "FC1219", where: "" };
  if (!isNew(pairOf(x, y))) return undefined;
  for (const arm of unionArms(x)) {
    if (arm === x) continue;
    const found = search(arm, y, isNew);
    if (found !== undefined) return found;
  }
  for (const arm of unionArms(y)) {
    if (arm === y) continue;
    const found = search(x, arm, isNew);
    if (found !== undefined) return found;
  }
  for (const [step, left, right] of commonPlaces(x, y)) {
    const found = search(left, right, isNew);
    if (found !== undefined) return { code: found.code, where: step + found.where };
  }
  return undefined;
}

/** `number | bigint` is a place where a bigint travels as such; any integer there is a number, as in a place for numbers. */
export function withoutNumbersTwin(arms: readonly TypeModel[]): readonly TypeModel[] {
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
    const others = typesByName(y);
    return x.properties.flatMap(({ name, type }) => {
      const other = others.get(name);
      return other === undefined ? [] : [[` > ${name}`, type, other] as const];
    });
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

const namedTypes = new WeakMap<TypeModel, ReadonlyMap<string, TypeModel>>();

function typesByName(object: ObjectModel): ReadonlyMap<string, TypeModel> {
  let found = namedTypes.get(object);
  if (found === undefined) {
    found = new Map(object.properties.map(({ name, type }) => [name, type]));
    namedTypes.set(object, found);
  }
  return found;
}

const identities = new WeakMap<TypeModel, number>();
let identityCount = 0;

/** A number for two types, whatever their order. */
function pairOf(a: TypeModel, b: TypeModel): number {
  const [x, y] = [identify(a), identify(b)];
  return Math.min(x, y) * 2 ** 26 + Math.max(x, y);
}

function identify(type: TypeModel): number {
  const id = identities.get(type) ?? ++identityCount;
  identities.set(type, id);
  return id;
}
