import { expect } from "chai";
import { Workbench } from "./workbench.spec.support.js";

const base = `
/** @service */
export interface S {
  /** Words. @timeout 5s */
  a(order: Order, note?: string): Promise<Result>;
}
export interface Order { id: string; units: number; tag?: Tag; tree: Tree; seen: bigint[] }
export type Tag = "a" | "b" | null;
export type Result = { ok: true; at: Date } | { ok: false; why: string };
export interface Tree { value: Uint8Array; children: Tree[] }
`;

/** Replacements in the text above, and whether the method's bytes stay what they were. */
const rows: readonly (readonly [title: string, from: string | RegExp, to: string, same: boolean])[] = [
  ["another comment", "Words.", "Other words.", true],
  ["another timeout", "5s", "9s", true],
  ["another repeatability", "@timeout 5s", "@idempotent", true],
  ["a renamed type", /Order/g, "Purchase", true],
  ["a renamed recursive type", /Tree/g, "Wood", true],
  ["a renamed parameter", "order:", "purchase:", true],
  ["reordered properties", "id: string; units: number", "units: number; id: string", true],
  ["reordered union arms", '"a" | "b" | null', 'null | "b" | "a"', true],
  [
    "reordered variant arms",
    "{ ok: true; at: Date } | { ok: false; why: string }",
    "{ why: string; ok: false } | { ok: true; at: Date }",
    true,
  ],
  ["a type written out", "order: Order", "order: { id: string; units: number; tag?: Tag; tree: Tree; seen: bigint[] }", true],
  ["a type given a name", "seen: bigint[]", "seen: Seen", true],
  ["a readonly array", "bigint[]", "readonly bigint[]", true],
  ["an optional property that may also be undefined", "tag?: Tag", "tag?: Tag | undefined", true],
  ["a recursive type unrolled by one level", "children: Tree[]", "children: { value: Uint8Array; children: Tree[] }[]", true],
  [
    "another method beside it",
    "note?: string): Promise<Result>;",
    "note?: string): Promise<Result>; b(x: Tree[]): Promise<void>;",
    true,
  ],
  ["a property of another type", "units: number", "units: string", false],
  ["a property made optional", "units: number", "units?: number", false],
  ["a property made required", "tag?: Tag", "tag: Tag", false],
  ["a property renamed", "units", "count", false],
  ["a property added", "id: string;", "id: string; more: string;", false],
  ["an arm added", '"a" | "b"', '"a" | "b" | "c"', false],
  ["a discriminant changed", "ok: true", "ok: 1", false],
  ["number instead of bigint", "bigint[]", "number[]", false],
  ["a change inside the recursion", "value: Uint8Array", "value: string", false],
  ["a change at the end of the recursion", "children: Tree[]", "children: [Tree, Tree]", false],
  ["a parameter made required", "note?: string", "note: string", false],
  ["parameters in another order", "order: Order, note?: string", "note: string, order: Order", false],
  ["a Map instead of an array", "bigint[]", "Map<bigint, bigint>", false],
  ["another typed array", "value: Uint8Array", "value: Int8Array", false],
  ["a stream of results", "Promise<Result>", "AsyncIterable<Result>", false],
  ["a stream of arguments", "order: Order", "order: AsyncIterable<Order>", false],
];

describe("fingerprints", () => {
  let bench: Workbench;

  before(async () => {
    bench = await Workbench.create();
  });

  after(() => bench.dispose());

  for (const [title, from, to, same] of rows) {
    it(`${same ? "survive" : "notice"} ${title}`, async () => {
      const changed = `${base.replace(from, to)}export type Seen = bigint[];\n`;
      expect(changed.replace("export type Seen = bigint[];\n", "")).to.not.equal(base);
      expect((await fingerprints(bench, changed)).method === (await fingerprints(bench, base)).method).to.equal(same);
    });
  }

  it("are sixteen hex digits, and the service's follows its methods and wire name", async () => {
    const { service, method } = await fingerprints(bench, base);
    expect(service).to.match(/^[0-9a-f]{16}$/);
    expect(method).to.match(/^[0-9a-f]{16}$/);
    const others = [
      base.replace("@service", "@service other"),
      base.replace("  a(", "  b("),
      base.replace("units: number", "units: string"),
      base.replace("Promise<Result>;", "Promise<Result>; b(): Promise<void>;"),
    ];
    const all = [service];
    for (const other of others) all.push((await fingerprints(bench, other)).service);
    expect(new Set(all).size).to.equal(all.length);
    const reordered = base.replace("Promise<Result>;", "Promise<Result>; b(): Promise<void>;");
    const swapped = base.replace("  /** Words", "  b(): Promise<void>;\n  /** Words");
    expect((await fingerprints(bench, swapped)).service).to.equal((await fingerprints(bench, reordered)).service);
  });
});

async function fingerprints(bench: Workbench, text: string): Promise<{ service: string; method: string }> {
  await bench.write("s.ts", text);
  const { files, diagnostics } = await bench.generate(["s.ts"], { write: false });
  expect(diagnostics).to.deep.equal([]);
  const [service = "", method = ""] = [...(files[0]?.text ?? "").matchAll(/fingerprint: "(.*)"/g)].map((match) => match[1] ?? "");
  return { service, method };
}
