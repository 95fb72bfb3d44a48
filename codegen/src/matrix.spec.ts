// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they belong to the contracts
import { type MethodDescriptor, type Shape, t } from "@farcall/protocol";
import { expect } from "chai";
import type { DiagnosticCode } from "./index.js";
import { unmark } from "./marks.spec.support.js";
import { brief, Workbench } from "./workbench.spec.support.js";

/**
 * The constructs that generators of validators get wrong in silence. Each is read as what it means, exactly, or refused with
 * code, line and column; all in two contracts, so that the table costs no more than one row.
 */
interface Meant {
  readonly type: string;
  readonly with?: string;
  readonly shape: Shape;
  readonly good: unknown;
  /** What others take it for. */
  readonly bad: unknown;
}

const point = t.object({ x: t.number });
const meant: Readonly<Record<string, Meant>> = {
  bigint: { type: "bigint", shape: t.bigint, good: 1n, bad: 1 },
  Date: { type: "Date", shape: t.date, good: new Date(0), bad: "1970-01-01T00:00:00Z" },
  URL: { type: "URL", shape: t.url, good: new URL("http://a/"), bad: "http://a/" },
  Uint8Array: { type: "Uint8Array", shape: t.bytes, good: new Uint8Array(1), bad: [1] },
  ArrayBuffer: { type: "ArrayBuffer", shape: t.typedArray("ArrayBuffer"), good: new ArrayBuffer(1), bad: { byteLength: 1 } },
  Map: { type: "Map<string, number>", shape: t.map(t.string, t.number), good: new Map([["a", 1]]), bad: { size: 1 } },
  Set: { type: "Set<number>", shape: t.set(t.number), good: new Set([1]), bad: { size: 1 } },
  NonNullable: { type: "NonNullable<string | null>", shape: t.string, good: "", bad: null },
  "a template literal": {
    type: "`user_${number}`",
    shape: t.template(["user_", ""], "number"),
    good: "user_1",
    bad: "user_",
  },
  "an index signature of templates": {
    type: "{ [key: `data-${string}`]: number }",
    shape: t.record(t.number, t.template(["data-", ""], "string")),
    good: { "data-a": 1 },
    bad: { a: 1 },
  },
  "a brand by a literal key": {
    type: 'string & { readonly __brand: "Sku" }',
    shape: t.string,
    good: "a",
    bad: { __brand: "Sku" },
  },
  "a brand by a unique symbol": {
    type: "Cents",
    with: "declare const cents: unique symbol; export type Cents = number & { readonly [cents]: true };",
    shape: t.number,
    good: 1,
    bad: {},
  },
  generics: {
    type: "Page<Point>",
    with: "export interface Page<T> { items: T[]; next?: string } export interface Point { x: number }",
    shape: t.object({ items: t.array(point) }, { next: t.string }),
    good: { items: [{ x: 1 }] },
    bad: { items: [{}] },
  },
  "a generic default": {
    type: "Box",
    with: "export interface Box<T = Date> { of: T }",
    shape: t.object({ of: t.date }),
    good: { of: new Date(0) },
    bad: { of: 1 },
  },
  "a mapped type": {
    type: "{ readonly [K in 'b' | 'a']?: Point }",
    shape: t.object({}, { a: point, b: point }),
    good: { a: { x: 1 } },
    bad: { b: 1 },
  },
  "a mapped type with as": {
    type: "{ [K in keyof Point as `get_${K}`]: Point[K] }",
    shape: t.object({ get_x: t.number }),
    good: { get_x: 1 },
    bad: { x: 1 },
  },
  "a conditional type": {
    type: "Flat<string[]> | Flat<boolean>",
    with: "export type Flat<T> = T extends (infer U)[] ? U : T;",
    shape: t.union(t.string, t.boolean),
    good: "a",
    bad: ["a"],
  },
  "a recursive alias": {
    type: "Nest",
    with: "export type Nest = number | Nest[];",
    shape: t.union(t.number, t.array(t.ref("Nest", () => t.number))),
    good: [1, [2]],
    bad: ["a"],
  },
  "a tuple with labels, an optional and a rest": {
    type: "[id: string, at?: Date, ...more: number[]]",
    shape: t.tuple([t.string, t.date], { required: 1, rest: t.number, labels: ["id", "at"] }),
    good: ["a", undefined, 1],
    bad: ["a", 1],
  },
  "a readonly tuple": { type: "readonly [1, 2]", shape: t.tuple([t.literal(1), t.literal(2)]), good: [1, 2], bad: [1] },
  "an enum": {
    type: "Level",
    with: 'export enum Level { Low, High = 10, Off = "off" }',
    shape: t.literal(0, 10, "off"),
    good: "off",
    bad: "Low",
  },
  "typeof a constant": {
    type: "typeof limits",
    with: 'export declare const limits: { readonly max: 5; readonly names: readonly ["a", "b"] };',
    shape: t.object({ max: t.literal(5), names: t.tuple([t.literal("a"), t.literal("b")]) }),
    good: { max: 5, names: ["a", "b"] },
    bad: { max: 5, names: ["b", "a"] },
  },
  "the elements of a constant": {
    type: "(typeof units)[number]",
    with: 'export const units = ["kg", "lb"] as const;',
    shape: t.literal("kg", "lb"),
    good: "lb",
    bad: "oz",
  },
  "a tag with a type": {
    type: "Small",
    with: "export interface Small {\n  /** @type uint32 */\n  n: number;\n}",
    shape: t.object({ n: t.where(t.number, { type: "uint32" }) }),
    good: { n: 1 },
    bad: { n: -1 },
  },
};

