import { rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import { Contracts, type Reading } from "./contracts.js";
import { createGenerator, type GenerateOptions, type GenerateResult, generate } from "./index.js";
import { ProgramLoader } from "./read/program.js";
import { Workbench } from "./workbench.spec.support.js";

/** States a file can be in, beginning with the one that it starts with; `undefined` is a file that is not there. */
const states: Readonly<Record<string, readonly (string | undefined)[]>> = {
  "a.ts": [
    'import type { Item } from "./shared.js";\n/** @service */\nexport interface A { put(item: Item): Promise<Item | null> }\n',
    'import type { Item } from "./shared.js";\n/** @service */\nexport interface A { put(item: Item[]): Promise<Item | null>; more(): AsyncIterable<Item> }\n',
    'import type { Tag } from "#kinds/tag.js";\n/** @service */\nexport interface A { tag(tag: Tag): Promise<void> }\n',
    'import type { Item } from "./shared.js";\n/** @service */\nexport interface A { put(item: Item): Promise<',
    'import type { Item } from "./shared.js";\n/** @service */\nexport interface A { put(item: Item, x: symbol): Promise<void> }\n',
    "/** @service C */\nexport interface A { pay(money: Money): Promise<void> }\n",
    'import type { Parcel } from "./hidden.js";\n/** @service */\nexport interface A { send(parcel: Parcel): Promise<void> }\n',
    "export interface A { a: 1 }\n",
    undefined,
  ],
  "b.ts": [
    '/// <reference path="./globals.d.ts" />\n/** @service */\nexport interface B { pay(money: Money): Promise<Money> }\n',
    '/** @service */\nexport interface B { pay(money: Money): Promise<import("./shared.js").Item> }\n',
    'import type { Parcel } from "post";\n/** @service */\nexport interface B { send(parcel: Parcel): Promise<void> }\n',
    'import type { Deep } from "./deep";\n/** @service */\nexport interface B { dive(deep: Deep): Promise<Deep> }\n',
    'import type { Parcel } from "post";\n/** @service */\nexport interface B { weigh(): Promise<Parcel["weight"]> }\n',
    'import "./augment.js";\nimport type { Item } from "./shared.js";\n/** @service A */\nexport interface B { put(item: Item): Promise<void> }\n',
    undefined,
  ],
  "c.ts": [
    'export * from "./more.js";\nimport type { More } from "./more.js";\n/** @service */\nexport interface C { more(more: More): Promise<More> }\n',
    'import type { Unheard } from "./nowhere.js";\n/** @service */\nexport interface C { more(more: Unheard): Promise<void> }\n',
    "/** @service B */\nexport interface C { tell(tag: string | undefined, tint: typeof tints[number]): Promise<Money> }\nexport const tints = ['red', 'blue'] as const;\n",
    '/// <reference types="globs" />\n/** @service */\nexport interface C { /** @unheard */ glob(glob: Glob): Promise<unknown> }\n',
    "export default interface C { /** @min 3 */ a(x: string): Promise<void> }\n/** @service */ export interface C2 { a(): Promise<void> }\n",
  ],
  "shared.ts": [
    'export interface Item { id: string; more?: import("./more.js").More }\n',
    "export interface Item { id: string; /** @maxLength 5 */ code: string }\n",
    'export interface Item { id: symbol }\nexport type { Parcel } from "post";\n',
    "export interface Item { id: string; tags: Map<string, Item>",
    "export class Item { id = 1 }\ndeclare global { interface Money { euro: number } }\n",
    "export type Item = { kind: 'x'; size: 1 | 2 } | { kind: 'y'; of: Money };\n",
    undefined,
  ],
  "more.ts": [
    "export interface More { of: 'b' | 'a'; next: More | null }\n",
    'export type { Item as More } from "./shared.js";\n',
    "export type More = { of: bigint };\nexport interface Money { own: true }\n",
    undefined,
  ],
  "globals.d.ts": [
    "interface Money { cents: bigint }\n",
    "type Money = string;\n",
    "declare module '#kinds/tag.js' { export type Tag = 7 }\n",
    undefined,
  ],
  "augment.ts": [
    'import "./shared.js";\ndeclare module "./shared.js" { interface Item { augmented: boolean } }\n',
    'import "./globals.js";\nexport {};\n',
  ],
  "hidden.ts": [
    'import type { Parcel as P } from "post/deep.js";\nexport type Parcel = P;\n',
    'export type { Parcel } from "post";\n',
  ],
  "deep/index.ts": ["export interface Deep { index: 1 }\n", undefined],
  "deep.ts": [undefined, "export interface Deep { file: 1 }\n"],
  "nowhere.ts": [undefined, "export type Unheard = Date;\n"],
  "kinds/tag.ts": ["export type Tag = 'kind';\n", "export type Tag = { odd: WeakMap<Tag, 1> };\n"],
  "other/tag.ts": ["export type Tag = 'other';\n"],
  "tsconfig.json": [
    '{ "compilerOptions": { "paths": { "#kinds/*": ["./kinds/*"] } } }',
    '{ "compilerOptions": { "paths": { "#kinds/*": ["./other/*"] }, "types": ["globs"] } }',
    '{ "extends": "./base.json" }',
    '{ "compilerOptions": { "paths": { "#kinds/*": ["./kinds/*"] }, "customConditions": ["mine"] } }',
    "{ oh",
    undefined,
  ],
  "base.json": [
    '{ "compilerOptions": { "types": ["globs"] } }',
    '{ "compilerOptions": { "paths": { "#kinds/*": ["./other/*"] } } }',
  ],
  "node_modules/post/package.json": [
    '{ "name": "post", "exports": { ".": { "types": "./main.d.ts" }, "./deep.js": { "types": "./deep.d.ts" } } }',
    '{ "name": "post", "exports": { ".": { "types": "./deep.d.ts" } } }',
    '{ "name": "post", "types": "main.d.ts" }',
    undefined,
  ],
  "node_modules/post/main.d.ts": [
    'export * from "./deep.js";\n',
    'export type { Parcel } from "./deep.js";\n',
    "export interface Parcel { main: true }\n",
  ],
  "node_modules/post/deep.d.ts": [
    "export interface Parcel { weight: Weight }\nexport interface Weight { grams: number }\n",
    "export interface Parcel { label: string }\n",
  ],
  "node_modules/@types/globs/index.d.ts": [
    "type Glob = string;\ninterface Money { globs: number }\n",
    "interface Glob { stars: number }\n",
  ],
};

const requests: readonly Partial<GenerateOptions>[] = [
  {},
  { inputs: ["c.ts", "b.ts", "a.ts"] },
  { inputs: ["b.ts"] },
  { inputs: ["a.ts", "b.ts"], unknownKeys: "reject" },
  { services: ["A", "C"] },
  { importExtension: "ts", outDir: "other" },
  { omit: ["A.put", "B.pay", "C.none"] },
  { warningsAsErrors: true },
];

type Edit = readonly [name: string, state: string | undefined] | Partial<GenerateOptions>;

const entries = Object.entries(states);
const edit: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...entries.flatMap(([name, texts]) => texts.map((text) => [name, text] as const))) },
  // Else most of the time something would be broken somewhere.
  { weight: 5, arbitrary: fc.constantFrom(...entries.map(([name, [text]]) => [name, text] as const)) },
  { weight: 1, arbitrary: fc.constantFrom(...requests) },
);

