// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they belong to the contracts
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import type { DiagnosticCode } from "./index.js";
import { unmark } from "./marks.spec.support.js";
import { brief, Workbench } from "./workbench.spec.support.js";

type Row = readonly [code: DiagnosticCode, title: string, member: string, declarations?: string];

/** One member of a service each, and what it needs. */
const members: readonly Row[] = [
  ["FC1101", "a property that is no method", "▸name: string;"],
  ["FC1101", "a function with properties", "▸a: { (): Promise<void>; b: string };"],
  ["FC1101", "a constructor", "▸make: new () => string;"],
  ["FC1101", "an index signature", "▸[name: string]: () => Promise<void>;"],
  ["FC1101", "a call signature", "▸(): Promise<void>;"],
  ["FC1103", "overloads that only a result tells apart", "a(x: string): Promise<void>; ▸a(x: string): Promise<number>;"],
  ["FC1103", "an overload that another contains", "a(x: 'b'): Promise<number>; ▸a(x: string): Promise<boolean>;"],
  ["FC1103", "an optional parameter as the only difference", "a(): Promise<void>; ▸a(x?: string): Promise<Date>;"],
  ["FC1103", "overloads of objects that may be both", "a(x: { y?: 1 }): Promise<void>; ▸a(x: { z: 1 }): Promise<Date>;"],
  ["FC1103", "one overload that streams", "a(x: 1): Promise<string>; ▸a(x: 2): AsyncIterable<string>;"],
  ["FC1103", "one overload that takes a list", "a(x: 1): void; ▸a(x: 2, ...y: string[]): void;"],
  ["FC1103", "signals in several places", "a(x: 1, y: AbortSignal): void; ▸a(x: 2, y: string, z: AbortSignal): void;"],
  ["FC1103", "overloads in a property", "a: { (x: string): string; ▸(x: string): number };"],
  ["FC1209", "a number or a bigint by overload", "▸a(x: { y: number }): void; a(x: { y: bigint }): void;"],
  ["FC1203", "a symbol in the second overload", "a(x: string): void; a(x: ▸symbol): void;"],
  ["FC1104", "a result that the caller chooses", "a<▸T>(x: string): Promise<T>;"],
  ["FC1104", "a result of the type of an argument", "a<▸T extends { id: string }>(x: T): Promise<T[]>;"],
  ["FC1104", "a type parameter of another", "a<▸T, K extends keyof T>(x: T, y: K): void;"],
  ["FC1104", "two type parameters of literals", "a<K extends 'x' | 'y', ▸L extends 'x' | 'y'>(k: K, l: L): [K, L];"],
  [
    "FC1104",
    "more literals than anybody would write overloads for",
    "a<▸K extends `${Digit}${Digit}${Digit}`>(k: K): K;",
    "type Digit = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;",
  ],
  [
    "FC1210",
    "a mapped type over a type parameter",
    "a<K extends keyof Row>(k: K): ▸Pick<Row, K>;",
    "export interface Row { x: string; y: number }",
  ],
  [
    "FC1210",
    "a conditional type over a type parameter",
    "a<K extends keyof Row>(k: K, x: ▸Parameters<Row[K]>): void;",
    "export interface Row { x(a: string): void; y(b: number): void }",
  ],
  ["FC1210", "what is left of a type parameter", "a<T extends string | null>(x: ▸NonNullable<T>): void;"],
  ["FC1201", "itself as a result", "a(): ▸this;"],
  ["FC1106", "a thing that only looks like a promise", "a(): ▸{ then(): void };"],
  ["FC1107", "two signals", "a(x: AbortSignal, y: ▸{ signal?: AbortSignal }): Promise<void>;"],
  ["FC1204", "a signal inside data", "a(x: { y: { signal: ▸AbortSignal } }): Promise<void>;"],
  [
    "FC1204",
    "options with a signal as data too",
    "a(x: Options): Promise<▸Options>;",
    "export interface Options { signal?: AbortSignal }",
  ],
  ["FC1101", "a group that holds itself", "a: Group;", "export interface Group { b(): Promise<void>; ▸c: Group }"],
  ["FC1201", "a listener without an event", "a(listener: ▸(x: string) => void): void;"],
  ["FC1201", "a listener that answers", "a(event: 'b', listener: ▸(x: string) => string): void;"],
  ["FC1107", "two stream parameters", "a(x: AsyncIterable<string>, y: ▸AsyncIterable<string>): Promise<void>;"],
  ["FC1108", "then", "▸then(): Promise<void>;"],
  ["FC1108", "with", "▸with(): Promise<void>;"],
  ["FC1108", "constructor", "▸constructor(): Promise<void>;"],
  ["FC1108", "prototype", "▸prototype(): Promise<void>;"],
  ["FC1108", "__proto__", "▸__proto__(): Promise<void>;"],
  ["FC1108", "a $ name", "▸$a(): Promise<void>;"],
  ["FC1109", "a generator with a return value", "a(): ▸AsyncGenerator<string, number>;"],
  ["FC1109", "a generator that takes values", "a(): ▸AsyncGenerator<string, void, number>;"],
  ["FC1110", "an optional stream", "a(x?: ▸AsyncIterable<string>): Promise<void>;"],
  ["FC1111", "a this parameter", "a(▸this: Date, x: string): Promise<void>;"],
  ["FC1111", "a required parameter after an optional one", "▸a(x?: string, y: string): Promise<void>;"],
  ["FC1112", "a timeout that is no duration", "/** @▸timeout soon */\na(): Promise<void>;"],
  ["FC1112", "a timeout of zero", "/** @▸timeout 0s */\na(): Promise<void>;"],
  ["FC1112", "a timeout no timer can hold", "/** @▸timeout 40000000s */\na(): Promise<void>;"],
  ["FC1112", "two kinds of repeatability", "/** @idempotent @▸exactlyOnce */\na(): Promise<void>;"],
  ["FC1113", "a doc comment that TypeScript drops", "a(): Promise<void>; /** @idempotent */ ▸b(): Promise<void>;"],
  ["FC1112", "a key that is no parameter", "/** @▸key sku */\na(x: string): Promise<void>;"],
  ["FC1112", "a key without a name", "/** @▸key */\na(x: string): Promise<void>;"],
  ["FC1112", "two keys", "/** @key x\n * @▸key y */\na(x: string, y: string): Promise<void>;"],
  ["FC1117", "an error that nobody knows", "/** @▸throws {Nowhere} */\na(): Promise<void>;"],
  ["FC1117", "an error that nobody exports", "/** @▸throws {Hidden} */\na(): Promise<void>;", "interface Hidden { b: 1 }"],
  [
    "FC1117",
    "an error with a code of its own",
    "/** @▸throws {Coded} */\na(): Promise<void>;",
    "export interface Coded { code: number }",
  ],
  [
    "FC1201",
    "an error that holds a function",
    "/** @throws {Live} */\na(): Promise<void>;",
    "export interface Live { retry: ▸() => void }",
  ],
  ["FC1114", "an optional key", "/** @key x */\na(▸x?: string): Promise<void>;"],
  ["FC1114", "a key that may be undefined", "/** @key x */\na(▸x: string | undefined): Promise<void>;"],
  ["FC1114", "a key that may be null", "/** @key x */\na(▸x: string | null): Promise<void>;"],
  ["FC1114", "a key that is an object", "/** @key x */\na(▸x: { id: string }): Promise<void>;"],
  ["FC1114", "a key that is a stream", "/** @key x */\na(▸x: AsyncIterable<string>): Promise<void>;"],

  ["FC1201", "a callback", "a(x: ▸() => void): Promise<void>;"],
  ["FC1201", "an optional callback", "a(x: string, done?: ▸() => void): void;"],
  ["FC1201", "a callback that may be undefined", "a(done: ▸(() => void) | undefined): void;"],
  ["FC1201", "a callback in the style of Node", "a(x: string, done: ▸(error: Error | null, y?: Date) => void): void;"],
  ["FC1201", "a callback among options", "a(o?: { onItem?: ▸(x: string) => void; limit?: number }): Promise<void>;"],
  ["FC1201", "a method among options", "a(o: Options): Promise<void>;", "export interface Options { onItem?(x: string): ▸void }"],
  ["FC1201", "overloads that all take callbacks", "a(x: 1, done: ▸() => void): void; a(x: 2, done: ▸() => void): void;"],
  ["FC1201", "callbacks in a list", "a(...all: ▸(() => void)[]): void;"],
  ["FC1201", "an interface to be called", "a(x: Listener): void;", "export interface ▸Listener { (x: string): void }"],
  ["FC1201", "a function as a result", "a(): Promise<▸() => void>;"],
  ["FC1201", "a service as data", "a(x: Other): void;", "export interface Other { b(): ▸Promise<void> }"],
  ["FC1201", "a callback deep inside", "a(x: { y: { z: ▸() => void }[] }): Promise<void>;"],
  ["FC1201", "an object's method", "a(x: { run(): ▸void }): Promise<void>;"],
  ["FC1201", "an aliased callback", "a(x: ▸Callback): Promise<void>;", "type Callback = (error: string) => void;"],
  ["FC1202", "a class", "a(x: ▸Account): Promise<void>;", "declare class Account { id: string }"],
  ["FC1202", "a class as a result", "a(): Promise<▸Account>;", "declare class Account { id: string }"],
  ["FC1203", "a symbol", "a(x: ▸symbol): Promise<void>;"],
  ["FC1203", "a unique symbol", "a(x: ▸typeof tag): Promise<void>;", "declare const tag: unique symbol;"],
  ["FC1204", "WeakMap", "a(x: ▸WeakMap<Date, number>): Promise<void>;"],
  ["FC1204", "WeakSet inside a union", "a(x: string | ▸WeakSet<Date>): Promise<void>;"],
  ["FC1204", "DataView", "a(): Promise<▸DataView>;"],
  ["FC1204", "SharedArrayBuffer", "a(): AsyncIterable<▸SharedArrayBuffer>;"],
  ["FC1204", "RegExp", "a(x: { y?: ▸RegExp }): Promise<void>;"],
  ["FC1204", "Error", "a(): Promise<▸Error | null>;"],
  ["FC1204", "AbortController, with no library that declares it", "a(x: ▸AbortController): Promise<void>;"],
  ["FC1204", "Buffer, with no library that declares it", "a(x: ▸Buffer[]): Promise<void>;"],
  ["FC1204", "an interface on top of Date", "a(x: Day): Promise<void>;", "export interface ▸Day extends Date { name: string }"],
  ["FC1204", "an interface on top of Error", "a(): Promise<Failed>;", "export interface ▸Failed extends Error { id: string }"],
  [
    "FC1212",
    "an interface on top of an array",
    "a(x: Arr): Promise<void>;",
    "export interface ▸Arr extends Array<string> { y: number }",
  ],
  ["FC1204", "Iterable", "a(x: ▸Iterable<string>): Promise<void>;"],
  ["FC1204", "Function", "a(x: ▸Function): Promise<void>;"],
  ["FC1206", "a template literal of cases", "a(x: ▸`user_${Uppercase<string>}`): Promise<void>;"],
  ["FC1206", "a string mapping", "a(x: ▸Uppercase<string>): Promise<void>;"],
  ["FC1207", "a primitive with a property of its own", "a(x: ▸string & { length: 5 }): Promise<void>;"],
  ["FC1207", "two templates at once", "a(x: ▸`a${string}` & `${string}b`): Promise<void>;"],
  ["FC1207", "an intersection with an array", "a(x: ▸string[] & { more: 1 }): Promise<void>;"],
  ["FC1208", "a promise in data", "a(x: { y: ▸Promise<string> }): Promise<void>;"],
  ["FC1208", "a stream in data", "a(): Promise<▸AsyncIterable<string>>;"],
  ["FC1208", "a stream of streams", "a(): AsyncIterable<▸AsyncIterable<string>>;"],
  ["FC1209", "number or bigint here, bigint there", "a(x: ▸{ y: number | bigint } | { y: bigint }): Promise<void>;"],
  ["FC1209", "literals of both", "a(x: ▸1 | 2n): Promise<void>;"],
  ["FC1209", "number or bigint in one property", "a(x: ▸{ y: number } | { y: bigint }): Promise<void>;"],
  ["FC1209", "number or bigint as elements", "a(x: ▸number[] | [string, bigint] | null): Promise<void>;"],
  ["FC1209", "number or bigint in a record", "a(x: ▸Record<string, number> | { y: bigint }): Promise<void>;"],
  ["FC1219", "a Map or an array", "a(x: ▸Map<string, number> | string[]): Promise<void>;"],
  ["FC1219", "a Set or a tuple", "a(x: { y: ▸Set<string> | [string] }): Promise<void>;"],
  ["FC1219", "two typed arrays", "a(x: ▸Float32Array | Uint8Array): Promise<void>;"],
  ["FC1219", "a Map or a Set in one property", "a(x: ▸{ y: Map<string, string> } | { y: Set<string> }): Promise<void>;"],
  ["FC1209", "number or bigint as keys", "a(x: ▸Map<number, string> | Map<bigint, string>): Promise<void>;"],
  ["FC1220", "a Map by objects", "a(x: Map<▸Date, string>): Promise<void>;"],
  ["FC1220", "a Set of objects", "a(x: ReadonlySet<▸{ a: string }>): Promise<void>;"],
  ["FC1201", "a callback in a Map", "a(x: Map<string, ▸() => void>): Promise<void>;"],
  ["FC1211", "a property called __proto__", "a(x: { __proto__: ▸string }): Promise<void>;"],
  ["FC1212", "a symbol index", "a(x: ▸{ [id: symbol]: string }): Promise<void>;"],
  ["FC1212", "two indexes", "a(x: ▸{ [id: `a${string}`]: string; [id: `b${string}`]: number }): Promise<void>;"],
  ["FC1212", "properties beside an index of some keys", "a(x: ▸{ y: string; [id: `a${string}`]: number }): Promise<void>;"],
  ["FC1219", "a URL or a string", "a(x: ▸string | URL): Promise<void>;"],
  ["FC1115", "a length of a number", "a(/** @▸minLength 1 */ x: number): Promise<void>;"],
  ["FC1115", "a minimum of a list", "a(x: {\n/** @▸minimum 1 */\n y: number[] }): Promise<void>;"],
  ["FC1116", "a minimum that is no number", "a(x: {\n/** @▸minimum one */\n y: number }): Promise<void>;"],
  ["FC1116", "a fraction as a minimum of bigints", "a(x: {\n/** @▸minimum 1.5 */\n y: bigint }): Promise<void>;"],
  ["FC1116", "a negative length", "a(x: {\n/** @▸minLength -1 */\n y: string }): Promise<void>;"],
  ["FC1116", "bounds that exclude each other", "a(x: {\n/** @minimum 5 @▸maximum 4 */\n y: number }): Promise<void>;"],
  ["FC1116", "a pattern that is no expression", "a(x: {\n/** @▸pattern ( */\n y: string }): Promise<void>;"],
  ["FC1116", "a format that nobody knows", "a(x: {\n/** @▸format phone */\n y: string }): Promise<void>;"],
  ["FC1116", "a type that nobody knows", "a(x: {\n/** @▸type int7 */\n y: number }): Promise<void>;"],
  ["FC1113", "a constraint that TypeScript drops", "a(x: { y: string; /** @minimum 1 */ ▸z: number }): Promise<void>;"],
  ["FC1213", "a rest element in front", "a(x: [...string[], ▸number]): Promise<void>;"],
  ["FC1214", "never", "a(): Promise<▸never>;"],
  ["FC1214", "a contradiction", "a(x: ▸string & number): Promise<void>;"],
  ["FC1214", "a union of contradictions", "a(x: ▸({ k: 1; a: 1 } | { k: 2; b: 1 }) & { k: 3 }): Promise<void>;"],
  [
    "FC1215",
    "a recursive event that is not exported",
    "▸on(event: 'a', listener: (x: Node) => void): void;",
    "interface Node { next?: Node }",
  ],
  [
    "FC1216",
    "a recursive union of twins",
    "a(x: Twin): Promise<void>;",
    "export type Twin = ▸{ l: Twin; x: 1 } | { l: Twin; y: 1 } | null;",
  ],
  ["FC1217", "a type that grows for ever", "a(x: Grow<1>): Promise<void>;", "export interface Grow<T> { v: T; n?: ▸Grow<[T]> }"],
  ["FC1218", "a computed enum", "a(x: ▸Roll): Promise<void>;", "export enum Roll { A = Math.random() }"],
  ["FC1002", "a name that does not exist", "a(x: ▸Nowhere): Promise<void>;"],
  ["FC1002", "a type from a missing file", "a(x: ▸Lost): Promise<void>;", 'import type { Lost } from "./lost.js";'],
];

