import { scan } from "../scan.js";

/**
 * Thrown, without a stack, where the bytes are not of the declared type. Never leaves this folder, but is one for all copies
 * of Farcall in a process: the readers of a descriptor may be of another copy than the input.
 */
export const misfit: unknown = Symbol.for("farcall.misfit");

/** Below this many bytes, character codes are faster than the platform's decoder. */
const shortString = 24;

type NativeSlice = (this: Uint8Array, start: number, end: number) => string;
const nativeBuffer = (globalThis as { Buffer?: { prototype: { utf8Slice?: NativeSlice } } }).Buffer;
const utf8Slice = nativeBuffer?.prototype.utf8Slice;
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** What the first byte of a value says about it. */
export const wireClasses = [
  "nil",
  "undefined",
  "boolean",
  "integer",
  "float",
  "string",
  "binary",
  "array",
  "map",
  "bigint",
  "date",
] as const;
export type WireClass = (typeof wireClasses)[number];

/** The bytes of one value while it is read. `scan` has passed them: every length is true, every extension one of ours. */
export class Input {
  bytes: Uint8Array;
  position: number;
  readonly end: number;
  /** Whether binaries may be views into the bytes. */
  readonly isOwn: boolean;
  #view: DataView | undefined;

  constructor(bytes: Uint8Array, start: number, end: number, isOwn: boolean) {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
    this.isOwn = isOwn;
  }

  get view(): DataView {
    const { bytes } = this;
    this.#view ??= new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return this.#view;
  }

  peek(): number {
    return this.bytes[this.position] as number;
  }

  skip(): void {
    this.position = scan(this.bytes, this.position, this.end, 1);
  }

  /** The class of the value that comes next. */
  next(): WireClass {
    const token = this.peek();
    if (token < 0x80 || token >= 0xe0) return "integer";
    if (token < 0x90) return "map";
    if (token < 0xa0) return "array";
    if (token < 0xc0) return "string";
    if (token === 0xc0) return "nil";
    if (token <= 0xc3) return "boolean";
    if (token <= 0xc6) return "binary";
    if (token <= 0xc9) return this.#extension(this.position + 1 + (1 << (token - 0xc7)));
    if (token <= 0xcb) return "float";
    if (token <= 0xd3) return "integer";
    if (token <= 0xd8) return this.#extension(this.position + 1);
    if (token <= 0xdb) return "string";
    return token <= 0xdd ? "array" : "map";
  }