const isLong = process.env.FARCALL_LONG === "1";

describe("a generator that runs again", function () {
  this.timeout(isLong ? 0 : 60_000);
  const benches: Workbench[] = [];

  async function workbench(): Promise<Workbench> {
    const bench = await Workbench.create();
    benches.push(bench);
    for (const [name, [text]] of Object.entries(states)) await put(bench, name, text);
    return bench;
  }

  after(() => Promise.all(benches.map((bench) => bench.dispose())));

  it("says after every edit what a new one says", async () => {
    const bench = await workbench();
    const generator = createGenerator();
    let request: Partial<GenerateOptions> = {};
    const seed = Number(process.env.FARCALL_SEED ?? Math.floor(Math.random() * 2 ** 31));
    // The first one changes nothing: by chance alone, all that follow may leave something broken somewhere.
    const edits: readonly Edit[] = [{}, ...fc.sample(edit, { seed, numRuns: isLong ? 5_000 : 60 })];
    let passed = 0;
    for (const [index, one] of edits.entries()) {
      if (isState(one)) await put(bench, ...one);
      else request = one;
      const options = { inputs: ["a.ts", "b.ts", "c.ts"], outDir: "gen", cwd: bench.dir, write: false, ...request };
      const cold = await generate(options);
      expect(await generator.generate(options), `FARCALL_SEED=${seed}, edit ${index}: ${JSON.stringify(one)}`).to.deep.equal(
        cold,
      );
      if (cold.files.length > 0) passed++;
    }
    expect(passed, `FARCALL_SEED=${seed}: nothing that is printed was compared`).to.be.greaterThan(0);
  });

  it("reads only the inputs that an edit concerns", async () => {
    const bench = await workbench();
    const loader = new ProgramLoader();
    const contracts = new Contracts();
    const inputs = ["a.ts", "b.ts", "c.ts"];
    const read = (): readonly Reading[] => {
      const paths = inputs.map((input) => join(bench.dir, input));
      return contracts.read(loader.load(paths), paths, bench.dir, { unknownKeys: "strip", services: [], omit: [] });
    };
    let before = read();
    for (const [name, state, concerned] of [
      ["a.ts", 0, []],
      ["a.ts", 1, ["a.ts"]],
      ["shared.ts", 1, ["a.ts"]],
      ["more.ts", 2, ["c.ts"]],
      ["globals.d.ts", 1, inputs],
      ["other/tag.ts", 0, []],
      ["tsconfig.json", 3, inputs],
      ["b.ts", 3, inputs],
      ["deep.ts", 1, ["b.ts"]],
      ["a.ts", 6, inputs],
      ["node_modules/post/package.json", 1, inputs],
    ] as const) {
      await put(bench, name, states[name]?.[state]);
      const after = read();
      expect(
        inputs.filter((_, index) => before[index] !== after[index]),
        `${name}, state ${state}`,
      ).to.deep.equal(concerned);
      before = after;
    }
  });

  it("notices that a linked package is another one now", async () => {
    const bench = await workbench();
    const imports = ["../one/x.js", "../two/x.js", "linked/x.js"].map(
      (from, n) => `import type { X as X${n} } from "${from}";\n`,
    );
    const service = "/** @service */\nexport interface L { a(x: X0, y: X1): Promise<X2> }\n";
    await put(bench, "in/l.ts", imports.join("") + service);
    for (const name of ["one", "two"]) await put(bench, `${name}/x.ts`, `export interface X { ${name}: string }\n`);
    const options = { inputs: ["in/l.ts"], outDir: "gen", cwd: bench.dir, write: false };
    const generator = createGenerator();
    const texts: (string | undefined)[] = [];
    for (const target of ["one", "two"]) {
      await rm(join(bench.dir, "node_modules/linked"), { force: true });
      await symlink(join(bench.dir, target), join(bench.dir, "node_modules/linked"));
      texts.push((await generator.generate(options)).files[0]?.text);
    }
    expect(texts[0]).to.include("Promise<x.X>").and.not.equal(texts[1]);
    expect(texts[1]).to.equal((await generate(options)).files[0]?.text);
  });

  it("tells where a file would be what an import means", async () => {
    const bench = await workbench();
    await put(bench, "b.ts", states["b.ts"]?.[3]);
    await put(bench, "c.ts", states["c.ts"]?.[1]);
    const { missing, sources } = await bench.generate(["b.ts", "c.ts"], { write: false });
    const names = (paths: GenerateResult["sources"]): readonly string[] => paths.map((path) => path.slice(bench.dir.length + 1));
    expect(names(sources)).to.deep.equal(["b.ts", "c.ts", "deep/index.ts", "tsconfig.json"]);
    expect(names(missing)).to.include.members(["deep.ts", "nowhere.ts", "nowhere.d.ts"]).and.not.include("deep/index.ts");
  });

  it("names a package's type the same, whatever other inputs import", async () => {
    const bench = await workbench();
    await put(bench, "a.ts", states["a.ts"]?.[6]);
    await put(bench, "b.ts", states["b.ts"]?.[2]);
    const [alone] = (await bench.generate(["a.ts"], { write: false })).files;
    const [inCompany] = (await bench.generate(["a.ts", "b.ts"], { write: false })).files;
    expect(alone?.text).to.include('from "post/deep.js"');
    expect(inCompany?.text).to.equal(alone?.text);
  });
});

function isState(one: Edit): one is Exclude<Edit, Partial<GenerateOptions>> {
  return Array.isArray(one);
}

async function put(bench: Workbench, name: string, text: string | undefined): Promise<void> {
  if (text === undefined) await rm(join(bench.dir, name), { force: true });
  else await bench.write(name, text);
}
