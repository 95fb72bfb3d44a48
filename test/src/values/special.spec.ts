import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { RawPeer } from "@farcall/testing";
import { expect } from "chai";
import { failureOf } from "../conformance/settlement.js";
import { type Echo, openEcho } from "./echo.js";

class Account {
  readonly name: string;
  secret = "hidden";
  run = (): void => undefined;

  constructor(name: string) {
    this.name = name;
  }

  get born(): Date {
    return new Date(5);
  }

  toJSON(): unknown {
    return "never called";
  }
}

/** An object that is its own parent. */
function cyclicFolder(): unknown {
  const folder: Record<string, unknown> = { name: "a", folders: new Map() };
  return Object.assign(folder, { parent: folder });
}

type Method = Exclude<keyof Echo["stub"], "with" | "stream" | "parameters">;
const invalid = new Date(Number.NaN);
const manyKeys = Object.fromEntries(Array.from({ length: 49_000 }, (_, i) => [`key ${i}`, i]));

/** What is sent, and what arrives; the same where nothing is said. */
const faithful: readonly (readonly [title: string, method: Method, value: unknown, arrives?: unknown])[] = [
  ["NaN", "number", Number.NaN],
  ["Infinity", "number", Number.POSITIVE_INFINITY],
  ["-Infinity", "number", Number.NEGATIVE_INFINITY],
  ["-0", "number", -0],
  ["-0 inside", "dense", [0, -0, 1]],
  ["the largest integers", "dense", [2 ** 53 - 1, -(2 ** 53) + 1, 2 ** 53, 2 ** 64, Number.MAX_VALUE, Number.MIN_VALUE]],
  ["undefined in an array", "sparse", [undefined, 1, undefined]],
  ["a hole, as undefined", "sparse", Object.assign(Array(2), { 1: 1 }), [undefined, 1]],
  ["undefined in a property, which stays there", "loose", { note: undefined }],
  ["a missing property, which stays missing", "loose", {}],
  ["undefined in a tuple", "tuple", ["a", undefined, true]],
  ["a Date before 1970", "date", new Date(-1)],
  ["a Date of year 1", "date", new Date(-62_135_596_800_000)],
  ["the ends of time", "date", new Date(8.64e15)],
  ["bigints of 64 bits", "bigint", -(2n ** 63n)],
  ["bigints beyond 64 bits", "bigint", 2n ** 64n],
  ["bigints of 64 bytes", "bigint", -(2n ** 511n)],
  ["a small bigint", "either", 5n],
  ["surrogate pairs", "text", `${"x".repeat(70)}😀é漢`],
  ["keys that objects inherit", "record", { constructor: 1, toString: 2, hasOwnProperty: 3, valueOf: 4 }],
  ["keys that look like numbers", "record", { 1: 1, "-0": 2, 1.5: 3 }],
  ["declared properties that objects inherit", "person", { name: "a", constructor: "b", toString: "c" }],
  ["a record of 49,000 keys", "record", manyKeys],
  ["an object without a prototype", "loose", Object.assign(Object.create(null) as object, { note: "a" }), { note: "a" }],
  ["a Buffer, as a plain Uint8Array", "bytes", Buffer.from("ab"), new Uint8Array([97, 98])],
  ["part of a buffer", "bytes", new Uint8Array(new ArrayBuffer(8), 2, 3)],
  ["an unaligned part of a buffer", "memory", { int16: new Int16Array(new ArrayBuffer(8), 2, 2) }],
  [
    "keys and members of maps",
    "numberMap",
    new Map<unknown, bigint[]>([
      [Number.NaN, [1n]],
      ["all", []],
    ]),
  ],
  ["an empty Map", "map", new Map()],
  ["a Set in its order", "set", new Set([3n, 1n, 2n ** 70n])],
  ["only what is declared", "loose", { note: "a", secret: 1, run: () => 1, [Symbol("s")]: 2, x: Symbol("x") }, { note: "a" }],
  [
    "an Error by its declared properties",
    "person",
    Object.assign(new Error("m"), { name: "E", toString: null }),
    { name: "E", toString: null },
  ],
  ["an instance of a class, getters included, toJSON ignored", "loose", new Account("a"), {}],
  ["toJSON as data that is not declared", "loose", { note: "a", toJSON: () => "b" }, { note: "a" }],
  [
    "all properties where two arms fit",
    "anyone",
    { name: "a", toString: null, born: new Date(0), owners: new Set(["b"]), secret: 1 },
    { name: "a", toString: null, born: new Date(0), owners: new Set(["b"]) },
  ],
];