/** Whole files. */
const files: readonly Row[] = [
  ["FC1002", "a syntax error", "export type A = ▸;"],
  ["FC1003", "no service", "export interface A { a(): Promise<void> }"],
  ["FC1004", "one wire name twice", "/** @service */\nexport interface A {}\n/** ▸@service A */\nexport interface B {}"],
  [
    "FC1101",
    "a service on top of Map",
    "/** @service */\nexport interface ▸A extends Map<string, string> { b(): Promise<void> }",
  ],
  ["FC1007", "a service that is not exported", "/** @service */\ninterface ▸A { a(): Promise<void> }"],
  [
    "FC1007",
    "a service in a namespace that is not exported",
    "declare namespace n {\n  /** @service */\n  interface ▸A { a(): Promise<void> }\n}",
  ],
  ["FC1008", "a function as a service", "/** @▸service */\nexport declare function a(): Promise<void>;"],
  ["FC1008", "a class without a name", "/** @▸service */\nexport default class { async a() {} }"],
  ["FC1010", "a generic class", "/** @service */\nexport class A<▸T> { a(x: T) {} }"],
  ["FC1101", "a class on top of Map", "/** @service */\nexport class ▸A extends Map<string, string> { b() {} }"],
  ["FC1008", "a union as a service", "/** @service */\nexport type ▸A = { a(): Promise<void> } | { b(): Promise<void> };"],
  ["FC1009", "a wire name of two words", "/** ▸@service Stock keeping. */\nexport interface A {}"],
  ["FC1010", "a generic service", "/** @service */\nexport interface A<▸T> { a(): Promise<T> }"],
  ["FC1011", "a service called Promise", "/** @service */\nexport interface Promise { a(): AsyncIterable<string> }"],
  [
    "FC1011",
    "services whose clients clash",
    "/** @service */\nexport interface A {}\n/** @service */\nexport interface AClient {}",
  ],
  [
    "FC1113",
    "a dropped service tag",
    "const a = 1; /** @service */ export interface ▸A {}\n/** @service */\nexport interface B {}",
  ],
];

