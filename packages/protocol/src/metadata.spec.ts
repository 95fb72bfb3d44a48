import { expect } from "chai";
import { Metadata, readMetadata, writeMetadata } from "./metadata.js";
import { failureOf } from "./test-support.spec.support.js";

describe("metadata", () => {
  it("keeps order and repeats, and compares keys in lower case", () => {
    const metadata = Metadata.from({
      Tenant: "a",
      trace: ["1", "2"],
      raw: new Uint8Array([1]),
      none: undefined as unknown as string,
    });
    expect([...metadata].map(([key]) => key)).to.deep.equal(["tenant", "trace", "trace", "raw"]);
    expect(metadata.get("TENANT")).to.equal("a");
    expect(metadata.getAll("trace")).to.deep.equal(["1", "2"]);
    expect(metadata.has("other")).to.equal(false);
    expect(metadata.size).to.equal(4);
    expect(Metadata.from(metadata)).to.equal(metadata);
    expect(Metadata.from(undefined)).to.equal(Metadata.empty);
    expect(Metadata.from([])).to.equal(Metadata.empty);
  });

  it("copies bytes, so that a later change of theirs is not a change of it", () => {
    const bytes = new Uint8Array([1]);
    const metadata = Metadata.from([["raw", bytes]]);
    bytes[0] = 2;
    expect(metadata.get("raw")).to.deep.equal(new Uint8Array([1]));
  });

  const wrong: readonly [string, unknown, RegExp][] = [
    ["a key with a space", { "a b": "x" }, /metadata key "a b" must be 1 to 256 of/],
    ["an empty key", { "": "x" }, /metadata key "" must be/],
    ["a number as value", { a: 1 }, /metadata value of "a" must be a string or a Uint8Array, got number/],
    ["a string in place of it", "a=b", /metadata must be an object or a list of pairs, got string/],
  ];
  for (const [what, init, message] of wrong) {
    it(`refuses ${what}`, () => expect(() => Metadata.from(init as never)).to.throw(TypeError, message));
  }

  it("takes 64 KiB and not one byte more, in either direction", () => {
    const fits = Metadata.from({ k: `${"é".repeat(32_767)}x` });
    const head = writeMetadata(fits);
    expect(readMetadata(head)).to.deep.equal(fits);
    const over = Metadata.from({ k: "é".repeat(32_768) });
    expect(failureOf(() => writeMetadata(over))).to.include({
      code: "RESOURCE_EXHAUSTED",
      executed: "no",
      reason: "MESSAGE_TOO_LARGE",
    });
    expect(failureOf(() => readMetadata({ metadata: ["k", "é".repeat(32_768)] }))).to.include({ code: "RESOURCE_EXHAUSTED" });
  });

  it("refuses heads that are not what the protocol says", () => {
    for (const head of [null, [], "x", { metadata: {} }, { metadata: ["k"] }, { metadata: [1, "v"] }, { metadata: ["k", 1] }]) {
      expect(() => readMetadata(head), JSON.stringify(head)).to.throw(TypeError);
    }
    expect(readMetadata({})).to.equal(Metadata.empty);
    expect(writeMetadata(Metadata.empty)).to.equal(undefined);
  });
});
