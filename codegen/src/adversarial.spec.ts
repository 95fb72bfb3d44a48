// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they belong to the contracts
import { expect } from "chai";
import { brief, Workbench } from "./workbench.spec.support.js";

const many = (count: number, arm: (index: number) => string): string =>
  Array.from({ length: count }, (_, i) => arm(i)).join(" | ");

/** `npm test` by hand is done with fewer. */
const arms = process.env.CI === undefined ? 2_000 : 10_000;

/** More than an engine's stack has room for, were each read inside the one before. */
const deep = 1_000;

/** What people never write, and programs do. */
const contract = [
  "/** @service */",
  "export interface Odd {",
  '  /** Evil *\\/ comment `${process.exit(1)}` and "quotes". @deprecated */',
  `  literals(x: ${many(arms, (i) => `"a${i}"`)}): Promise<void>;`,
  `  variants(x: ${many(arms, (i) => `{ kind: "k${i}"; v${i}: number }`)}): Promise<void>;`,
  `  alike(x: ${many(300, (i) => `{ p${i}: string }`)}): Promise<void>;`,
  '  keys(x: { "a\\"b": 1; "new\\nline": 2; "\\u2028": 3; "class": 4; "*/": 5; "`${x}": 6; "__proto": 7; "日本": 8 }): Promise<"*/ \\n`">;',
  '  "odd \\" name\\n*/"(x: string): Promise<void>;',
  "  delete(\\u0061rguments_: string, 名前: string): Promise<void>;",
  "  cyclic(x: Cyclic): Promise<void>;",
  "  chain(x: Chain0): Promise<void>;",
  "  schema(x: Schema0): Promise<void>;",
  "  pattern(",
  '    /** @pattern ^[\\/*"`${}]+$ */',
  "    x: string,",
  "  ): Promise<void>;",
  "}",
  // Schemas of whole products: thousands of types, each of which leads to others, by lists and by generic types.
  "export type Maybe<T> = T | null;",
  ...Array.from({ length: deep }, (_, i) => `export interface Chain${i} { next?: Chain${i + 1} }`),
  `export interface Chain${deep} { end: 1 }`,
  ...Array.from({ length: 300 }, (_, i) => {
    const [next, other] = [(i + 1) % 300, (i * 7) % 300];
    return `export interface Schema${i} { all?: Maybe<Maybe<Schema${next}>[]>; one?: Maybe<Schema${other}> }`;
  }),
  "export type Cyclic = Cyclic[] | { [key: string]: Cyclic };",
];