  #extension(typeAt: number): WireClass {
    const type = this.bytes[typeAt];
    return type === 0 ? "undefined" : type === 0x42 ? "bigint" : "date";
  }

  #uint(size: number): number {
    let value = 0;
    for (let i = 0; i < size; i++) value = value * 256 + (this.bytes[this.position++] as number);
    return value;
  }

  openArray(): number {
    const token = this.bytes[this.position++] as number;
    if (token >= 0x90 && token < 0xa0) return token & 0x0f;
    if (token === 0xdc) return this.#uint(2);
    if (token === 0xdd) return this.#uint(4);
    throw misfit;
  }

  openMap(): number {
    const token = this.bytes[this.position++] as number;
    if (token >= 0x80 && token < 0x90) return token & 0x0f;
    if (token === 0xde) return this.#uint(2);
    if (token === 0xdf) return this.#uint(4);
    throw misfit;
  }

  string(): string {
    const token = this.bytes[this.position++] as number;
    let length: number;
    if (token >= 0xa0 && token < 0xc0) length = token & 0x1f;
    else if (token === 0xd9) length = this.#uint(1);
    else if (token === 0xda) length = this.#uint(2);
    else if (token === 0xdb) length = this.#uint(4);
    else throw misfit;
    const begin = this.position;
    this.position += length;
    if (length < shortString) {
      const text = ascii(this.bytes, begin, length);
      if (text !== undefined) return text;
    }
    return utf8Slice === undefined
      ? utf8.decode(this.bytes.subarray(begin, begin + length))
      : utf8Slice.call(this.bytes, begin, begin + length);
  }

  boolean(): boolean {
    const token = this.bytes[this.position++];
    if (token === 0xc3) return true;
    if (token === 0xc2) return false;
    throw misfit;
  }

  nil(): null {
    if (this.bytes[this.position++] !== 0xc0) throw misfit;
    return null;
  }

  /** A number, or a bigint where an integer is too large for one. */
  numeric(): number | bigint {
    const token = this.bytes[this.position++] as number;
    if (token < 0x80) return token;
    if (token >= 0xe0) return token - 0x100;
    const at = this.position;
    switch (token) {
      case 0xca:
        this.position += 4;
        return this.view.getFloat32(at);
      case 0xcb:
        this.position += 8;
        return this.view.getFloat64(at);
      case 0xcc:
        return this.#uint(1);
      case 0xcd:
        return this.#uint(2);
      case 0xce:
        return this.#uint(4);
      case 0xcf:
        this.position += 8;
        return narrow(this.view.getBigUint64(at));
      case 0xd0:
        this.position += 1;
        return this.view.getInt8(at);
      case 0xd1:
        this.position += 2;
        return this.view.getInt16(at);
      case 0xd2:
        this.position += 4;
        return this.view.getInt32(at);
      case 0xd3:
        this.position += 8;
        return narrow(this.view.getBigInt64(at));
      default:
        throw misfit;
    }
  }

  number(): number {
    const value = this.numeric();
    if (typeof value === "bigint") throw misfit;
    return value;
  }

  bigint(): bigint {
    const what = this.next();
    if (what === "integer") return BigInt(this.numeric());
    if (what !== "bigint") throw misfit;
    const length = this.#openExtension();
    let value = BigInt(this.view.getInt8(this.position));
    for (let i = 1; i < length; i++) value = (value << 8n) | BigInt(this.bytes[this.position + i] as number);
    this.position += length;
    return value;
  }

  /** Finer than a millisecond is cut off, towards the past. */
  date(): Date {
    if (this.next() !== "date") throw misfit;
    const length = this.#openExtension();
    const at = this.position;
    this.position += length;
    let seconds: number;
    let nanos: number;
    if (length === 4) {
      seconds = this.view.getUint32(at);
      nanos = 0;
    } else if (length === 8) {
      const high = this.view.getUint32(at);
      nanos = high >>> 2;
      seconds = (high & 3) * 0x1_0000_0000 + this.view.getUint32(at + 4);
    } else {
      nanos = this.view.getUint32(at);
      seconds = Number(this.view.getBigInt64(at + 4));
    }
    const date = new Date(seconds * 1000 + Math.floor(nanos / 1_000_000));
    if (nanos > 999_999_999 || Number.isNaN(date.getTime())) throw misfit;
    return date;
  }

  undefined(): undefined {
    if (this.next() !== "undefined") throw misfit;
    const length = this.#openExtension();
    this.position += length;
  }

  #openExtension(): number {
    const token = this.bytes[this.position++] as number;
    const length = token >= 0xd4 ? 1 << (token - 0xd4) : this.#uint(1 << (token - 0xc7));
    this.position++;
    return length;
  }

  /** Where the body of a binary begins; the position moves behind it. */
  openBinary(): number {
    const token = this.bytes[this.position++] as number;
    if (token < 0xc4 || token > 0xc6) throw misfit;
    const length = this.#uint(1 << (token - 0xc4));
    const begin = this.position;
    this.position += length;
    return begin;
  }
}

/** Up to here, a number is the integer that was sent. */
const exact = 2n ** 53n;

function narrow(value: bigint): number | bigint {
  return value >= -exact && value <= exact ? Number(value) : value;
}

/** One list for each length, used again and again: `apply` needs a list, and a new one would cost more than the rest. */
const scratch = Array.from({ length: shortString }, (_, length) => Array.from({ length }, () => 0));

function ascii(bytes: Uint8Array, begin: number, length: number): string | undefined {
  const codes = scratch[length] as number[];
  for (let i = 0; i < length; i++) {
    const byte = bytes[begin + i] as number;
    if (byte >= 0x80) return undefined;
    codes[i] = byte;
  }
  return String.fromCharCode.apply(String, codes);
}
