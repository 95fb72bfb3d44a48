import { expect } from "chai";
import { ProtocolError } from "./close-code.js";
import { encode } from "./codec.js";
import { scan } from "./scan.js";

const hex = (text: string): Uint8Array => Uint8Array.from(text.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
const scanAll = (bytes: Uint8Array): number => scan(bytes, 0, bytes.length, 1);

function refusal(bytes: Uint8Array): string {
  try {
    scanAll(bytes);
  } catch (error) {
    if (error instanceof ProtocolError) return `${error.closeCode} ${error.message}`;
    throw error;
  }
  return "passed";
}

describe("scan", () => {
  it("finds the end of every value that msgpackr writes", () => {
    const values = [
      null,
      true,
      0,
      127,
      128,
      65_535,
      2 ** 31,
      -1,
      -32,
      -33,
      -(2 ** 31),
      1.5,
      2 ** 40,
      10n ** 30n,
      "x".repeat(31),
      "x".repeat(32),
      "é".repeat(300),
      "x".repeat(70_000),
      new Uint8Array(3),
      new Uint8Array(300),
      new Uint8Array(70_000),
      new Date(0),
      new Date(1.5e12 + 1),
      new Date(-1),
      [],
      Array.from({ length: 20 }, (_, i) => i),
      Array.from({ length: 70_000 }, () => 0),
      {},
      Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`k${i}`, [i, { x: undefined }]])),
    ];
    for (const value of values) {
      const { bytes, start, end } = encode(value);
      expect(scan(bytes, start, end, 1), `value ${values.indexOf(value)}`).to.equal(end);
    }
  });

  it("refuses every cut of a valid value", () => {
    const { bytes, start, end } = encode({
      a: [1, "text", new Date(5), { b: new Uint8Array(40), c: 10n ** 25n }],
      d: 1.25,
      e: 70_000,
    });
    const whole = Uint8Array.prototype.slice.call(bytes, start, end);
    for (let length = 0; length < whole.length; length++) {
      expect(refusal(whole.subarray(0, length)), `${length} bytes`).to.match(/^4400 /);
    }
  });

  const table: readonly [string, Uint8Array, RegExp][] = [
    ["the byte 0xc1", hex("c1"), /^4400 byte 0xc1 at 0/],
    ["an array of 2^32 - 1", hex("ddffffffff"), /^4400 .*beyond the end/],
    ["a map of 2^32 - 1", hex("dfffffffff"), /^4400 .*beyond the end/],
    ["a string of 2^32 - 1", hex("dbffffffff61"), /^4400 .*beyond the end/],
    ["a binary of 2^32 - 1", hex("c6ffffffff00"), /^4400 .*beyond the end/],
    ["an extension of 2^32 - 1", hex("c9ffffffff42"), /^4400 .*(beyond the end|not allowed)/],
    ["a record definition of msgpackr", hex("d47240"), /^4400 extension type 114 of 1 bytes/],
    ["an Error extension", hex("c70065"), /^4400 extension type 101 of 0 bytes/],
    ["a RegExp extension", hex("d4780090"), /^4400 extension type 120/],
    ["a Set extension", hex("d4730090"), /^4400 extension type 115/],
    ["a pointer extension", hex("d67000000001"), /^4400 extension type 112/],
    ["a typed array extension", hex("c7027401ff"), /^4400 extension type 116/],
    ["a bundled-string extension", hex("d66200000001"), /^4400 extension type 98/],
    ["a bigint of 64 bytes", Uint8Array.from([0xc7, 64, 0x42, ...new Uint8Array(64)]), /^passed/],
    ["a bigint of 65 bytes", Uint8Array.from([0xc7, 65, 0x42, ...new Uint8Array(65)]), /^4413 a bigint of 65 bytes/],
    ["a timestamp of 5 bytes", hex("c705ff0000000000"), /^4400 extension type -1 of 5 bytes/],
    ["a map key that is a number", hex("810102"), /^4400 a map key at 1 is not a string/],
    [
      "the map key __proto__",
      Uint8Array.from([0x81, 0xa9, ...Buffer.from("__proto__"), 0xc0]),
      /^4400 the map key __proto__ is refused/,
    ],
    ["a map key of 1 024 bytes", Uint8Array.from([0x81, 0xda, 4, 0, ...new Uint8Array(1024), 0xc0]), /^passed/],
    [
      "a map key of 1 025 bytes",
      Uint8Array.from([0x81, 0xda, 4, 1, ...new Uint8Array(1025), 0xc0]),
      /^4413 a map key of 1025 bytes/,
    ],
    ["100 000 values", Uint8Array.from([0xdd, 0, 1, 0x86, 0x9f, ...new Uint8Array(99_999)]), /^passed/],
    ["100 001 values", Uint8Array.from([0xdd, 0, 1, 0x86, 0xa0, ...new Uint8Array(100_000)]), /^4413 more than 100000 values/],
  ];
  for (const [what, bytes, expected] of table) {
    it(`${expected.source.startsWith("^passed") ? "passes" : "judges"} ${what}`, () => {
      expect(refusal(bytes)).to.match(expected);
    });
  }

  it("counts depth from the frame on: 64 levels pass, 65 do not", () => {
    const nested = (levels: number): Uint8Array => new Uint8Array(levels).fill(0x91, 0, levels - 1).fill(0x90, levels - 1);
    // The frame itself is the first level.
    expect(refusal(nested(63))).to.equal("passed");
    expect(refusal(nested(64))).to.match(/^4413 nesting deeper than 64/);
    expect(refusal(nested(100_000))).to.match(/^4413 nesting deeper than 64/);
  });
});
