import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { Workbench } from "./workbench.spec.support.js";

/** Two projects and a package, as they stand in a workspace of several. */
const files: Readonly<Record<string, string>> = {
  "tsconfig.base.json": JSON.stringify({ compilerOptions: { composite: true, paths: { "#core/*": ["./core/src/*"] } } }),
  "core/tsconfig.json": JSON.stringify({ extends: "../tsconfig.base.json", include: ["src"] }),
  "core/package.json": JSON.stringify({ name: "@acme/core", exports: { ".": { types: "./src/index.ts" } } }),
  "core/src/index.ts": [
    "export interface Item { id: string }",
    "export interface Shelf<T extends Item> { of: T[]; label?: string }",
    "export interface Reads<T> { get(id: string): Promise<T>; label(of: T): string }",
  ].join("\n"),
  "core/src/money.ts": "export type Cents = bigint & { readonly __unit: 'cents' };\n",
  "core/src/item.ts": "export interface Item { weight: number }\n",
  "node_modules/old/package.json": JSON.stringify({ name: "old", types: "./index.d.ts" }),
  "node_modules/old/index.d.ts":
    "export = Old;\ndeclare class Old { run(): void }\ndeclare namespace Old { interface Job { id: string; more: Job[] } }\n",
  "api/tsconfig.json": JSON.stringify({
    extends: "../tsconfig.base.json",
    references: [{ path: "../core" }],
    include: ["src"],
  }),
  "api/src/api.ts": [
    'import type { Item, Reads, Shelf } from "@acme/core";',
    'import type { Cents } from "#core/money.js";',
    'import type { Item as Parcel } from "../../core/src/item.js";',
    'import type { Part } from "./part.js";',
    'import type Old from "old";',
    'declare module "./part.js" { interface Part { added: Date } }',
    "declare global { interface EverywhereKnown { here: true } }",
    "interface Broad { put(item: Item): Promise<Item>; all(): AsyncIterable<unknown> }",
    "/** Narrower than what it extends. @service */",
    "export interface Api extends Broad, Reads<Api.Priced> {",
    "  put(item: Item, force?: boolean): Promise<Api.Priced>;",
    "  all(): AsyncIterable<Api.Priced>;",
    "  send(parcel: Parcel, shelf: Shelf<Item>): void;",
    "  part(part: Part): Part;",
    "  old(job: Old.Job): void;",
    "  known(x: EverywhereKnown): void;",
    "}",
    "export interface Api { late?(x: Cents): void }",
    "export declare namespace Api { interface Priced extends Item { price: Cents } }",
  ].join("\n"),
  "api/src/part.ts": "export interface Part { id: string }\n",
};

describe("contracts in projects of several parts", () => {
  let bench: Workbench;

  before(async () => {
    bench = await Workbench.create({ ...files, "node_modules/@acme/.keep": "" });
    await symlink(join(bench.dir, "core"), join(bench.dir, "node_modules/@acme/core"), "dir");
  });

  after(() => bench.dispose());

  it("find types across references, mappings, linked and old packages, augmented and merged", async () => {
    const result = await bench.generate(["api/src/api.ts"], { outDir: "api/src/gen" });
    expect(result.diagnostics).to.deep.equal([]);
    const lines = (result.files[0]?.text ?? "").split("\n").map((line) => line.trim());
    expect(lines.filter((line) => line.startsWith("import type"))).to.deep.equal([
      'import type * as item from "../../../core/src/item.js";',
      'import type * as money from "../../../core/src/money.js";',
      'import type * as contract from "../api.js";',
      'import type * as part from "../part.js";',
      'import type * as core from "@acme/core";',
      'import type * as old from "old";',
    ]);
    expect(lines).to.include.members([
      "put(item: core.Item, force?: boolean, options?: CallOptions): Promise<contract.Api.Priced>;",
      "all(options?: CallOptions): AsyncIterable<contract.Api.Priced>;",
      "get(id: string, options?: CallOptions): Promise<contract.Api.Priced>;",
      "label(of: contract.Api.Priced, options?: CallOptions): Promise<string>;",
      "send(parcel: item.Item, shelf: core.Shelf<core.Item>, options?: CallOptions): Promise<void>;",
      "part(part: part.Part, options?: CallOptions): Promise<part.Part>;",
      "old(job: old.Job, options?: CallOptions): Promise<void>;",
      "known(x: { here: true }, options?: CallOptions): Promise<void>;",
      "late?(x: money.Cents, ctx: CallContext): Promise<void> | void;",
    ]);
    const paths = { "#core/*": ["./core/src/*"] };
    expect(await bench.compile({ paths })).to.equal("");
    const { methods } = await bench.load("api/src/gen/api.js", "Api");
    const part = methods.get("part")?.args;
    expect([part?.is([{ id: "a", added: new Date(0) }]), part?.is([{ id: "a" }])]).to.deep.equal([true, false]);
    const shelf = methods.get("send")?.args;
    expect([shelf?.is([{ weight: 1 }, { of: [{ id: "a" }] }]), shelf?.is([{ id: "a" }, { of: [] }])]).to.deep.equal([
      true,
      false,
    ]);
  });
});
