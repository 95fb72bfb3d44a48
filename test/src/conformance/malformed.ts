import { encode } from "@farcall/protocol";

/** Bytes that break the protocol, and the code that the connection must close with. */
export interface Malformed {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly code: number;
}

type Part = number | Uint8Array | readonly number[];

export function bytesOf(...parts: readonly Part[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => (typeof part === "number" ? [part] : [...part])));
}

/** One frame, as a well-behaved peer would write it. */
export function frame(...elements: readonly unknown[]): Uint8Array {
  const { bytes, start, end } = encode(elements);
  return Uint8Array.from(bytes.subarray(start, end));
}

const nested = (levels: number): Uint8Array => bytesOf(new Uint8Array(levels - 1).fill(0x91), 0x90);
const zeros = (count: number): Uint8Array => new Uint8Array(count);
const key = (length: number): Uint8Array => bytesOf(0x81, 0xda, length >> 8, length & 255, zeros(length).fill(0x6b), 0xc0);
const huge = [0xff, 0xff, 0xff, 0xff];
const text = (value: string): Uint8Array => bytesOf(0xa0 | value.length, new TextEncoder().encode(value));

/** Values in the place of arguments or of a result. The frame around them is the first level of nesting. */
export const malformedValues: readonly Malformed[] = [
  { name: "65 levels of nesting", bytes: nested(64), code: 4413 },
  { name: "thousands of levels of nesting", bytes: nested(60_000), code: 4413 },
  { name: "65 levels of maps", bytes: bytesOf(...Array.from({ length: 64 }, () => [0x81, 0xa1, 0x61]), 0xc0), code: 4413 },
  { name: "the byte 0xc1", bytes: bytesOf(0x91, 0xc1), code: 4400 },
  ...[0x72, 0x65, 0x78, 0x73, 0x69, 0x70, 0x74, 0x62, 0x01, 0x7f].flatMap((type) => [
    { name: `extension type 0x${type.toString(16)} of one byte`, bytes: bytesOf(0x91, 0xd4, type, 0), code: 4400 },
    { name: `extension type 0x${type.toString(16)} of four bytes`, bytes: bytesOf(0x91, 0xd6, type, 0, 0, 0, 1), code: 4400 },
    {
      name: `extension type 0x${type.toString(16)} of 32-bit length`,
      bytes: bytesOf(0x91, 0xc9, 0, 0, 0, 1, type, 0),
      code: 4400,
    },
  ]),
  { name: "a timestamp of 5 bytes", bytes: bytesOf(0x91, 0xc7, 5, 0xff, zeros(5)), code: 4400 },
  { name: "an undefined of 2 bytes", bytes: bytesOf(0x91, 0xd5, 0, 0, 0), code: 4400 },
  { name: "a bigint of 65 bytes", bytes: bytesOf(0x91, 0xc7, 65, 0x42, zeros(65)), code: 4413 },
  { name: "a bigint of no bytes", bytes: bytesOf(0x91, 0xc7, 0, 0x42), code: 4400 },
  { name: "an array of 2^32 - 1", bytes: bytesOf(0xdd, huge), code: 4400 },
  { name: "a map of 2^32 - 1", bytes: bytesOf(0x91, 0xdf, huge), code: 4400 },
  { name: "a string of 2^32 - 1", bytes: bytesOf(0x91, 0xdb, huge), code: 4400 },
  { name: "a binary of 2^32 - 1", bytes: bytesOf(0x91, 0xc6, huge), code: 4400 },
  { name: "an extension of 2^32 - 1", bytes: bytesOf(0x91, 0xc9, huge, 0x42), code: 4400 },
  { name: "a chain of arrays of 65,535", bytes: bytesOf(...Array.from({ length: 30 }, () => [0xdc, 0xff, 0xff])), code: 4400 },
  { name: "a map key that is a number", bytes: bytesOf(0x91, 0x81, 1, 1), code: 4400 },
  { name: "a map key that is nil", bytes: bytesOf(0x91, 0x81, 0xc0, 1), code: 4400 },
  { name: "a map key that is an array", bytes: bytesOf(0x91, 0x81, 0x90, 1), code: 4400 },
  { name: "a map key that is bytes", bytes: bytesOf(0x91, 0x81, 0xc4, 1, 97, 1), code: 4400 },
  { name: "the map key __proto__", bytes: bytesOf(0x91, 0x81, text("__proto__"), 1), code: 4400 },
  {
    name: "the map key __proto__ in a longer header",
    bytes: bytesOf(0x91, 0x81, 0xd9, 9, text("__proto__").slice(1), 1),
    code: 4400,
  },
  { name: "a map key of 1,025 bytes", bytes: bytesOf(0x91, key(1_025)), code: 4413 },
  { name: "more than 100,000 values", bytes: bytesOf(0xdd, 0, 1, 0x86, 0xa1, zeros(100_001)), code: 4413 },
];

