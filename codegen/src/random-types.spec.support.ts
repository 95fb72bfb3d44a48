// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they belong to the types
import { ts } from "ts-morph";

/** Choices that are the same for the same seed. */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  below(bound: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let bits = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) % bound;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  often(percent: number): boolean {
    return this.below(100) < percent;
  }
}

const shared = [
  "export interface A { a: string; b?: number }",
  'export interface B { kind: "b"; v: boolean | null }',
  'export interface C extends A { c: "x" | "y" }',
  'export interface D { kind: "d"; d: string[] }',
  "export interface R { v: number; next?: R }",
  'export interface Q { kind: "b" | "q"; readonly a: 1 | 2; c: bigint }',
  "export type V = { t: 1; a: string } | { t: 2; a?: number };",
  "export type Nest = string | Nest[];",
  "export type Tree = { v: number; kids: Tree[] } | null;",
  "type G<T> = { g: T; h?: T[] };",
  "type Fl<T> = T extends (infer U)[] ? U : T;",
  "type Getters<T> = { [K in keyof T & string as `get_${K}`]: T[K] };",
  "type Deep<T> = T extends object ? { [K in keyof T]: Deep<T[K]> } : T | null;",
  "type Merge<X, Y> = { [K in keyof X | keyof Y]: K extends keyof Y ? Y[K] : K extends keyof X ? X[K] : never };",
];
/** What the types are made of: for the contract, and for the compiler, which is asked about what travels, without names. */
export const declarations = {
  contract: [...shared, 'export enum E { X = "x", Y = "y" }', 'export type Br = string & { readonly __brand: "Br" };'].join("\n"),
  oracle: [...shared, 'type E = "x" | "y";', "type Br = string;"].join("\n"),
};

const leaves = [
  ..."string number boolean bigint null undefined Date Uint8Array true 0 1 -1 1n A B C D R Q V Br Nest Tree".split(" "),
  '"a"',
  '"x"',
  '"b"',
  "`a${number}`",
  "`${string}-${bigint}`",
  "`x${string}`",
  "`${'a' | 'b'}${boolean}`",
  "`${string}${number}`",
];
const objects = {
  A: ["a", "b"],
  B: ["kind", "v"],
  C: ["a", "b", "c"],
  D: ["kind", "d"],
  Q: ["kind", "a", "c"],
  R: ["v", "next"],
};
const names = ["a", "b", "c", "kind", "t", "v", '"x-y"'];
/** Not to meet the former in an intersection: `string & { a: 1 }` is a brand to us, and nothing to the compiler. */
const others = ["p", "r"];
const tags = ['"a"', '"b"', '"x"', '"a" | "c"', "1", "true", "null", "string", "undefined | 'z'"];

/** A type as people write it, or rather do not. */
export function randomType(chance: Chance, depth: number): string {
  if (depth <= 0 || chance.often(15)) return chance.pick(leaves);
  const type = (): string => randomType(chance, depth - 1);
  const name = (): keyof typeof objects => chance.pick(Object.keys(objects)) as keyof typeof objects;
  const object = (among = names): string => {
    const own = [...new Set([chance.pick(among), chance.pick(among)])];
    return `{ ${own.map((one) => `${one}${chance.often(30) ? "?" : ""}: ${type()}`).join("; ")} }`;
  };
  const tagged = (): string =>
    `{ kind: ${chance.pick(tags)}; ${chance.pick(["a", "b", "c"])}${chance.often(30) ? "?" : ""}: ${type()} }`;
  const forms: readonly (() => string)[] = [
    () => `(${type()})[]`,
    () => `readonly (${type()})[]`,
    () => `[(${type()}), (${type()})${chance.often(40) ? "?" : ""}${chance.often(30) ? `, ...(${type()})[]` : ""}]`,
    () => object(),
    () => object(),
    () => `(${type()}) | (${type()})`,
    () => `(${type()}) | (${type()}) | (${type()})`,
    () => `${tagged()} | ${tagged()}`,
    () => `${tagged()} | ${tagged()} | ${tagged()}`,
    () => `${object()} & ${object(others)}`,
    () => `(${tagged()} | ${tagged()}) & { kind: ${chance.pick(tags)} }`,
    () => `${name()} & ${object(others)}`,
    () => `Record<${chance.pick(["string", "'a' | 'b'", "E"])}, ${type()}>`,
    () => {
      const one = type();
      return `{ a?: ${one}; [key: string]: (${one}) | (${type()}) | undefined }`;
    },
    () => `Partial<${name()}>`,
    () => `Required<${name()}>`,
    () => {
      const one = name();
      return `Pick<${one}, "${chance.pick(objects[one])}">`;
    },
    () => `NonNullable<${type()}>`,
    () => `Exclude<${type()}, ${chance.pick(["string", "null", "undefined", "'a'", "boolean", "{ t: 1 }"])}>`,
    () => `G<${type()}>`,
    () => `Fl<(${type()})[]>`,
    () => `Getters<${name()}>`,
    () => `Merge<${name()}, ${object()}>`,
    () => `Deep<${name()}>`,
    () => `keyof ${name()}`,
  ];
  return chance.pick(forms)();
}

