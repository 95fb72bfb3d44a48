import { expect } from "chai";
import { formatIssue } from "./explain.js";
import { schema } from "./schema.js";
import { type Shape, t } from "./shape.js";

const line = t.object({ sku: t.string, units: t.number }, { note: t.string });
const node: Shape = t.object({ value: t.number }, { next: t.ref("Node", () => node) });
const event = t.variant("type", [
  ["fill", t.object({ type: t.literal("fill"), units: t.number })],
  ["reject", t.object({ type: t.literal("reject"), why: t.string })],
]);

const explained = (shape: Shape, value: unknown): string[] =>
  schema(shape, () => false)
    .explain(value)
    .map(formatIssue);

describe("explain", () => {
  const table: readonly [string, Shape, unknown, string[]][] = [
    [
      "a class instance where nothing is declared",
      t.any,
      { at: new (class Money {})() },
      ["at: expected a value that can travel without a type, got an instance of a class"],
    ],
    ["a wrong primitive", t.string, 1, ["value: expected string, got number 1"]],
    ["a missing property", line, { sku: "a" }, ["units: expected number, got undefined"]],
    [
      "several at once",
      line,
      { sku: 1, units: "2", note: 3 },
      ["sku: expected string, got number 1", 'units: expected number, got string "2"', "note: expected string, got number 3"],
    ],
    [
      "a path through arrays",
      t.array(line),
      [
        { sku: "a", units: 1 },
        { sku: "b", units: null },
      ],
      ["[1].units: expected number, got null"],
    ],
    [
      "names of parameters",
      t.tuple([line], { labels: ["order"] }),
      [{ sku: 1, units: 1 }],
      ["order.sku: expected string, got number 1"],
    ],
    ["a tuple too short", t.tuple([t.string, t.number]), ["a"], ["[1]: expected number, got undefined"]],
    ["a tuple too long", t.tuple([t.string]), ["a", "b"], ["value: expected array of 1 elements, got 2 elements"]],
    ["an optional element", t.tuple([t.string, t.number], { required: 1 }), ["a"], []],
    ["rest elements", t.tuple([t.string], { rest: t.number }), ["a", 1, "2"], ['[2]: expected number, got string "2"']],
    ["a record", t.record(t.number), { "a b": "x" }, ['["a b"]: expected number, got string "x"']],
    ["an invalid date", t.date, new Date(Number.NaN), ["value: expected valid Date, got invalid Date"]],
    ["bytes", t.bytes, [1, 2], ["value: expected Uint8Array, got array of 2"]],
    ["a literal", t.literal("a", 2, 3n), "b", ['value: expected "a" or 2 or 3n, got string "b"']],
    ["an unknown tag", event, { type: "other" }, ['type: expected "fill" or "reject", got string "other"']],
    ["the arm that the tag names", event, { type: "fill", units: "1" }, ['units: expected number, got string "1"']],
    ["a union at its top", t.union(t.string, t.number), true, ["value: expected string or number, got boolean true"]],
    ["the nearest arm of a union", t.union(t.string, line), { sku: "a" }, ["units: expected number, got undefined"]],
    [
      "the rule that the right arm breaks",
      t.union(t.where(t.string, { minLength: 1 }), t.null),
      "",
      ['value: expected at least 1 characters, got string ""'],
    ],
    ["a nullable", t.union(t.null, t.date), undefined, ["value: expected null or valid Date, got undefined"]],
    ["recursion", node, { value: 1, next: { value: "x" } }, ['next.value: expected number, got string "x"']],
    ["a Map in place of an object", line, new Map(), ["value: expected object, got Map"]],
    ["long strings in short", t.number, "x".repeat(100), [`value: expected number, got string "${"x".repeat(40)}…"`]],
    ["huge bigints in short", t.number, 10n ** 50n, ["value: expected number, got bigint of more than 64 bits"]],
  ];
  for (const [what, shape, value, expected] of table) {
    it(`names ${what}`, () => expect(explained(shape, value)).to.deep.equal(expected));
  }

  it("speaks Standard Schema", () => {
    const { version, vendor, validate } = schema(line, (value) => (value as { sku?: unknown }).sku === "a")["~standard"];
    expect({ version, vendor }).to.deep.equal({ version: 1, vendor: "farcall" });
    const value = { sku: "a", units: 1 };
    expect(validate(value)).to.deep.equal({ value });
    expect(validate({ sku: 1, units: 1 })).to.deep.equal({
      issues: [{ message: "sku: expected string, got number 1", path: ["sku"] }],
    });
  });

  it("ends on a cyclic value, with a bounded list", () => {
    const cyclic: { value: number; next?: unknown } = { value: 1 };
    cyclic.next = cyclic;
    expect(explained(node, cyclic)).to.have.length.at.most(2);
    expect(explained(t.array(t.string), Array(1_000).fill(1))).to.have.length(32);
  });
});
