import type { CallOptions } from "@farcall/client";
import { expect } from "chai";
import { transports, withPair } from "./pair.js";
import { failureOf } from "./settlement.js";

type Entry = { readonly key: string; readonly text?: string; readonly bytes?: Uint8Array };

/** Keys and values together, in bytes; the limit of the protocol. */
const most = 65_536;
const key = "k".repeat(36);

const passes: readonly { readonly name: string; readonly given: CallOptions["metadata"]; readonly seen: readonly Entry[] }[] = [
  { name: "nothing", given: undefined, seen: [] },
  { name: "an empty object", given: {}, seen: [] },
  {
    name: "text, the empty string too",
    given: { a: "x", b: "" },
    seen: [
      { key: "a", text: "x" },
      { key: "b", text: "" },
    ],
  },
  {
    name: "bytes of every value",
    given: { "trace-bin": Uint8Array.from({ length: 256 }, (_, i) => i) },
    seen: [{ key: "trace-bin", bytes: Uint8Array.from({ length: 256 }, (_, i) => i) }],
  },
  {
    name: "unicode and control characters in values",
    given: { a: "Grüße 🌍\n\0é" },
    seen: [{ key: "a", text: "Grüße 🌍\n\0é" }],
  },
  {
    name: "a key with several values, in order, both types",
    given: { a: ["1", new Uint8Array([2]), "3"], b: "4" },
    seen: [
      { key: "a", text: "1" },
      { key: "a", bytes: new Uint8Array([2]) },
      { key: "a", text: "3" },
      { key: "b", text: "4" },
    ],
  },
  {
    name: "a list of pairs that repeats a key with another between",
    given: [
      ["a", "1"],
      ["b", "2"],
      ["a", "3"],
    ],
    seen: [
      { key: "a", text: "1" },
      { key: "b", text: "2" },
      { key: "a", text: "3" },
    ],
  },
  { name: "keys in upper case, as lower case", given: { "X-Tenant": "a" }, seen: [{ key: "x-tenant", text: "a" }] },
  {
    name: "names of Object.prototype as keys",
    given: [
      ["constructor", "a"],
      ["__proto__", "b"],
    ],
    seen: [
      { key: "constructor", text: "a" },
      { key: "__proto__", text: "b" },
    ],
  },
  {
    name: "exactly 64 KiB of text",
    given: { [key]: "v".repeat(most - key.length) },
    seen: [{ key, text: "v".repeat(most - key.length) }],
  },
  {
    name: "exactly 64 KiB of bytes",
    given: { [key]: new Uint8Array(most - key.length) },
    seen: [{ key, bytes: new Uint8Array(most - key.length) }],
  },
];

const tooLarge: readonly { readonly name: string; readonly given: CallOptions["metadata"] }[] = [
  { name: "text", given: { [key]: "v".repeat(most - key.length + 1) } },
  { name: "bytes", given: { [key]: new Uint8Array(most - key.length + 1) } },
  { name: "many entries", given: { [key]: Array.from({ length: 65 }, () => "v".repeat(1_000)) } },
  { name: "text that is long only in UTF-8", given: { [key]: "é".repeat(40_000) } },
];

const malformed: readonly { readonly name: string; readonly given: unknown }[] = [
  { name: "a key with a space", given: { "a b": "c" } },
  { name: "an empty key", given: { "": "c" } },
  { name: "a key of 257 characters", given: { ["k".repeat(257)]: "c" } },
  { name: "a number as value", given: { a: 1 } },
  { name: "null as value", given: { a: null } },
  { name: "a string in place of metadata", given: "a=b" },
];

for (const transport of transports) {
  describe(`row 17: metadata over ${transport}`, () => {
    for (const { name, given, seen } of passes) {
      it(`row 8: passes ${name}`, () =>
        withPair(transport, {}, {}, async ({ stub }) => {
          expect(await stub.metadata({ metadata: given })).to.deep.equal(seen);
        }));
    }

    for (const { name, given } of tooLarge) {
      it(`row 8: refuses one byte or more beyond 64 KiB with RESOURCE_EXHAUSTED: ${name}`, () =>
        withPair(transport, {}, {}, async ({ stub }) => {
          const error = await failureOf(stub.metadata({ metadata: given }));
          expect(error).to.include({ code: "RESOURCE_EXHAUSTED", reason: "MESSAGE_TOO_LARGE", executed: "no" });
        }));
    }

    for (const { name, given } of malformed) {
      it(`row 8: refuses ${name} with INVALID_ARGUMENT, and nothing is sent`, () =>
        withPair(transport, {}, {}, async ({ stub }) => {
          const error = await failureOf(stub.metadata({ metadata: given as CallOptions["metadata"] }));
          expect(error).to.include({ code: "INVALID_ARGUMENT", executed: "no" });
        }));
    }

    it("row 8: hands a handler the metadata also when the call then fails", async () => {
      let seen: unknown;
      const order = (_: unknown, ctx: { readonly metadata: Iterable<unknown> }): never => {
        seen = [...ctx.metadata];
        throw new Error("on purpose");
      };
      await withPair(transport, { order }, { logs: true }, async ({ stub }) => {
        const error = await failureOf(stub.order({ sku: "a", units: 1, lines: [] }, { metadata: { a: "1" } }));
        expect(error).to.include({ code: "INTERNAL" });
      });
      expect(seen).to.deep.equal([["a", "1"]]);
    });
  });
}