const texts = ["", "a", "x", "b", "q", "a1", "x-1", "5", "y", "true", "atrue", " 1", "0x1", "-5", "01", "-0x1", "1-a"];
const numbers = [0, 1, -1, 5, 1.5, 2 ** 40];

function anything(chance: Chance): unknown {
  return chance.pick([
    chance.pick(texts),
    chance.pick(numbers),
    BigInt(chance.below(3)),
    null,
    undefined,
    chance.often(50),
    new Date(0),
    new Uint8Array(1),
    {},
    [],
  ]);
}

/** A value of a type, as the compiler has worked it out. */
export function sampleOf(type: ts.Type, checker: ts.TypeChecker, chance: Chance, depth = 3): unknown {
  const { TypeFlags } = ts;
  const has = (flags: ts.TypeFlags): boolean => (type.flags & flags) !== 0;
  const inside = (inner: ts.Type): unknown => sampleOf(inner, checker, chance, depth - 1);
  const list = (element: ts.Type): unknown[] => Array.from({ length: depth > 0 ? chance.below(3) : 0 }, () => inside(element));
  if (type.isStringLiteral() || type.isNumberLiteral()) return type.value;
  if (has(TypeFlags.BigIntLike)) return BigInt(chance.below(3));
  if (type.isUnion()) return inside(chance.pick(type.types));
  if (has(TypeFlags.BooleanLiteral)) return checker.typeToString(type) === "true";
  if (has(TypeFlags.StringLike)) return chance.pick(texts);
  if (has(TypeFlags.NumberLike)) return chance.pick(numbers);
  if (has(TypeFlags.Null)) return null;
  if (has(TypeFlags.Undefined)) return undefined;
  const kind = (type.symbol as ts.Symbol | undefined)?.name;
  if (kind === "Date") return new Date(0);
  if (kind === "Uint8Array") return new Uint8Array(1);
  if (!has(TypeFlags.Object | TypeFlags.Intersection)) return anything(chance);
  if (checker.isTupleType(type)) {
    const { elementFlags } = (type as ts.TupleTypeReference).target;
    return checker.getTypeArguments(type as ts.TypeReference).flatMap((element, index) => {
      if (elementFlags[index] === ts.ElementFlags.Rest) return list(element);
      return elementFlags[index] === ts.ElementFlags.Optional && chance.often(40) ? [] : [inside(element)];
    });
  }
  if (checker.isArrayType(type)) return list(checker.getTypeArguments(type as ts.TypeReference)[0] as ts.Type);
  const value: Record<string, unknown> = {};
  for (const info of checker.getIndexInfosOfType(type))
    for (let i = chance.below(3); i > 0; i--) value[chance.pick(["a", "q", "a1", "x-5"])] = inside(info.type);
  for (const property of checker.getPropertiesOfType(type)) {
    const optional = (property.flags & ts.SymbolFlags.Optional) !== 0;
    if (!optional || (depth > 0 && chance.often(50))) value[property.name] = inside(checker.getTypeOfSymbol(property));
  }
  return value;
}

/** Nearly the same value. */
export function changed(value: unknown, chance: Chance): unknown {
  if (typeof value !== "object" || value === null || value instanceof Date || value instanceof Uint8Array || chance.often(20)) {
    if (typeof value === "number" && Number.isInteger(value) && chance.often(30)) return BigInt(value);
    return typeof value === "string" && chance.often(50)
      ? chance.pick([`${value}1`, value.slice(1), `${value} `])
      : anything(chance);
  }
  if (Array.isArray(value)) {
    const at = chance.below(value.length + 1);
    return chance.often(50) ? value.slice(0, at) : [...value.slice(0, at), changed(value[at], chance), ...value.slice(at + 1)];
  }
  const entries = Object.entries(value);
  const at = chance.below(entries.length + 1);
  const [key, inner] = entries[at] ?? [chance.pick(["a", "b", "c", "kind", "v", "zz"]), undefined];
  const others = entries.filter(([other]) => other !== key);
  return Object.fromEntries(chance.often(25) ? others : [...others, [key, changed(inner, chance)]]);
}