describe("refusals", () => {
  let bench: Workbench;

  before(async () => {
    bench = await Workbench.create();
  });

  after(() => bench.dispose());

  for (const [code, title, member, declarations] of members) {
    const text = `/** @service */\nexport interface S {\n  ${member}\n}\n${declarations ?? ""}\n`;
    it(`refuse ${title} (${code})`, () => expectRefusal(bench, code, text));
  }

  for (const [code, title, text] of files) it(`refuse ${title} (${code})`, () => expectRefusal(bench, code, text));

  it("report everything that is wrong, in the order of the source", async () => {
    await bench.write(
      "many.ts",
      "/** @service */\nexport interface S {\n  a(x: any, y: Map<string, symbol>): string;\n  b?(x: () => string): void;\n}\n",
    );
    await bench.write("more.ts", "export {};\n");
    expect(brief(await bench.generate(["more.ts", "many.ts", "none.ts", "readme.md"]))).to.deep.equal([
      "FC1205 3:8",
      "FC1203 3:28",
      "FC1201 4:9",
      "FC1003",
      "FC1001",
      "FC1001",
    ]);
  });

  it("name the path inside the contract", async () => {
    await bench.write(
      "deep.ts",
      "/** @service */\nexport interface S { reserve(order: Order): Promise<void> }\nexport interface Order { lines: { callback: () => void }[] }\n",
    );
    const [diagnostic] = (await bench.generate(["deep.ts"])).diagnostics;
    expect(diagnostic).to.include({ path: "S.reserve > order > lines[] > callback", file: "deep.ts", severity: "error" });
    expect(diagnostic?.hint).to.be.a("string");
  });

  it("report one wire name in two files, and two files of one name", async () => {
    const text = "/** @service */\nexport interface S {}\n";
    await bench.write("a/one.ts", text);
    await bench.write("b/two.ts", text);
    await bench.write("b/One.d.ts", "/** @service T */\nexport interface S {}\n");
    expect(brief(await bench.generate(["a/one.ts", "b/two.ts"]))).to.deep.equal(["FC1004 2:18"]);
    expect(brief(await bench.generate(["a/one.ts", "b/One.d.ts"]))).to.deep.equal(["FC1005"]);
  });
});

