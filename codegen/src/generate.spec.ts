import { mkdir, stat, symlink, utimes } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { formatDiagnostic, generate } from "./index.js";
import { brief, Workbench } from "./workbench.spec.support.js";

const golden = fileURLToPath(new URL("../golden", import.meta.url));
const simple = "/** Sums. @service */\nexport interface Sums {\n  add(a: number, b: number): Promise<number>;\n}\n";

describe("generate", () => {
  const benches: Workbench[] = [];

  async function workbench(files: Readonly<Record<string, string>>): Promise<Workbench> {
    const bench = await Workbench.create(files);
    benches.push(bench);
    return bench;
  }

  after(() => Promise.all(benches.map((bench) => bench.dispose())));

  it("prints the golden file, byte for byte", async () => {
    const { files, diagnostics } = await generate({ inputs: ["inventory.ts"], outDir: "gen", cwd: golden, write: false });
    expect(brief({ files, diagnostics, services: [], leftOut: [], sources: [], missing: [] })).to.deep.equal([]);
    expect(
      files.map((file) => file.status),
      "run farcall gen on codegen/golden/inventory.ts if the change is meant",
    ).to.deep.equal(["unchanged"]);
  });

  it("tells what it wrote and what it read", async () => {
    const bench = await workbench({
      "shop.ts":
        '/** @service shop.Shop */\nexport interface Shop {\n  buy(item: Item): Promise<void>;\n  all(): AsyncIterable<Item>;\n}\nimport type { Item } from "./item.js";\n',
      "item.ts": "export interface Item { id: string }\n",
      "tsconfig.json": '{ "extends": "./base.json" }',
      "base.json": "{}",
    });
    const result = await bench.generate(["shop.ts"]);
    const services = [
      {
        name: "Shop",
        path: "Shop",
        wireName: "shop.Shop",
        methods: [
          { name: "buy", kind: "unary" },
          { name: "all", kind: "server-stream" },
        ],
      },
    ];
    expect(result.services).to.deep.equal(services);
    expect(result.files).to.have.length(1);
    expect(result.files[0]).to.deep.include({ path: join(bench.dir, "gen/shop.ts"), status: "written", services });
    expect(result.files[0]?.text).to.equal(await bench.read("gen/shop.ts"));
    const read = ["base.json", "item.ts", "shop.ts", "tsconfig.json"];
    expect(result.sources).to.deep.equal(read.map((name) => join(bench.dir, name)));
    expect(result.missing).to.deep.equal([]);
  });

  it("leaves a file alone that is up to date, its modification time included", async () => {
    const bench = await workbench({ "sums.ts": simple });
    await bench.generate(["sums.ts"]);
    const path = join(bench.dir, "gen/sums.ts");
    await utimes(path, 1, 1);
    expect((await bench.generate(["sums.ts"])).files[0]?.status).to.equal("unchanged");
    expect((await stat(path)).mtimeMs).to.equal(1000);
  });

  it("only compares when it may not write", async () => {
    const bench = await workbench({ "sums.ts": simple });
    expect((await bench.generate(["sums.ts"], { write: false })).files[0]?.status).to.equal("missing");
    expect(await bench.list()).to.deep.equal(["sums.ts"]);
    await bench.generate(["sums.ts"]);
    await bench.write("sums.ts", simple.replace("add", "sum"));
    expect((await bench.generate(["sums.ts"], { write: false })).files[0]?.status).to.equal("stale");
    expect(await bench.read("gen/sums.ts")).to.include("add(");
  });

  it("writes nothing at all when one input of several is refused", async () => {
    const bench = await workbench({
      "sums.ts": simple,
      "bad.ts": "/** @service */\nexport interface Bad { a(x: symbol): Promise<void> }\n",
    });
    const { files } = await bench.generate(["sums.ts", "bad.ts"]);
    expect(files).to.deep.equal([]);
    expect(await bench.list()).to.deep.equal(["bad.ts", "sums.ts"]);
  });

  it("leaves no temporary files behind, also when writing fails", async () => {
    const bench = await workbench({ "sums.ts": simple, "blocked.ts": simple.replaceAll("Sums", "Blocked") });
    await bench.generate(["sums.ts"]);
    expect(await bench.list()).to.deep.equal(["blocked.ts", "gen/sums.ts", "sums.ts"]);
    await mkdir(join(bench.dir, "out/blocked.ts"), { recursive: true });
    let failure: unknown;
    await bench.generate(["sums.ts", "blocked.ts"], { outDir: "out" }).catch((error: unknown) => (failure = error));
    expect(failure).to.be.an("error");
    expect(await bench.list()).to.deep.equal(["blocked.ts", "gen/sums.ts", "sums.ts"]);
  });

  it("overwrites neither the contract nor a file that somebody else wrote", async () => {
    const bench = await workbench({ "sums.ts": simple, "gen/sums.ts": "export const precious = 1;\n" });
    expect(brief(await bench.generate(["sums.ts"]))).to.deep.equal(["FC1006"]);
    expect(await bench.read("gen/sums.ts")).to.equal("export const precious = 1;\n");
    expect(brief(await bench.generate(["sums.ts"], { outDir: "." }))).to.deep.equal(["FC1006"]);
    expect(await bench.read("sums.ts")).to.equal(simple);
  });

  it("prints the same bytes whatever the working directory, the spelling of paths and the company", async () => {
    const bench = await workbench({
      "contracts/sums.ts":
        "/** @service */\nexport interface Sums {\n  add(a: 'b' | 'a' | null, x: Record<'q' | 'p', X>): Promise<X | Y>;\n}\ninterface X { x: 'c' | 'b' }\ninterface Y { y: 'a' | 'd' }\n",
      "contracts/other.ts":
        "/** @service */\nexport interface Other {\n  add(a: 'd' | 'c' | 'p' | 'b' | 'a'): Promise<void>;\n}\n",
    });
    const spellings = [
      { cwd: bench.dir, inputs: ["contracts/sums.ts"], outDir: "gen" },
      { cwd: bench.dir, inputs: ["./contracts/../contracts//sums.ts", "contracts/sums.ts"], outDir: "./gen/" },
      { cwd: join(bench.dir, "contracts"), inputs: ["sums.ts"], outDir: "../gen" },
      { cwd: "/", inputs: [join(bench.dir, "contracts/sums.ts")], outDir: join(bench.dir, "gen") },
      { cwd: bench.dir, inputs: ["contracts/other.ts", "contracts/sums.ts"], outDir: "gen" },
    ];
    const texts: (string | undefined)[] = [];
    for (const spelling of spellings) {
      const { files, diagnostics } = await generate({ ...spelling, write: false });
      expect(diagnostics).to.deep.equal([]);
      texts.push(files.find((file) => file.path.endsWith("sums.ts"))?.text);
    }
    expect(new Set(texts).size).to.equal(1);
    expect(texts[0]).to.not.include(bench.dir);
  });

  const specifiers: readonly (readonly [input: string, outDir: string, specifier: string])[] = [
    ["sums.ts", "gen", "../sums.js"],
    ["sums.mts", "gen", "../sums.mjs"],
    ["sums.cts", "gen", "../sums.cjs"],
    ["sums.d.ts", "gen", "../sums.js"],
    ["sums.d.mts", "gen", "../sums.mjs"],
    ["src/contracts/sums.ts", "src", "./contracts/sums.js"],
    ["src/contracts/sums.ts", "other/gen", "../../src/contracts/sums.js"],
  ];
  for (const [input, outDir, specifier] of specifiers) {
    it(`imports ${input} into ${outDir} as ${specifier}`, async () => {
      const bench = await workbench({ [input]: simple });
      const { files } = await bench.generate([input], { outDir });
      expect(files[0]?.path).to.equal(join(bench.dir, outDir, "sums.ts"));
      expect(files[0]?.text).to.include(`import type * as contract from "${specifier}";`);
    });
  }

  it("takes types from where they are exported, and tells types of one name apart", async () => {
    const bench = await workbench({
      "shop.ts": [
        'import type { Order as Bill } from "./billing/index.js";',
        'import type { Parcel } from "post";',
        'import type { Letter } from "post/letters";',
        "/** @service */",
        "export interface Shop {",
        "  pay(bill: Bill, order: Order): Promise<Parcel>;",
        "  hidden(a: Hidden, letter: Letter): Promise<Inner>;",
        "  page(a: Page<Order>): Promise<Readonly<Order>>;",
        "}",
        "export interface Order { id: string }",
        "interface Hidden { order: Order; tint?: Tint | undefined }",
        "export enum Tint { Red, Blue }",
        "export default interface Page<T> { of: T[] }",
        "interface Inner { a: 1 }",
        "export type { Inner as Named };",
      ].join("\n"),
      "billing/index.ts": "export interface Order { cents: bigint }\n",
      "node_modules/post/package.json":
        '{ "name": "post", "exports": { ".": { "types": "./main.d.ts" }, "./letters": { "types": "./letters.d.ts" } } }',
      "node_modules/post/main.d.ts": 'export type { Parcel } from "./deep/parcel.js";\n',
      "node_modules/post/deep/parcel.d.ts": "/** @unheard of */\nexport interface Parcel { grams: number }\n",
      "node_modules/post/letters.d.ts": "interface Secret { words: string }\nexport interface Letter { in: Secret }\n",
    });
    const { files, diagnostics } = await bench.generate(["shop.ts"]);
    expect(diagnostics).to.deep.equal([]);
    const text = files[0]?.text ?? "";
    for (const line of [
      'import type * as billing from "../billing/index.js";',
      'import type * as contract from "../shop.js";',
      'import type * as post from "post";',
      'import type * as letters from "post/letters";',
      "  pay(bill: billing.Order, order: contract.Order, options?: CallOptions): Promise<post.Parcel>;",
      "    a: { order: contract.Order; tint?: contract.Tint | undefined },",
      "  page(a: contract.default<contract.Order>, options?: CallOptions): Promise<Readonly<contract.Order>>;",
      "function isOrderFromShop(v: unknown): boolean {",
      "function isOrderFromIndex(v: unknown): boolean {",
    ]) {
      expect(text.split("\n")).to.include(line);
    }
    expect(await bench.compile()).to.equal("");
  });

  it("follows the path mappings of the nearest tsconfig", async () => {
    const bench = await workbench({
      "tsconfig.json": '{ "compilerOptions": { "paths": { "#types/*": ["./types/*"] } } }',
      "types/item.ts": "export interface Item { id: string }\n",
      "shop.ts":
        '/** @service */\nexport interface Shop { put(item: Item): Promise<void> }\nimport type { Item } from "#types/item.js";\n',
    });
    expect((await bench.generate(["shop.ts"])).files[0]?.text).to.include('import type * as item from "../types/item.js";');
  });

  it("finds its way through a linked folder", async () => {
    const bench = await workbench({ "real/sums.ts": simple });
    await symlink(join(bench.dir, "real"), join(bench.dir, "linked"));
    expect((await bench.generate(["linked/sums.ts"])).diagnostics).to.deep.equal([]);
  });

  it("keeps its names clear of the contract's", async () => {
    const bench = await workbench({
      "names.ts": [
        "/** @service */",
        "export interface isOrder {",
        "  of(options: Order, ctx: Object1, callOptions: string, context: Date): Promise<Valid>;",
        "  'odd-name'({ a }: { a: string }): Promise<OrderShape>;",
        "}",
        "export interface Order { id: string }",
        "export interface OrderShape { id: number }",
        "export interface Object1 { x: 1 }",
        "export interface Valid { Shape: T }",
        "export interface T { t: Date; schema: Date }",
      ].join("\n"),
    });
    expect((await bench.generate(["names.ts"])).diagnostics).to.deep.equal([]);
    expect(await bench.compile()).to.equal("");
  });

  it("prints stubs and handlers that hold their users to the contract", async () => {
    const bench = await workbench({
      "sums.ts":
        "/** @service */\nexport interface Sums {\n  add(a: number, b?: number): Promise<number>;\n  each(of: AsyncIterable<number>): AsyncIterable<string>;\n}\n",
      "use.ts": [
        'import type { SumsClient, SumsHandler, Sums } from "./gen/sums.js";',
        "declare const client: SumsClient;",
        "declare function some(): AsyncIterable<number>;",
        "export const right: SumsHandler = { add: (a, b, ctx) => (ctx.signal.aborted ? 0 : a + (b ?? 0)), async *each(of) { for await (const n of of) yield String(n); } };",
        "export const promised: SumsHandler['add'] = async (a, _b, _ctx) => a;",
        "export const calls: Promise<number>[] = [client.add(1), client.add(1, 2, { timeoutMs: 5 }), client.add(1, undefined, {}), client.with({}).add(1)];",
        "export const stream: AsyncIterable<string> = client.each(some(), { timeoutMs: 1 });",
        "export const asContract: Sums = client;",
        "// @ts-expect-error a method is missing",
        "export const partial: SumsHandler = { add: (a) => a };",
        "// @ts-expect-error the result is of the wrong type",
        "export const wrong: SumsHandler['add'] = () => 'one';",
        "// @ts-expect-error options come after the declared parameters",
        "void client.add(1, { timeoutMs: 5 });",
        "// @ts-expect-error there is no such option",
        "void client.add(1, 2, { timeout: 5 });",
        "// @ts-expect-error a stream is taken, not a list",
        "void client.each([1]);",
      ].join("\n"),
    });
    await bench.generate(["sums.ts"]);
    expect(await bench.compile()).to.equal("");
  });

  it("tells the descriptor which argument is the key", async () => {
    const bench = await workbench({
      "keys.ts": [
        "export enum Zone { A, B }",
        "/** @service */",
        "export interface Keys {",
        "  /** @key sku. Calls of one sku stay in order. */",
        "  first(sku: string, units?: number): Promise<void>;",
        "  /** @key zone */",
        "  behind(items: AsyncIterable<string>, urgent: boolean, zone: Zone): Promise<void>;",
        "  /** @key id */",
        "  mixed(other: Date, id: 'a' | bigint | boolean): AsyncIterable<string>;",
        "  none(sku: string): Promise<void>;",
        "}",
      ].join("\n"),
    });
    expect((await bench.generate(["keys.ts"])).diagnostics).to.deep.equal([]);
    expect(await bench.compile()).to.equal("");
    const { methods } = await bench.load("gen/keys.js", "Keys");
    expect([...methods].map(([name, { key }]) => [name, key])).to.deep.equal([
      ["first", 0],
      ["behind", 1],
      ["mixed", 1],
      ["none", undefined],
    ]);
  });

  it("reads a service of many methods and types in seconds", async function () {
    this.timeout(20_000);
    const types = Array.from(
      { length: 300 },
      (_, n) => `export interface T${n} { id: string; next?: T${(n + 1) % 300}; all: T${(n * 7) % 300}[] }`,
    );
    const methods = Array.from({ length: 300 }, (_, n) => `  m${n}(x: T${n}): Promise<T${(n * 3) % 300}>;`);
    const bench = await workbench({
      "big.ts": ["/** @service */", "export interface Big {", ...methods, "}", ...types].join("\n"),
    });
    const started = performance.now();
    expect((await bench.generate(["big.ts"])).files[0]?.services[0]?.methods).to.have.length(300);
    expect(performance.now() - started).to.be.lessThan(10_000);
  });
});

