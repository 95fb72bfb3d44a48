import { expect } from "chai";
import { copyEncoded, encode } from "../codec.js";
import { schema } from "../schema/schema.js";
import { type Shape, t } from "../schema/shape.js";
import { readValue, ShapeError } from "../values.js";

/** Either of two objects that hold another such, and that only their properties tell apart. */
const tree: Shape = t.union(
  t.object({}, { child: { kind: "ref", name: "Tree", resolve: () => tree }, x: t.number }),
  t.object({}, { child: { kind: "ref", name: "Tree", resolve: () => tree }, y: t.number }),
);

function nested(leaf: object): object {
  let value = leaf;
  for (let level = 0; level < 55; level++) value = { child: value };
  return value;
}

function read(value: object): unknown {
  const bytes = copyEncoded(encode(value));
  const payload = { bytes, start: 0, end: bytes.length, announced: 0, isOwn: true };
  return readValue(
    schema(tree, () => true),
    payload,
  );
}

// Twice as long for each level would be a thousand years: a case that fails does not end.
describe("unions inside unions", () => {
  it("row 80: are read in a time that grows with the message, however deep they go", () => {
    const value = nested({ x: 1, y: 2 });
    expect(read(value)).to.deep.equal(value);
  });

  it("row 80: are refused in a bounded time, too", () => {
    expect(() => read(nested({ x: "one", y: "two" }))).to.throw(ShapeError);
  });
});