describe("warnings", () => {
  let bench: Workbench;

  before(async () => {
    bench = await Workbench.create();
  });

  after(() => bench.dispose());

  const rows: readonly (readonly [code: DiagnosticCode | "none", title: string, source: string])[] = [
    [
      "FC1901",
      "a tag of a later version",
      "/** @service */\nexport interface S {\n  /** @▸resumable */\n  a(): AsyncIterable<string>;\n}",
    ],
    [
      "FC1904",
      "a member called by a symbol",
      "/** @service */\nexport interface S {\n  ▸[Symbol.asyncIterator](): Promise<void>;\n}",
    ],
    [
      "FC1907",
      "fields and accessors of a class",
      "/** @service */\nexport class S {\n  static make() { return new S(); }\n  ▸name = 'a';\n  get ▸size() { return 1; }\n  #secret = 1;\n  protected other() {}\n  constructor(readonly ▸parent?: S) {}\n  a(): void {}\n}",
    ],
    [
      "FC1908",
      "overloads with callbacks beside one that answers",
      "/** @service */\nexport interface S {\n  a(x: string): Promise<Date>;\n  ▸a(x: string, done: (e: Error | null, y?: Date) => void): void;\n  ▸a(x: string, y: 1, done?: () => void): void;\n}",
    ],
    [
      "FC1906",
      "a method that ends a subscription",
      "/** @service */\nexport interface S {\n  on(event: 'a', listener: (x: string) => void): void;\n  ▸off(event: 'a', listener: (x: string) => void): void;\n}",
    ],
    ["FC1205", "object", "/** @service */\nexport interface S {\n  a(x: ▸object): Promise<void>;\n}"],
    ["FC1205", "{}", "/** @service */\nexport interface S {\n  a(x: boolean | ▸{}): Promise<void>;\n}"],
    ["FC1205", "any", "/** @service */\nexport interface S {\n  a(x: ▸any): Promise<void>;\n}"],
    ["FC1205", "unknown", "/** @service */\nexport interface S {\n  a(): AsyncIterable<▸unknown>;\n}"],
    [
      "FC1903",
      "a constraint on a method",
      "/** @service */\nexport interface S {\n  /** @▸minimum 1 */\n  a(): Promise<number>;\n}",
    ],
    [
      "FC1903",
      "a constraint on a type",
      "/** @service */\nexport interface S { a(x: Units): Promise<void> }\n/** @▸minimum 1 */\nexport type Units = number;",
    ],
    [
      "FC1904",
      "a symbol as a key",
      "/** @service */\nexport interface S {\n  a(x: { ▸[Symbol.iterator]: string; b: string }): Promise<void>;\n}",
    ],
    [
      "FC1905",
      "a brand on an object",
      '/** @service */\nexport interface S { a(x: Id): Promise<void> }\nexport type Id = { id: string } & { readonly __brand: ▸"Id" };',
    ],
    ["FC1902", "an unknown tag", "/** @service */\nexport interface S {\n  /** @▸idempotant */\n  a(): Promise<void>;\n}"],
    ["FC1903", "a method's tag on a service", "/**\n * @service\n * @▸idempotent\n */\nexport interface S {}"],
    [
      "FC1903",
      "a method's tag on a further overload",
      "/** @service */\nexport interface S {\n  /** @idempotent */\n  a(x: string): void;\n  /** More. @▸idempotent */\n  a(x: number): void;\n}",
    ],
    [
      "FC1903",
      "a method's tag on data",
      "/** @service */\nexport interface S { a(x: X): Promise<void> }\nexport interface X {\n  /** @▸timeout 5s */\n  n: number;\n}",
    ],
    [
      "none",
      "documentation",
      "/** @service\n * @remarks Words. @see elsewhere */\nexport interface S {\n  /** @param x it @returns that @deprecated */\n  a(x: string): Promise<void>;\n}",
    ],
  ];
  for (const [code, title, source] of rows) {
    it(`${code === "none" ? "stay silent about" : "are given for"} ${title}, and the file is written all the same`, async () => {
      const { text, places } = unmark(source);
      await bench.write("warn.ts", text);
      const result = await bench.generate(["warn.ts"]);
      expect(brief(result)).to.deep.equal(places.map((place) => `${code} ${place}`));
      expect(result.diagnostics.every((diagnostic) => diagnostic.severity === "warning")).to.equal(true);
      expect(result.files.map((file) => file.status)).to.have.length(1);
    });
  }

  it("guess what an unknown tag was meant to be, where it is near a known one", async () => {
    await bench.write(
      "slips.ts",
      "/** @service */\nexport interface S {\n  /** @idempotant @minlength 2 @retry 3 */\n  a(): Promise<void>;\n}",
    );
    const { diagnostics } = await bench.generate(["slips.ts"]);
    expect(diagnostics.map(({ hint }) => hint)).to.deep.equal([
      "did you mean @idempotent? write `@idempotant` in backticks if it is prose",
      "did you mean @minLength? write `@minlength` in backticks if it is prose",
      "write `@retry` in backticks if it is prose",
    ]);
  });
});

async function expectRefusal(bench: Workbench, code: DiagnosticCode, source: string): Promise<void> {
  const { text, places } = unmark(source);
  await rm(join(bench.dir, "gen"), { recursive: true, force: true });
  await bench.write("refused.ts", text);
  const result = await bench.generate(["refused.ts"]);
  expect(brief(result)).to.deep.equal(places.length === 0 ? [code] : places.map((place) => `${code} ${place}`));
  expect(result.files).to.deep.equal([]);
  expect(await bench.list()).to.not.include("gen/refused.ts");
}
