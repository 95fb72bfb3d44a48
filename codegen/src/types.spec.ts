// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they belong to the contracts
import type { MethodDescriptor, Schema, Shape } from "@farcall/protocol";
import { expect } from "chai";
import fc from "fast-check";
import { Workbench } from "./workbench.spec.support.js";

interface Row {
  readonly type: string;
  /** Declarations the type needs. */
  readonly with?: string;
  /** Codes of the warnings that reading it gives, once for each of its four places in the contract. */
  readonly warns?: string;
  readonly good: readonly unknown[];
  readonly bad: readonly unknown[];
}

const cyclic: Record<string, unknown> = { value: "a", children: [] };
cyclic.children = [cyclic];

/** A hundred thousand levels, far beyond any stack. */
function deepList(): unknown {
  let list: unknown = null;
  for (let i = 0; i < 100_000; i++) list = { next: list };
  return list;
}

const table: Readonly<Record<string, Row>> = {
  string: { type: "string", good: ["", "a"], bad: [1, null, undefined, ["a"]] },
  number: { type: "number", good: [0, -1.5, Number.NaN, Number.POSITIVE_INFINITY], bad: ["1", 1n, null] },
  boolean: { type: "boolean", good: [true, false], bad: [0, "true", null] },
  bigint: { type: "bigint", good: [0n, 2n ** 80n], bad: [0, "0"] },
  null: { type: "null", good: [null], bad: [undefined, 0, ""] },
  nothing: { type: "void", good: [undefined, null], bad: [0, "", {}] },
  undefined: { type: "undefined", good: [undefined, null], bad: [0] },
  maybe: { type: "string | undefined", good: ["a", undefined], bad: [1] },
  stringLiteral: { type: '"on"', good: ["on"], bad: ["off", 1] },
  numberLiteral: { type: "42", good: [42], bad: [42n, "42", 43] },
  booleanLiteral: { type: "true", good: [true], bad: [false, 1] },
  numberOrBigint: { type: "number | bigint | null", good: [0, 0n, 5, 5n, -0.5, 2n ** 60n, 2n ** 80n, null], bad: ["0", true] },
  numbersTwice: {
    type: "{ y: number | bigint; a: 1 } | { y: number; b?: 2 }",
    good: [{ y: 1, a: 1 }, { y: 1n, a: 1 }, { y: 1 }],
    bad: [{ y: 1n }, { y: "1", a: 1 }],
  },
  listsTwice: {
    type: "Listed",
    with: "export type Listed = string | Listed[] | readonly Listed[] | { [key: string]: Listed };",
    good: ["a", [["a"], { b: ["c"] }]],
    bad: [1, [[1]]],
  },
  bigintLiteral: { type: "-7n", good: [-7n], bad: [7n, -7] },
  literals: { type: '"a" | "it\'s || odd" | 3 | true', good: ["a", "it's || odd", 3, true], bad: ["b", false, 4] },
  manyLiterals: { type: '"a" | "b" | "c" | "d" | "e" | "f"', good: ["a", "f"], bad: ["g", null] },
  stringEnum: {
    type: "Color",
    with: 'export enum Color { Red = "red", Green = "green" }',
    good: ["red", "green"],
    bad: ["Red", 0],
  },
  numericEnum: { type: "Level | null", with: "export enum Level { Low, High = 10 }", good: [0, 10, null], bad: [1, "Low"] },
  enumMember: { type: "Pet.Cat", with: 'export enum Pet { Cat = "cat", Dog = "dog" }', good: ["cat"], bad: ["dog"] },
  hiddenEnum: { type: "{ size: Size }", with: "enum Size { S = 1, L = 2 }", good: [{ size: 1 }], bad: [{ size: 3 }] },
  array: { type: "string[]", good: [[], ["a", "b"]], bad: [["a", 1], "a", {}, { length: 0 }] },
  readonlyArray: { type: "readonly (number | null)[]", good: [[], [1, null]], bad: [[undefined], null] },
  nestedArray: { type: "Array<ReadonlyArray<string>>", good: [[], [[]], [["a"]]], bad: [["a"], [[1]]] },
  tuple: { type: "[string, number]", good: [["a", 1]], bad: [["a"], ["a", 1, 2], [1, "a"], "a1"] },
  labelledTuple: {
    type: "[sku: string, units?: number]",
    good: [["a"], ["a", 1], ["a", undefined]],
    bad: [[], ["a", "b"], ["a", 1, 2]],
  },
  restTuple: { type: "readonly [string, ...number[]]", good: [["a"], ["a", 1, 2]], bad: [[], ["a", "b"], ["a", 1, "b"]] },
  emptyTuple: { type: "[]", good: [[]], bad: [[1], {}] },
  object: {
    type: "{ a: string; b?: number; readonly c: boolean | undefined }",
    good: [
      { a: "x", c: true },
      { a: "x", b: 1, c: undefined },
      { a: "x", b: undefined },
      { a: "x", c: true, surplus: 1 },
    ],
    bad: [{}, { a: 1 }, { a: "x", b: null }, { a: "x", c: 1 }, [], null, new Date(0), new Map()],
  },
  oddKeys: {
    type: '{ "content-type": string; "with space"?: number; 1: boolean }',
    good: [{ "content-type": "a", 1: true }],
    bad: [{ "content-type": "a" }],
  },
  interface: {
    type: "Child",
    with: "interface Base { id: string } export interface Child extends Base { name: string }",
    good: [{ id: "1", name: "n" }],
    bad: [{ name: "n" }, { id: "1" }],
  },
  emptyInterface: { type: "Nothing", with: "export interface Nothing {}", good: [{}, { a: 1 }], bad: [null, [], "a"] },
  generic: {
    type: "Page<Row1>",
    with: "export interface Page<T> { items: T[]; next: string | null } export interface Row1 { id: number }",
    good: [{ items: [{ id: 1 }], next: null }],
    bad: [{ items: [{}], next: null }],
  },
  mapped: {
    type: "Partial<Pick<Wide, 'a' | 'b'>>",
    with: "export interface Wide { a: string; b: number; c: boolean }",
    good: [{}, { a: "x" }, { b: 1, c: 7 }],
    bad: [{ a: 1 }, { b: "x" }],
  },
  intersection: {
    type: "Named & { size: number }",
    with: "export interface Named { name: string }",
    good: [{ name: "a", size: 1 }],
    bad: [{ name: "a" }, { size: 1 }],
  },
  inheritedNames: {
    type: "{ constructor?: string; toString: number | null }",
    good: [{ toString: 1 }, { toString: null, constructor: "a" }],
    bad: [{}, { toString: 1, constructor: 1 }],
  },
  filter: {
    type: "Filter",
    with: "export type Filter = { and: Filter[] } | { not: Filter } | { field: string; is: string | null }",
    good: [{ and: [{ not: { field: "a", is: null } }] }],
    bad: [{ and: [{ not: {} }] }, { or: [] }],
  },
  record: { type: "Record<string, number>", good: [{}, { a: 1 }], bad: [{ a: "1" }, [], null, new Date(0)] },
  indexSignature: { type: "{ [id: string]: Date }", good: [{ a: new Date(0) }], bad: [{ a: 0 }] },
  recordOfUnion: { type: 'Record<"x" | "y", number>', good: [{ x: 1, y: 2 }], bad: [{ x: 1 }] },
  map: {
    type: "Map<string, number | null>",
    good: [new Map(), new Map([["a", 1]]), new Map([["a", null]])],
    bad: [{}, [], [["a", 1]], new Map([[1, 1]]), new Map([["a", "1"]]), new Set(), null],
  },
  readonlyMap: {
    type: "ReadonlyMap<bigint | 'all', { when?: Date }>",
    good: [
      new Map<unknown, unknown>([
        [1n, {}],
        ["all", { when: new Date(0) }],
      ]),
    ],
    bad: [new Map([[1, {}]]), new Map([["none", {}]]), new Map([[1n, { when: 0 }]])],
  },
  nestedMap: {
    type: "Map<Kind, Map<number, string[]>>",
    with: 'export enum Kind { A = "a", B = "b" }',
    good: [new Map([["a", new Map([[1, ["x"]]])]])],
    bad: [new Map([["a", new Map([["1", ["x"]]])]]), new Map([["c", new Map()]])],
  },
  set: { type: "Set<string>", good: [new Set(), new Set(["a"])], bad: [["a"], new Set([1]), new Map(), {}, null] },
  readonlySet: { type: "ReadonlySet<1 | 2> | null", good: [null, new Set([1, 2])], bad: [new Set([3]), [1]] },
  recursiveMap: {
    type: "Folder",
    with: "export interface Folder { name: string; folders: Map<string, Folder> }",
    good: [{ name: "a", folders: new Map([["b", { name: "b", folders: new Map() }]]) }],
    bad: [{ name: "a", folders: new Map([["b", { name: "b" }]]) }],
  },
  int8: { type: "Int8Array", good: [new Int8Array(2)], bad: [new Uint8Array(2), [1], null] },
  clamped: { type: "Uint8ClampedArray", good: [new Uint8ClampedArray(2)], bad: [new Uint8Array(2)] },
  int16: { type: "Int16Array", good: [new Int16Array(2)], bad: [new Uint16Array(2)] },
  uint16: { type: "Uint16Array", good: [new Uint16Array(2)], bad: [new Int16Array(2)] },
  int32: { type: "Int32Array", good: [new Int32Array(2)], bad: [new Float32Array(2)] },
  uint32: { type: "Uint32Array", good: [new Uint32Array(2)], bad: [new Int32Array(2)] },
  float32: { type: "Float32Array[]", good: [[new Float32Array(2)]], bad: [new Float32Array(2), [[1]]] },
  float64: { type: "{ samples?: Float64Array }", good: [{}, { samples: new Float64Array(2) }], bad: [{ samples: [1] }] },
  bigint64: { type: "BigInt64Array", good: [new BigInt64Array(2)], bad: [new BigUint64Array(2)] },
  biguint64: { type: "BigUint64Array", good: [new BigUint64Array(2)], bad: [new BigInt64Array(2)] },
  arrayBuffer: { type: "ArrayBuffer", good: [new ArrayBuffer(2)], bad: [new Uint8Array(2), "a"] },
  utilities: {
    type: "{ a: Required<Loose>; b: Readonly<Loose>; c: Omit<Loose, 'x'>; d: NonNullable<string | null>; e: Awaited<Promise<Loose>>; f: Exclude<'p' | 'q', 'p'> }",
    with: "export interface Loose { x?: number; y: string }",
    good: [{ a: { x: 1, y: "" }, b: { y: "" }, c: { y: "" }, d: "", e: { y: "" }, f: "q" }],
    bad: [
      { a: { y: "" }, b: { y: "" }, c: { y: "" }, d: "", e: { y: "" }, f: "q" },
      { a: { x: 1, y: "" }, b: { y: "" }, c: {}, d: "", e: { y: "" }, f: "q" },
      { a: { x: 1, y: "" }, b: { y: "" }, c: { y: "" }, d: null, e: { y: "" }, f: "q" },
      { a: { x: 1, y: "" }, b: { y: "" }, c: { y: "" }, d: "", e: { y: "" }, f: "p" },
    ],
  },
  moreUtilities: {
    type: "[ReturnType<typeof make>, Parameters<typeof make>, Extract<string | number, string>, Partial<Record<'a' | 'b', number>>]",
    with: "export declare function make(size: number): { made: boolean };",
    good: [[{ made: true }, [1], "", { a: 1 }]],
    bad: [
      [{ made: 1 }, [1], "", {}],
      [{ made: true }, ["1"], "", {}],
      [{ made: true }, [1], 1, {}],
      [{ made: true }, [1], "", { b: "1" }],
    ],
  },
  genericChain: {
    type: "Result<Page2<string>, 'gone'>",
    with: "export interface Page2<T> { items: T[]; byName: Map<string, T> } export type Result<T, E extends string> = { ok: true; value: T } | { ok: false; error: E }",
    good: [
      { ok: true, value: { items: ["a"], byName: new Map([["a", "a"]]) } },
      { ok: false, error: "gone" },
    ],
    bad: [
      { ok: true, value: { items: [1], byName: new Map() } },
      { ok: false, error: "lost" },
    ],
  },
  multipleInheritance: {
    type: "Leaf2",
    with: "interface A2<T> { a: T } interface B2 { b?: number } export interface Leaf2 extends A2<string>, B2 { c: boolean }",
    good: [
      { a: "", c: true },
      { a: "", b: 1, c: true },
    ],
    bad: [{ c: true }, { a: 1, c: true }, { a: "", b: "1", c: true }],
  },
  date: { type: "Date", good: [new Date(0)], bad: [new Date(Number.NaN), 0, "1970-01-01"] },
  bytes: { type: "Uint8Array", good: [new Uint8Array(2), Buffer.from("a")], bad: [[1, 2], new ArrayBuffer(2), "a"] },
  union: { type: "string | number[] | { a: bigint }", good: ["a", [1], { a: 1n }], bad: [1, ["a"], { a: 1 }, null] },
  variant: {
    type: "Figure",
    with: 'export type Figure = { kind: "circle"; r: number } | { kind: "square"; side: number } | { kind: "dot" | "none" }',
    good: [{ kind: "circle", r: 1 }, { kind: "square", side: 2 }, { kind: "dot" }, { kind: "none" }],
    bad: [{ kind: "circle", side: 1 }, { kind: "toString" }, { r: 1 }, "circle", null],
  },
  nullableVariant: {
    type: "Answer | null | string",
    with: "export type Answer = { ok: true; value: number } | { ok: false; error: string }",
    good: [null, "a", { ok: true, value: 1 }, { ok: false, error: "e" }],
    bad: [{ ok: true, error: "e" }, { ok: null }, 1],
  },
  numericVariant: {
    type: "{ v: 1; a: string } | { v: 2; a: bigint }",
    good: [
      { v: 1, a: "x" },
      { v: 2, a: 1n },
    ],
    bad: [
      { v: 2, a: "x" },
      { v: "1", a: "x" },
    ],
  },
  unlike: { type: "{ a: string } | { b: string }", good: [{ a: "x" }, { b: "y" }], bad: [{}, { c: "z" }] },
  tree: {
    type: "Tree",
    with: "export interface Tree { value: string; children: Tree[] }",
    good: [{ value: "a", children: [{ value: "b", children: [] }] }],
    bad: [{ value: "a", children: [{}] }, cyclic],
  },
  list: {
    type: "List | null",
    with: "export interface List { next: List | null }",
    good: [null, { next: { next: null } }],
    bad: [{}, deepList()],
  },
  mutual: {
    type: "Ping",
    with: "export interface Ping { pong?: Pong } export interface Pong { ping: Ping | null; all: Record<string, Ping> }",
    good: [{}, { pong: { ping: { pong: { ping: null, all: {} } }, all: { a: {} } } }],
    bad: [{ pong: {} }, { pong: { ping: { pong: 1 }, all: {} } }],
  },
  json: {
    type: "Json",
    with: "export type Json = string | number | boolean | null | Json[] | { [key: string]: Json }",
    good: [null, 1, ["a", { b: [true] }], {}],
    bad: [undefined, 1n, [undefined], { a: 1n }],
  },
  expression: {
    type: "Expr",
    with: 'export type Expr = { op: "lit"; value: number } | { op: "add"; left: Expr; right: Expr }',
    good: [{ op: "add", left: { op: "lit", value: 1 }, right: { op: "lit", value: 2 } }],
    bad: [{ op: "add", left: { op: "lit", value: 1 } }],
  },
  selfArray: { type: "Nest", with: "export type Nest = (string | Nest)[]", good: [[], ["a", ["b", []]]], bad: [[1], "a"] },
  typeOf: {
    type: "typeof settings",
    with: "export declare const settings: { theme: string }",
    good: [{ theme: "a" }],
    bad: [{}],
  },
  unknown: {
    type: "{ a: unknown; b?: any }",
    warns: "FC1205",
    good: [{ a: 1n }, {}, { a: { b: [null, undefined, new Date(0), new Uint8Array(1)] }, b: "x" }],
    bad: [
      null,
      { a: new Map() },
      { a: () => 1 },
      { a: new Date(Number.NaN) },
      { a: [new Set()] },
      { a: 1, b: Symbol("b") },
      { a: /x/ },
    ],
  },
  openRecord: { type: "Record<string, unknown>", warns: "FC1205", good: [{}, { a: [1] }], bad: [{ a: new Map() }, [], null] },
  template: {
    type: "`user_${number}` | `${string}@${string}.com`",
    good: ["user_1", "user_-1.5e3", "user_1 ", "user_5.", "a@b.com", "@.com"],
    bad: ["user_", "user_x", "user_1 2", "user_1e999", "user_1_0", "a@b.org", 1, null, "a.com@b"],
  },
  templates: {
    type: "{ id: `${bigint}-${string}`; on: `${boolean}`; version: `v${number}.${number}`; pair: `${string}${number}` }",
    good: [
      { id: "1-a", on: "true", version: "v1.2", pair: "a1" },
      { id: "12-", on: "false", version: "v0x1F.2e3", pair: "-1" },
      { id: "0x1f-", on: "false", version: "v0x1F. 2", pair: "- 1" },
    ],
    bad: [
      { id: "01-a", on: "true", version: "v1.2", pair: "a1" },
      { id: "0x-a", on: "true", version: "v1.2", pair: "a1" },
      { id: "1.5-a", on: "true", version: "v1.2", pair: "a1" },
      { id: "1-a", on: "yes", version: "v1.2", pair: "a1" },
      { id: "1-a", on: "true", version: "v1.", pair: "a1" },
      { id: "1-a", on: "true", version: "v1.2", pair: "1" },
    ],
  },
  templateOfBigint: {
    type: "`${bigint}n`",
    good: ["0n", "-12n", "-0x1fn", "0b1n"],
    bad: ["n", "01n", "-01n", "0xn", "1_0n", " 1n", "+1n", "1.0n"],
  },
  narrowed: {
    type: "Form & { kind: 'circle' }",
    with: "export type Form = { kind: 'circle'; r: number } | { kind: 'square'; side: number } | { kind: 'dot' }",
    good: [{ kind: "circle", r: 1 }],
    bad: [{}, { kind: "square", side: 1 }, { kind: "circle" }, { kind: "dot" }],
  },
  narrowedParts: {
    type: "({ at: 'a' | 'b'; x: 1 } | { at: 'c'; y: 1 } | null) & ({ at: 'a' } | { at: 'c'; z: 1 })",
    good: [
      { at: "a", x: 1 },
      { at: "c", y: 1, z: 1 },
    ],
    bad: [{}, { at: "b", x: 1 }, { at: "c", y: 1 }, { at: "a", y: 1 }, null],
  },
  url: { type: "URL | null", good: [new URL("http://a/b?c#d"), null], bad: ["http://a/", {}, { href: "http://a/" }] },
  brandByKey: { type: 'string & { readonly __brand: "Sku" }', good: ["a"], bad: [1, { __brand: "Sku" }] },
  brandBySymbol: {
    type: "Cents | undefined",
    with: "declare const cents: unique symbol; export type Cents = bigint & { readonly [cents]: true };",
    good: [1n, undefined],
    bad: [1, "1"],
  },
  brandOnDate: { type: 'Date & { __brand: "Day" }', good: [new Date(0)], bad: ["1970-01-01"] },
  literalOrString: { type: '"a" | "b" | (string & {})', good: ["a", "z"], bad: [1] },
  openObject: {
    type: "{ id: string; size?: number; [more: string]: string | number | undefined }",
    good: [{ id: "a" }, { id: "a", size: 1, b: "x", c: 2, d: undefined }],
    bad: [{ b: "x" }, { id: "a", size: "1" }, { id: "a", b: true }, { id: 1 }],
  },
  exclusive: {
    type: "{ a: string; b?: never } | { b: number; a?: never }",
    good: [{ a: "x" }, { b: 1 }, { a: "x", b: undefined }],
    bad: [{ a: "x", b: 1 }, {}, { b: "x" }],
  },
  emptyRecord: { type: "Record<string, never>", good: [{}], bad: [{ a: 1 }, [], null] },
  openArm: { type: "boolean | object", warns: "FC1205", good: [true, {}, { a: [1] }], bad: ["a", [1], null, { a: new Map() }] },
  recursiveJson: {
    type: "JsonLike",
    with: "type JsonObject = { [Key in string]: JsonLike } & { [Key in string]?: JsonLike | undefined }; export type JsonLike = string | number | null | JsonLike[] | JsonObject;",
    good: ["a", { a: { b: [null] } }],
    bad: [true, { a: { b: true } }],
  },
  numberIndex: { type: "{ [id: number]: string }", good: [{}, { 1: "a", "2.5": "b" }], bad: [{ a: "x" }, { 1: 2 }] },
  templateIndex: {
    type: "{ [name: `data-${string}`]: boolean }",
    good: [{}, { "data-": true }],
    bad: [{ data: true }, { "data-a": 1 }],
  },
  constrained: {
    type: "Limits",
    with: `export interface Limits {
      /** @minimum 1 @type uint32 */
      units: number;
      /**
       * @minLength 2
       * @maxLength 4
       */
      name: string;
      /** @pattern ^[^@/]+@x\\.[a-z]*$ */
      mail?: string | null;
      /** @format uuid */
      id?: string | undefined;
      /** @exclusiveMinimum 0 @maximum 100n */
      cents?: bigint | null;
      /** @multipleOf 0.1 @exclusiveMaximum 1 */
      share?: number;
      /** @minItems 1 @maxItems 2 @uniqueItems */
      tags?: (string | number)[];
      /** @length 2 */
      code?: "none" | string;
    }`,
    good: [
      { units: 1, name: "ab" },
      { units: 2 ** 32 - 1, name: "abcd", mail: "a/b@x.c".slice(2), id: "00000000-0000-0000-0000-00000000000f", cents: 100n },
      { units: 5, name: "ab", mail: null, cents: null, share: 0.3, tags: ["a", 1], code: "ab" },
    ],
    bad: [
      { units: 0, name: "ab" },
      { units: 1.5, name: "ab" },
      { units: 2 ** 32, name: "ab" },
      { units: Number.NaN, name: "ab" },
      { units: 1, name: "a" },
      { units: 1, name: "abcde" },
      { units: 1, name: "ab", mail: "a@y.c" },
      { units: 1, name: "ab", id: "0" },
      { units: 1, name: "ab", cents: 0n },
      { units: 1, name: "ab", cents: 101n },
      { units: 1, name: "ab", share: 0.25 },
      { units: 1, name: "ab", share: 1 },
      { units: 1, name: "ab", tags: [] },
      { units: 1, name: "ab", tags: ["a", "a"] },
      { units: 1, name: "ab", tags: ["a", "b", "c"] },
    ],
  },
  constrainedTuples: {
    type: "Rows",
    with: `export interface Rows {
      /** @minItems 1 @maxItems 3 */
      some: [string, ...string[]];
      /** @maxItems 0 */
      none?: [];
      /** @uniqueItems */
      names: [first: string, second?: string] | null;
    }`,
    good: [
      { some: ["a"], names: ["a", "b"] },
      { some: ["a", "b", "c"], none: [], names: null },
    ],
    bad: [
      { some: [], names: null },
      { some: ["a", "b", "c", "d"], names: null },
      { some: ["a"], none: [1], names: null },
      { some: ["a"], names: ["a", "a"] },
    ],
  },
  indexedAccess: {
    type: "[Stock['size'], Stock['tags'][number], keyof Stock]",
    with: "export interface Stock { size: 1 | 2; tags: string[] }",
    good: [[1, "a", "size"]],
    bad: [
      [3, "a", "size"],
      [1, 1, "size"],
      [1, "a", "other"],
    ],
  },
  conditional: {
    type: "{ a: Flat<string[]>; b: Flat<number>; c: Picked<Mixed> }",
    with: "export type Flat<T> = T extends (infer U)[] ? U : T; export interface Mixed { a: string; b: number; f: () => void } export type Picked<T> = { [K in keyof T as T[K] extends Function ? never : `get_${K & string}`]?: T[K] };",
    good: [{ a: "x", b: 1, c: { get_a: "x" } }],
    bad: [
      { a: [], b: 1, c: {} },
      { a: "x", b: 1, c: { get_b: "x" } },
    ],
  },
  merged: {
    type: "Merged",
    with: "export interface Merged { a: string } export interface Merged { b?: number }",
    good: [{ a: "x", b: 1 }],
    bad: [{ b: 1 }, { a: "x", b: "1" }],
  },
  redeclared: {
    type: "Narrow",
    with: "interface Broad { kind: string; size?: number | string } export interface Narrow extends Broad { kind: 'n'; size: number }",
    good: [{ kind: "n", size: 1 }],
    bad: [{ kind: "m", size: 1 }, { kind: "n" }, { kind: "n", size: "1" }],
  },
  constant: {
    type: "(typeof levels)[number]",
    with: "export declare const levels: readonly ['low', 'high'];",
    good: ["low"],
    bad: ["mid"],
  },
  namespaced: {
    type: "billing.Invoice",
    with: "export declare namespace billing { interface Invoice { total: bigint } }",
    good: [{ total: 1n }],
    bad: [{ total: 1 }],
  },
};