const refused: readonly (readonly [title: string, method: Method, value: unknown, path: string])[] = [
  ["a lone surrogate", "text", "a\ud800", "value"],
  ["a long text with a lone surrogate", "texts", { a: "x".repeat(100), b: `${"漢".repeat(100)}\udc00` }, "value.b"],
  ["a key with a lone surrogate", "record", { "\ud800": 1 }, "value"],
  ["an invalid Date", "date", invalid, "value"],
  ["an invalid Date in a Map", "map", new Map([["a", invalid]]), "value[0].value"],
  ["a hole where there must be none", "dense", Array(2), "value[0]"],
  ["a function", "text", () => "a", "value"],
  ["a symbol", "either", Symbol("a"), "value"],
  ["a cycle", "folder", cyclicFolder(), "value.parent.parent"],
  ["a bigint beyond 64 bytes", "set", new Set([1n, 2n ** 511n]), "value[1]"],
  ["a Map where an object is declared", "loose", new Map(), "value"],
  ["a Set where an object is declared", "loose", new Set(), "value"],
  ["a RegExp where an object is declared", "loose", /a/, "value"],
  ["a Promise where an object is declared", "loose", Promise.resolve(), "value"],
  ["bytes where an object is declared", "loose", new Uint8Array(1), "value"],
  ["a Date where an object is declared", "loose", new Date(), "value"],
  ["an object where a Map is declared", "map", { a: new Date() }, "value"],
  ["a wrong key of a Map", "map", new Map([[1, new Date()]]), "value[0].key"],
  ["a wrong member of a Set", "set", new Set([1n, 2]), "value[1]"],
  ["another typed array", "memory", { int16: new Uint16Array(1) }, "value.int16"],
  ["__proto__ in a record", "record", JSON.parse('{"__proto__":1}'), "value"],
  ["a key beyond 1,024 bytes", "record", { ["k".repeat(1025)]: 1 }, "value"],
];

describe("row 61, C7: special values", () => {
  let echo: Echo;

  before(async () => {
    echo = await openEcho("WebSocket");
  });

  after(() => echo.close());

  const send = (method: Method, value: unknown): Promise<unknown> =>
    (echo.stub[method] as (value: unknown) => Promise<unknown>)(value);

  for (const [title, method, value, ...arrives] of faithful) {
    it(`bring ${title}`, async () => {
      const expected = arrives.length === 0 ? value : arrives[0];
      const result = await send(method, value);
      expect(echo.seen.args[0], "as the handler saw it").to.deep.equal(expected);
      expect(result, "as it came back").to.deep.equal(expected);
      if (typeof expected === "number") expect(Object.is(result, expected)).to.equal(true);
      if (expected instanceof Uint8Array) expect(Object.getPrototypeOf(result)).to.equal(Uint8Array.prototype);
      if (method === "loose") expect(Object.keys(result as object)).to.deep.equal(Object.keys(expected as object));
    });
  }

  for (const [title, method, value, path] of refused) {
    it(`refuse ${title}, naming ${path}`, async () => {
      const error = await failureOf(send(method, value));
      expect(error).to.include({ code: "INVALID_ARGUMENT", executed: "no" });
      expect(error.message).to.include(`: ${path}`);
    });
  }

  it("say what was too much where a record has 70,000 keys", async () => {
    const keys = Object.fromEntries(Array.from({ length: 70_000 }, (_, i) => [`k${i}`, i]));
    const error = await failureOf(send("record", keys));
    expect(error).to.include({ code: "INVALID_ARGUMENT", executed: "no" });
    expect(error.message).to.include("more than 100000 values");
  });

  it("leave optional parameters undefined, missing or given so", async () => {
    expect(await echo.stub.parameters("a")).to.equal(3);
    expect(echo.seen.args.slice(0, 3)).to.deep.equal(["a", undefined, undefined]);
    await echo.stub.parameters("a", undefined, new Date(1));
    expect(echo.seen.args.slice(0, 3)).to.deep.equal(["a", undefined, new Date(1)]);
  });

  it("are refused in metadata when they are a lone surrogate", async () => {
    const error = await failureOf(echo.stub.text("a", { metadata: { note: "\ud800" } }));
    expect(error).to.include({ code: "INVALID_ARGUMENT", executed: "no" });
    expect(error.message).to.include('metadata value of "note"');
  });

  it("never change what the caller holds", async () => {
    const value = Object.freeze({
      name: "a",
      folders: Object.freeze(new Map([["b", Object.freeze({ name: "b", folders: new Map() })]])),
    });
    expect(await echo.stub.folder(value)).to.deep.equal(value);
  });

  it("can be sent by a getter of a value that is being sent", async () => {
    let inner: Promise<string> | undefined;
    const value = {
      get note() {
        inner ??= echo.stub.text("inner");
        return "outer";
      },
    };
    expect(await echo.stub.loose(value)).to.deep.equal({ note: "outer" });
    expect(await inner).to.equal("inner");
  });

  it("come through a stream", async () => {
    const maps = [new Map([["a", new Date(1)]]), new Map<string, Date>()];
    const back: unknown[] = [];
    async function* source(): AsyncGenerator<Map<string, Date>> {
      yield* maps;
    }
    for await (const map of echo.stub.stream(source())) back.push(map);
    expect(back).to.deep.equal(maps);
  });
});