describe("odd contracts", function () {
  this.timeout(120_000);
  let bench: Workbench;

  before(async () => {
    bench = await Workbench.create({ "a dir/odd 'contract'.ts": `${contract.join("\n")}\n` });
  });

  after(() => bench.dispose());

  it("become a file that compiles, and checks what it should", async () => {
    const result = await bench.generate(["a dir/odd 'contract'.ts"], { outDir: "gen out" });
    expect(result.diagnostics).to.deep.equal([]);
    expect(await bench.compile()).to.equal("");
    const { methods } = await bench.load("gen out/odd 'contract'.js", "Odd");
    const accepts = (name: string, value: unknown): boolean => methods.get(name)?.args.is([value]) === true;
    expect(accepts("literals", `a${arms - 1}`)).to.equal(true);
    expect(accepts("literals", `a${arms}`)).to.equal(false);
    expect(accepts("variants", { kind: `k${arms - 1}`, [`v${arms - 1}`]: 1 })).to.equal(true);
    expect(accepts("variants", { kind: `k${arms - 1}`, [`v${arms - 2}`]: 1 })).to.equal(false);
    expect(accepts("alike", { p299: "" })).to.equal(true);
    const keys = { 'a"b': 1, "new\nline": 2, "\u2028": 3, class: 4, "*/": 5, "`${x}": 6, __proto: 7, 日本: 8 };
    expect(methods.get("keys")?.args.explain([keys])).to.deep.equal([]);
    expect(accepts("keys", keys)).to.equal(true);
    expect(accepts("keys", { ...keys, "*/": 6 })).to.equal(false);
    expect([accepts("chain", { next: { next: {} } }), accepts("chain", { next: { next: 1 } })]).to.deep.equal([true, false]);
    expect([accepts("schema", { all: [{ one: {} }, null] }), accepts("schema", { all: [{ one: 1 }] })]).to.deep.equal([
      true,
      false,
    ]);
    for (const name of ["chain", "schema"]) {
      // Made here, of all that it leads to.
      expect(methods.get(name)?.args.write).to.be.a("function");
      expect(methods.get(name)?.args.readArgs).to.be.a("function");
    }
    expect(accepts('odd " name\n*/', "x")).to.equal(true);
    expect(accepts("pattern", '*"`${}/')).to.equal(true);
    expect(accepts("pattern", "x")).to.equal(false);
  });

  it("end with a refusal where types are nested without end, or nearly", async () => {
    const refusals: Readonly<Record<string, readonly [type: string, declarations: string, found: string]>> = {
      boxes: [`${"Box<".repeat(64)}string${">".repeat(64)}`, "export interface Box<T> { v: T }", "FC1217 5:30"],
      braces: [`${"{ a: ".repeat(150)}string${" }".repeat(150)}`, "", "FC1217 3:510"],
      growing: ["Grow<1>", "export interface Grow<T> { n?: Grow<T[]> }", "FC1217 5:32"],
      circle: ["A", "export type A = B;\ntype B = A;", "FC1002 5:13"],
      itself: ["A", "export type A = A | string;", "FC1002 5:13"],
      indexed: ['A["x"]', 'export interface A { x: A["x"] }', "FC1002 5:22"],
      huge: [
        "Huge",
        "type D = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;\nexport type Huge = `${D}${D}${D}${D}${D}`;",
        "FC1002 3:10",
      ],
      endless: ["Endless<[]>", "export type Endless<T extends 1[]> = Endless<[...T, 1]>;", "FC1002 3:10"],
    };
    for (const [name, [type, declarations, found]] of Object.entries(refusals)) {
      const lines = ["/** @service */", "export interface S {", `  put(x: ${type}): void;`, "}", declarations];
      await bench.write("nested.ts", lines.join("\n"));
      expect(brief(await bench.generate(["nested.ts"])), name).to.deep.equal([found]);
    }
  });

  it("go in circles where data may: lists of lists, groups of aliases, generics of themselves", async () => {
    await bench.write(
      "circles.ts",
      "/** @service */\nexport interface Circles { put(x: Lists<string>, y: Both): void }\nexport type Lists<T> = Lists<T>[];\nexport type Both = { a?: One; b?: Other };\ntype One = { other?: Other };\ntype Other = { one?: One[] };\n",
    );
    expect(brief(await bench.generate(["circles.ts"], { outDir: "circles" }))).to.deep.equal([]);
  });
});