function isVoid(row: Row): boolean {
  return row.type === "void";
}

/** One service with two methods per row: the type as a result, and as a parameter. */
const contract = [
  "/** @service */",
  "export interface Everything {",
  ...Object.entries(table).flatMap(([name, row]) => [
    `  get_${name}(): Promise<${row.type}>;`,
    ...(isVoid(row) ? [] : [`  put_${name}(value: ${row.type}, more?: ${row.type}): Promise<void>;`]),
    `  feed_${name}(before: string, values: AsyncIterable<${row.type}>): AsyncIterable<${row.type}>;`,
  ]),
  "}",
  ...Object.values(table).map((row) => row.with ?? ""),
].join("\n");

describe("generated types", () => {
  let bench: Workbench;
  let methods: ReadonlyMap<string, MethodDescriptor>;

  before(async function () {
    this.timeout(60_000);
    bench = await Workbench.create({ "everything.ts": contract });
    const result = await bench.generate(["everything.ts"]);
    expect(result.diagnostics.filter(({ severity }) => severity === "error")).to.deep.equal([]);
    const warnings = new Set(
      result.diagnostics.map(({ code, path }) => `${path?.replace(/^Everything\.[a-z]+_(\w+).*$/, "$1") ?? ""} ${code}`),
    );
    const expected = Object.entries(table).flatMap(([name, row]) => (row.warns === undefined ? [] : [`${name} ${row.warns}`]));
    expect([...warnings].sort()).to.deep.equal(expected.sort());
    // The contract uses enums, which the flag forbids; generated code is held to it by the next test.
    expect(await bench.compile({ lib: ["ES2023", "DOM"] })).to.equal("");
    methods = (await bench.load("gen/everything.js", "Everything")).methods;
  });

  after(() => bench.dispose());

  it("compile under erasableSyntaxOnly, with complaints about the contract at most", async function () {
    this.timeout(60_000);
    const complaints = await bench.compile({ lib: ["ES2023", "DOM"], erasableSyntaxOnly: true, outDir: "erasable" });
    expect(complaints.split("\n").filter((line) => line.startsWith("gen"))).to.deep.equal([]);
  });

  for (const [name, row] of Object.entries(table)) {
    it(`check ${row.type.length > 60 ? name : row.type}`, () => {
      const { output } = method(methods, `get_${name}`);
      for (const value of row.good) expectVerdict(output, value, true);
      for (const value of row.bad) expectVerdict(output, value, false);
      fc.assert(
        fc.property(fc.oneof(fitting(output.shape), fc.anything()), (value) => agree(output, value)),
        { numRuns: 100 },
      );
    });
  }

  it("check items of streams like results", () => {
    for (const [name, row] of Object.entries(table)) {
      const { input, stream, args } = method(methods, `feed_${name}`);
      expect(stream).to.equal(1);
      expect(args.is(["before"])).to.equal(true);
      for (const value of row.good) expect(input?.is(value), name).to.equal(true);
      for (const value of row.bad) expect(input?.is(value), name).to.equal(false);
    }
  });

  it("check arguments by position, and let through what a newer caller adds", () => {
    for (const [name, row] of Object.entries(table)) {
      if (isVoid(row)) continue;
      const { args, params } = method(methods, `put_${name}`);
      expect(params).to.equal(2);
      for (const value of row.good) {
        expect(args.is([value]), `${name} alone`).to.equal(true);
        expect(args.is([value, undefined]), `${name} and nothing`).to.equal(true);
        expect(args.is([value, value, "from", "the future"]), `${name} and more`).to.equal(true);
      }
      for (const value of row.bad) {
        expect(args.is([value]), name).to.equal(false);
        expectVerdict(args, [value], false);
      }
      expect(args.is("not a list")).to.equal(false);
    }
  });

  it("name the parameter when they explain a refusal", () => {
    expect(method(methods, "put_tuple").args.explain([["a", "b"]])[0]?.path).to.deep.equal(["value", 1]);
    expect(method(methods, "put_labelledTuple").args.explain([["a", "b"]])[0]?.path).to.deep.equal(["value", "units"]);
  });
});