const service = "farcall.test.Values";

/** What a stranger may write: the payload's bytes, in hex, and what the handler gets or how it is refused. */
const fromStrangers: readonly (readonly [title: string, method: string, hex: string, outcome: { value: unknown } | string])[] = [
  ["sub-milliseconds, cut off", "date", "91d7ff1d6f34540000000a", { value: new Date(10_123) }],
  ["sub-milliseconds before 1970, cut off towards the past", "date", "91c70cff3b9ac9ffffffffffffffffff", { value: new Date(-1) }],
  ["a second of more than a second", "date", "91c70cff3b9aca000000000000000000", "does not fit its contract"],
  ["a moment that no Date can hold", "date", "91c70cff000000007fffffffffffffff", "value: expected valid Date"],
  ["a small int for a bigint", "bigint", "9105", { value: 5n }],
  ["a key twice", "map", "919292a161d6ff0000000092a161d6ff00000000", "value[1]: expected different keys"],
  ["a pair of three", "map", "919193a161d6ff00000000c0", "value[0]: expected a pair"],
  ["a member twice, in two forms", "set", "919205d30000000000000005", "value[1]: expected different members"],
  ["an odd number of bytes", "memory", "9181a5696e743136c403010203", "value.int16: expected Int16Array (a multiple of 2 bytes)"],
  ["little-endian elements", "memory", "9181a5696e743136c4020102", { value: { int16: new Int16Array([513]) } }],
  ["nil where only undefined is declared", "sparse", "9192c001", { value: [undefined, 1] }],
  ["undeclared keys, in any order", "loose", "9183a17891c0a46e6f7465a161a17980", { value: { note: "a" } }],
  ["a key twice in an object, the last counts", "loose", "9182a46e6f7465a161a46e6f7465a162", { value: { note: "b" } }],
  ["a required key twice and another not at all", "person", "9182a46e616d65a161a46e616d65a162", "value.toString: expected"],
  ["an unknown arm", "shape", "9181a46b696e64a162", "value.kind: expected"],
  ["a tag behind the rest", "shape", "9182a672616469757301a46b696e64a6636972636c65", { value: { radius: 1, kind: "circle" } }],
];

describe("row 61, C7: values of strangers", () => {
  let echo: Echo;

  before(async () => {
    echo = await openEcho("WebSocket");
  });

  after(() => echo.close());

  for (const [title, method, hex, outcome] of fromStrangers) {
    it(`${typeof outcome === "string" ? "are refused for" : "bring"} ${title}`, async () => {
      const peer = await RawPeer.welcomed(echo.url);
      peer.sendFrames([23, 0, service, method, ""]);
      peer.sendBytes(Buffer.from(`9610010000c0${hex}`, "hex"));
      const frame = await peer.frame();
      peer.terminate();
      if (typeof outcome === "string") {
        expect(frame).to.include({ kind: 18, code: "INVALID_ARGUMENT" });
        expect((frame as { message: string }).message).to.include(outcome);
      } else {
        expect(frame).to.include({ kind: 17 });
        expect(echo.seen.args[0]).to.deep.equal(outcome.value);
      }
    });
  }
});

describe("row 66: other users of msgpackr in the process", () => {
  it("row 66: change nothing of what Farcall sends and reads", async () => {
    // What is registered with msgpackr stays for the life of the process, so it needs one of its own.
    const script = fileURLToPath(new URL("hijacked.js", import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [script]);
    expect(stdout).to.equal("unchanged\n");
  });
});