/** Whatever can be called by a name of one's choice, is called so. */
const names = [
  "/** Ends here *\\/ import 'evil'; @service odd.name */",
  "export interface Größe {",
  "  /** First *\\/ evil(); /* \\u2028 ${evil} */",
  '  "*/ evil(); /*"(text: string): void;',
  '  "`${evil}"(x: "\\\\", y: "\\u2029" | "</script>"): void;',
  '  "new\\nline"(x: "__proto__"): 1;',
  '  "new\\nline"(x: "constructor"): 2;',
  "  toString(): string;",
  "  hasOwnProperty(x: string): boolean;",
  "  class(function_: Über, $: Odd$Name): void;",
  "  void(x: [void: string, import?: number]): void;",
  "  tagged(x: { kind: '__proto__'; a: 1 } | { kind: '`${evil}' } | { kind: 'constructor'; b: 2 }): void;",
  "  template(x: `\\`\\${${string}*/\\n`): void;",
  '  on(event: "a\\"; evil(); \\"", listener: (x: "*/") => void): void;',
  '  on(event: "__proto__", listener: (constructor: string, prototype: number) => void): void;',
  "  generic<K extends '__proto__x' | 'a b' | '*/'>(key: K, value: { '__proto__x': 1; 'a b': 2; '*/': 3 }[K]): K;",
  "  brand(x: string & { readonly ['__*/ evil']: true }): void;",
  "  listed(x: Enum, y: Enum.Default): void;",
  "  alike(a: Record<string, number>, b: { [key: `b${string}`]: number }, c: { [key: number]: number }): void;",
  "  namesakes(a: Bytes[], b: Uint8Array[], c: StringArray[], d: string[][]): void;",
  "  /** @throws {Wrong} *\\/ evil() */",
  "  fails(): void;",
  "}",
  "export interface Über { 'constructor'?: 1; 'toString': 2; 'ключ': 3; '𝒳': 4; '\\'': 5; '': 6; ' ': 7 }",
  "export interface Odd$Name { $: 1; _: 2 }",
  "export enum Enum { '*/ evil()' = '`', Default = '${evil}', 'a\\nb' = '\\n' }",
  "export interface Bytes { a: 1 }",
  "export interface StringArray { a: 2 }",
  "export interface Wrong { '*/': string; 'a-b'?: number }",
];

describe("names in contracts", function () {
  this.timeout(120_000);
  let bench: Workbench;

  before(async () => {
    bench = await Workbench.create({ "it's `a` ${dir}/größe $.ts": `${names.join("\n")}\n` });
  });

  after(() => bench.dispose());

  it("may be anything, and are nothing but names", async () => {
    const result = await bench.generate(["it's `a` ${dir}/größe $.ts"], { outDir: "out put" });
    expect(brief(result)).to.deep.equal([]);
    expect(await bench.compile()).to.equal("");
    const { methods } = await bench.load("out put/größe $.js", "Größe");
    const is = (name: string, ...values: unknown[]): boolean => methods.get(name)?.args.is(values) === true;
    expect([...methods.keys()].sort()).to.deep.equal(
      [
        "*/ evil(); /*",
        "`${evil}",
        "new\nline",
        "toString",
        "hasOwnProperty",
        "class",
        "void",
        "tagged",
        "template",
        "on",
        "generic",
        "brand",
        "listed",
        "alike",
        "namesakes",
        "fails",
      ].sort(),
    );
    expect([is("new\nline", "__proto__"), is("new\nline", "toString")]).to.deep.equal([true, false]);
    expect([is("tagged", { kind: "__proto__", a: 1 }), is("tagged", { kind: "toString" })]).to.deep.equal([true, false]);
    expect([is("on", "__proto__"), is("on", 'a"; evil(); "'), is("on", "toString")]).to.deep.equal([true, true, false]);
    expect([is("generic", "*/", 3), is("generic", "*/", 2)]).to.deep.equal([true, false]);
    expect([is("template", "`${x*/\n"), is("template", "`${x*/")]).to.deep.equal([true, false]);
    const odd = { toString: 2, ключ: 3, 𝒳: 4, "'": 5, "": 6, " ": 7 };
    expect([is("class", odd, { $: 1, _: 2 }), is("class", { ...odd, "": 7 }, { $: 1, _: 2 })]).to.deep.equal([true, false]);
    expect([
      is("alike", { x: 1 }, { b: 1 }, { 1: 1 }),
      is("alike", {}, { x: 1 }, {}),
      is("alike", {}, {}, { x: 1 }),
    ]).to.deep.equal([true, false, false]);
    const bytes = new Uint8Array(1);
    expect([
      is("namesakes", [{ a: 1 }], [bytes], [{ a: 2 }], [["a"]]),
      is("namesakes", [bytes], [bytes], [], []),
      is("namesakes", [], [{ a: 1 }], [], []),
      is("namesakes", [], [], [["a"]], []),
      is("namesakes", [], [], [], [{ a: 2 }]),
    ]).to.deep.equal([true, false, false, false, false]);
    expect([is("listed", "\n", "${evil}"), is("listed", "*/ evil()", "${evil}")]).to.deep.equal([true, false]);
  });
});