function method(methods: ReadonlyMap<string, MethodDescriptor>, name: string): MethodDescriptor {
  const found = methods.get(name);
  if (found === undefined) throw new Error(`no method ${name}`);
  return found;
}

function expectVerdict(schema: Schema, value: unknown, verdict: boolean): void {
  expect(schema.is(value), `is(${show(value)})`).to.equal(verdict);
  expect(schema.explain(value).length === 0, `explain(${show(value)})`).to.equal(verdict);
}

function agree(schema: Schema, value: unknown): boolean {
  return schema.is(value) === (schema.explain(value).length === 0);
}

function show(value: unknown): string {
  try {
    return typeof value === "bigint" ? `${value}n` : (JSON.stringify(value) ?? String(value)).slice(0, 80);
  } catch {
    return "something";
  }
}

/** Values that fit a shape or nearly do: every place has a small chance to hold something else. */
function fitting(shape: Shape, depth = 0): fc.Arbitrary<unknown> {
  const wrong = fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.constant(undefined), fc.bigInt());
  if (depth > 6) return wrong;
  return fc.oneof({ weight: 12, arbitrary: exactly(shape, depth + 1) }, { weight: 1, arbitrary: wrong });
}

function exactly(shape: Shape, depth: number): fc.Arbitrary<unknown> {
  switch (shape.kind) {
    case "string":
      return fc.string();
    case "number":
      return fc.double();
    case "boolean":
      return fc.boolean();
    case "bigint":
      return fc.bigInt();
    case "date":
      return fc.date({ noInvalidDate: false });
    case "bytes":
      return fc.uint8Array();
    case "null":
      return fc.constant(null);
    case "undefined":
      return fc.constant(undefined);
    case "any":
      return fc.anything();
    case "url":
      return fc.webUrl().map((url) => new URL(url));
    case "template":
      return fc
        .tuple(...shape.holes.map(() => fc.oneof(fc.integer().map(String), fc.string())))
        .map((filled) => shape.texts.map((text, index) => text + (filled[index] ?? "")).join(""));
    case "where":
      return exactly(shape.of, depth);
    case "literal":
      return fc.constantFrom(...shape.values);
    case "array":
      return fc.array(fitting(shape.element, depth), { maxLength: 3 });
    case "record":
      return fc.dictionary(
        fc.oneof(fc.string(), (shape.key === undefined ? fc.string() : exactly(shape.key, depth)) as fc.Arbitrary<string>),
        fitting(shape.value, depth),
        { maxKeys: 3 },
      );
    case "map":
      return fc
        .array(fc.tuple(fitting(shape.key, depth), fitting(shape.value, depth)), { maxLength: 3 })
        .map((entries) => new Map(entries));
    case "set":
      return fc.array(fitting(shape.member, depth), { maxLength: 3 }).map((members) => new Set(members));
    case "typedArray":
      return fc.constantFrom(new Float64Array(1), new BigInt64Array(2), new ArrayBuffer(3), new Int8Array(4));
    case "tuple": {
      const rest = shape.rest === undefined ? fc.constant([]) : fc.array(fitting(shape.rest, depth), { maxLength: 3 });
      const elements = fc.tuple(...shape.elements.map((element) => fitting(element, depth)));
      const length = fc.integer({ min: 0, max: shape.elements.length });
      return fc
        .tuple(elements, rest, length, fc.boolean())
        .map(([fixed, more, cut, whole]) => (whole ? [...fixed, ...more] : fixed.slice(0, cut)));
    }
    case "object": {
      const all = { ...shape.required, ...shape.optional };
      const model = Object.fromEntries(Object.entries(all).map(([key, value]) => [key, fitting(value, depth)]));
      const declared = fc.record(model, { requiredKeys: Object.keys(shape.required), noNullPrototype: true });
      const others = fc.dictionary(fc.string(), fitting(shape.rest ?? { kind: "null" }, depth), { maxKeys: 2 });
      return fc.tuple(others, declared).map(([more, named]) => ({ ...more, ...named }));
    }
    case "union":
      return fc.oneof(...shape.arms.map((arm) => fitting(arm, depth)));
    case "variant":
      return fc.oneof(...[...shape.arms.values()].map((arm) => fitting(arm, depth)));
    case "ref":
      return fc.constant(null).chain(() => fitting(shape.resolve(), depth));
  }
}