/** Values that look odd and are within the limits. */
export const oddValues: readonly { readonly name: string; readonly bytes: Uint8Array }[] = [
  { name: "64 levels of nesting", bytes: nested(63) },
  { name: "a map key of 1,024 bytes", bytes: bytesOf(0x91, key(1_024)) },
  { name: "a bigint of 64 bytes", bytes: bytesOf(0x91, 0xc7, 64, 0x42, zeros(64)) },
  { name: "keys named after Object.prototype", bytes: bytesOf(0x91, 0x82, text("constructor"), 1, text("toString"), 1) },
  { name: "one key twice", bytes: bytesOf(0x91, 0x82, text("a"), 1, text("a"), 2) },
  { name: "the longest forms of small numbers", bytes: bytesOf(0x91, 0xcf, zeros(8)) },
];

const reserved = [6, 7, 8];
const unknown = [0, 9, 10, 15, 27, 28, 40, 63];

/** Messages that neither side may send after the handshake. */
export const malformedMessages: readonly Malformed[] = [
  { name: "an empty message", bytes: new Uint8Array(0), code: 4400 },
  { name: "a number in place of a frame", bytes: bytesOf(1), code: 4400 },
  { name: "the byte 0xc1 in place of a frame", bytes: bytesOf(0xc1), code: 4400 },
  { name: "a map in place of a frame", bytes: bytesOf(0x81, 1, 1), code: 4400 },
  { name: "a frame without elements", bytes: bytesOf(0x90), code: 4400 },
  { name: "a kind that is a string", bytes: bytesOf(0x92, text("call"), 1), code: 4400 },
  { name: "a negative kind", bytes: bytesOf(0x92, 0xff, 1), code: 4400 },
  { name: "a kind in the long form", bytes: bytesOf(0x92, 0xcc, 3, 1), code: 4400 },
  { name: "a ping followed by a byte that is no frame", bytes: bytesOf(frame(3, 1), 0xc0), code: 4400 },
  { name: "a ping with a float as nonce", bytes: bytesOf(0x92, 3, 0xca, 0, 0, 0, 0), code: 4400 },
  { name: "a ping with a nonce beyond 2^53 - 1", bytes: bytesOf(0x92, 3, 0xcf, 0, 0x20, zeros(6)), code: 4400 },
  { name: "a ping with two nonces", bytes: frame(3, 1, 2), code: 4400 },
  { name: "a second hello", bytes: frame(1, {}), code: 4400 },
  { name: "a second welcome", bytes: frame(2, {}), code: 4400 },
  { name: "a goodbye with a reason of 257 bytes", bytes: frame(5, 0, "r".repeat(257)), code: 4400 },
  { name: "an array of 2^32 - 1 in place of a frame", bytes: bytesOf(0xdd, huge, 19, 1), code: 4400 },
  { name: "a message of 132,000 bytes", bytes: zeros(132_000), code: 1009 },
  { name: "21 pings at once", bytes: bytesOf(...Array.from({ length: 21 }, () => frame(3, 1))), code: 4429 },
  { name: "a value in an ignorable frame that is no MessagePack", bytes: bytesOf(0x92, 64, 0xc1), code: 4400 },
  { name: "an ignorable frame that is cut", bytes: bytesOf(0x93, 64, 1), code: 4400 },
  { name: "an ignorable frame of 65 levels", bytes: bytesOf(0x92, 64, nested(64)), code: 4413 },
  ...reserved.map((kind) => ({ name: `the reserved kind ${kind}`, bytes: frame(kind, 1), code: 4400 })),
  ...unknown.map((kind) => ({ name: `the unknown kind ${kind}`, bytes: frame(kind, 1), code: 4400 })),
];