type Refused = readonly [code: DiagnosticCode, construct: string, members: string, declarations?: string];

const refused: readonly Refused[] = [
  ["FC1204", "RegExp", "a1(x: ▸RegExp): void;"],
  ["FC1203", "symbol", "a2(x: { y: ▸symbol }): void;"],
  ["FC1201", "a function property", "a3(x: F3): void;", "export interface F3 { y: ▸() => void }"],
  ["FC1201", "a method of data", "a4(x: F4): void;", "export interface F4 { y(): ▸string }"],
  ["FC1208", "a Promise in data", "a5(x: { y: ▸Promise<string> }): void;"],
  ["FC1208", "an AsyncIterable in data", "a6(): Promise<{ y: ▸AsyncIterable<string> }>;"],
  ["FC1204", "a ReadableStream in data", "a7(x: { y?: ▸ReadableStream<string> }): void;"],
  ["FC1201", "a service as data", "a8(x: string): Promise<F8>;", "export interface F8 { call(x: string): ▸Promise<void> }"],
  [
    "FC1113",
    "a comment behind another property",
    "a9(x: F9): void;",
    "export interface F9 { a: string; /** @minimum 1 */ ▸b: number }",
  ],
  ["FC1113", "a comment behind another method", "b1(): void; /** @timeout 5s */ ▸b2(): void;"],
  ["FC1116", "@type with a type of TypeScript", "b3(x: {\n/** @▸type {string} */\n y: number }): void;"],
  ["FC1902", "a stray word in prose", "/** Ask @▸ops before. Not ops@example. */\nb4(): void;"],
  ["FC1902", "a tag nobody knows", "/** @▸cached */\nb5(): void;"],
  ["FC1902", "a tag of data nobody knows", "b6(x: {\n/** @▸secret */\n y: number }): void;"],
  ["FC1903", "@throws on data", "b7(x: {\n/** @▸throws never */\n y: number }): void;"],
  ["FC1117", "@throws of what is no error", "/** @▸throws {string} */\nb8(): void;"],
];

describe("the matrix of constructs", () => {
  let bench: Workbench;
  let methods: ReadonlyMap<string, MethodDescriptor>;

  before(async function () {
    this.timeout(60_000);
    const members = Object.values(meant).map(({ type }, index) => `  m${index}(): Promise<${type}>;`);
    const declarations = Object.values(meant).map((row) => row.with ?? "");
    bench = await Workbench.create({
      "meant.ts": ["/** @service */", "export interface Meant {", ...members, "}", ...declarations].join("\n"),
    });
    expect(brief(await bench.generate(["meant.ts"]))).to.deep.equal([]);
    expect(await bench.compile({ lib: ["ES2023", "DOM"] })).to.equal("");
    methods = (await bench.load("gen/meant.js", "Meant")).methods;
  });

  after(() => bench.dispose());

  Object.entries(meant).forEach(([construct, { type, shape, good, bad }], index) => {
    it(`reads ${construct}: ${type}`, () => {
      const output = methods.get(`m${index}`)?.output ?? expect.fail();
      expect(plain(output.shape)).to.deep.equal(plain(shape));
      expect([output.is(good), output.is(bad)]).to.deep.equal([true, false]);
      expect([output.explain(good).length, output.explain(bad).length > 0]).to.deep.equal([0, true]);
    });
  });

  it("refuses the others where they stand", async () => {
    const members = refused.map(([, , member]) => member);
    const declarations = refused.map(([, , , declared]) => declared ?? "");
    const { text, places } = unmark(["/** @service */", "export interface S {", ...members, "}", ...declarations].join("\n"));
    await bench.write("refused.ts", text);
    const found = brief(await bench.generate(["refused.ts"]));
    expect(found).to.deep.equal(inOrderOfMarks(refused).map((code, index) => `${code} ${places[index] ?? ""}`));
  });

  it("keeps what @throws says for people, and asks for no error by it", async () => {
    await bench.write(
      "prose.ts",
      "/** @service */\nexport interface P {\n  /** Buys. @throws when it rains */\n  a(): void;\n  /** @type of business */\n  b(): void;\n}\n",
    );
    const result = await bench.generate(["prose.ts"]);
    expect(brief(result)).to.deep.equal(["FC1903 5:8"]);
    expect(result.files[0]?.text).to.include("/** Buys. @throws when it rains */");
    expect(result.files[0]?.text).to.not.include("declaredError");
  });
});

/** Members stand before declarations, so that is where their marks are. */
function inOrderOfMarks(rows: readonly Refused[]): readonly DiagnosticCode[] {
  const inMembers = rows.filter(([, , member]) => member.includes("▸"));
  return [...inMembers, ...rows.filter((row) => !inMembers.includes(row))].map(([code]) => code);
}

/** What a name refers to is no part of the comparison. */
function plain(shape: unknown): unknown {
  return JSON.parse(JSON.stringify(shape, (key, value: unknown) => (key === "resolve" ? undefined : value)));
}