describe("formatDiagnostic", () => {
  it("shows the place, the code with a caret, the path and the way out", async () => {
    const bench = await Workbench.create({
      "shop.ts": "/** @service */\nexport interface Shop {\n\tbuy(cart: { lines: WeakMap<Date, number> }): Promise<void>;\n}\n",
    });
    const [diagnostic] = (await bench.generate(["shop.ts"])).diagnostics;
    await bench.dispose();
    expect(diagnostic === undefined ? "" : formatDiagnostic(diagnostic).split("\n")).to.deep.equal([
      "error FC1204: WeakMap cannot travel",
      "  at shop.ts:3:21",
      "  |",
      "3 | \tbuy(cart: { lines: WeakMap<Date, number> }): Promise<void>;",
      "  | \t                   ^^^^^^^^^^^^^^^^^^^^^",
      "  in Shop.buy > cart > lines",
      "  hint: use Map<K, V>",
    ]);
  });

  it("shows findings about a whole file without a place", async () => {
    const bench = await Workbench.create();
    const [diagnostic] = (await bench.generate(["none.ts"])).diagnostics;
    await bench.dispose();
    expect(diagnostic === undefined ? "" : formatDiagnostic(diagnostic)).to.equal(
      "error FC1001: no such file\n  at none.ts\n  hint: check the path; it is taken relative to the working directory",
    );
  });
});
