import { fixedLimits } from "../limits.js";
import { UnsendableError } from "./unsendable.js";
import { writeUtf8 } from "./utf8.js";

const initialBytes = 16 * 1024;
/** Above this, a buffer is left to the garbage collector instead of being kept for the next value. */
const keptBytes = 8 * 1024 * 1024;
/**
 * The bytes of one value while they are written. Enforces what `scan` enforces at the peer: depth, number of values,
 * lengths of keys and bigints. Whatever it has written is therefore never refused as a frame.
 */
export class Output {
  bytes: Uint8Array = new Uint8Array(initialBytes);
  position = 0;
  #view = new DataView(this.bytes.buffer);
  #level = 0;
  #nodes = 0;

  /** Starts a value that stands inside `depth` containers. */
  begin(depth: number): void {
    this.position = 0;
    if (this.bytes.length > keptBytes) this.#resize(initialBytes);
    this.#level = depth;
    this.#nodes = 1;
  }

  #resize(size: number): void {
    const { bytes } = this;
    this.bytes = new Uint8Array(size);
    this.#view = new DataView(this.bytes.buffer);
    if (this.position > 0) this.bytes.set(bytes.subarray(0, this.position));
  }

  #reserve(count: number): void {
    if (this.position + count > this.bytes.length) this.#resize(Math.max(this.bytes.length * 2, this.position + count));
  }

  #open(values: number): void {
    if (++this.#level > fixedLimits.depth) throw new UnsendableError(`nesting deeper than ${fixedLimits.depth}`);
    this.#nodes += values;
    if (this.#nodes > fixedLimits.nodes)
      throw new UnsendableError(`more than ${fixedLimits.nodes} values in one message; a typed array counts as one`);
    this.#reserve(5);
  }

  /** Ends an array or a map. */
  close(): void {
    this.#level--;
  }

  openArray(length: number): void {
    this.#open(length);
    this.#header(0x90, 0xdc, length);
  }

  openMap(size: number): void {
    this.#open(size * 2);
    this.#header(0x80, 0xde, size);
  }

  #header(short: number, long: number, length: number): void {
    const { bytes } = this;
    if (length < 16) {
      bytes[this.position++] = short | length;
    } else if (length < 0x10000) {
      bytes[this.position++] = long;
      bytes[this.position++] = length >> 8;
      bytes[this.position++] = length;
    } else {
      bytes[this.position++] = long + 1;
      this.#view.setUint32(this.position, length);
      this.position += 4;
    }
  }

  /** Starts a map of at most `most` pairs and returns where its size will go: see `closeMap`. */
  openMapOfAtMost(most: number): number {
    this.#open(0);
    const at = this.position;
    this.#header(0x80, 0xde, most);
    return at;
  }

  /** Ends a map of `size` pairs that `openMapOfAtMost(most)` began at `at`. */
  closeMap(at: number, most: number, size: number): void {
    this.#nodes += size * 2;
    if (size !== most) {
      if (most < 16) this.bytes[at] = 0x80 | size;
      else if (most < 0x10000) this.#view.setUint16(at + 1, size);
      else this.#view.setUint32(at + 1, size);
    }
    this.#level--;
  }

  /** Bytes that are MessagePack already. */
  raw(encoded: Uint8Array): void {
    const { length } = encoded;
    this.#reserve(length);
    const { bytes } = this;
    let { position } = this;
    for (let i = 0; i < length; i++) bytes[position++] = encoded[i] as number;
    this.position = position;
  }

  null(): void {
    this.#reserve(1);
    this.bytes[this.position++] = 0xc0;
  }

  undefined(): void {
    this.#reserve(3);
    this.bytes[this.position++] = 0xd4;
    this.bytes[this.position++] = 0;
    this.bytes[this.position++] = 0;
  }

  boolean(value: boolean): void {
    this.#reserve(1);
    this.bytes[this.position++] = value ? 0xc3 : 0xc2;
  }

  number(value: number): void {
    this.#reserve(9);
    const { bytes } = this;
    if (value > 0 && value >>> 0 === value) {
      if (value < 0x80) {
        bytes[this.position++] = value;
      } else if (value < 0x100) {
        bytes[this.position++] = 0xcc;
        bytes[this.position++] = value;
      } else if (value < 0x10000) {
        bytes[this.position++] = 0xcd;
        bytes[this.position++] = value >> 8;
        bytes[this.position++] = value;
      } else {
        bytes[this.position++] = 0xce;
        this.#view.setUint32(this.position, value);
        this.position += 4;
      }
    } else if (value < 0 && value >> 0 === value) {
      if (value >= -0x20) {
        bytes[this.position++] = value;
      } else if (value >= -0x80) {
        bytes[this.position++] = 0xd0;
        bytes[this.position++] = value;
      } else if (value >= -0x8000) {
        bytes[this.position++] = 0xd1;
        this.#view.setInt16(this.position, value);
        this.position += 2;
      } else {
        bytes[this.position++] = 0xd2;
        this.#view.setInt32(this.position, value);
        this.position += 4;
      }
    } else if (Object.is(value, 0)) {
      bytes[this.position++] = 0;
    } else {
      // Fractions, large integers, NaN, the infinities, and -0, which no integer form can hold.
      bytes[this.position++] = 0xcb;
      this.#view.setFloat64(this.position, value);
      this.position += 8;
    }
  }

  bigint(value: bigint): void {
    this.#reserve(3 + fixedLimits.bigintBytes);
    if (BigInt.asIntN(64, value) === value) {
      this.bytes[this.position] = 0xd3;
      this.#view.setBigInt64(this.position + 1, value);
      this.position += 9;
    } else if (BigInt.asUintN(64, value) === value) {
      this.bytes[this.position] = 0xcf;
      this.#view.setBigUint64(this.position + 1, value);
      this.position += 9;
    } else {
      this.bigintAsSuch(value);
    }
  }

  /** Never in the form of an integer, which a reader that expects anything would take for a number. */
  bigintAsSuch(value: bigint): void {
    this.#reserve(3 + fixedLimits.bigintBytes);
    const length = bigintBytes(value);
    if (length === undefined) throw new UnsendableError(`a bigint of more than ${fixedLimits.bigintBytes} bytes`);
    this.#extension(0x42, length);
    let rest = value;
    for (let at = this.position + length - 8; at >= this.position; at -= 8) {
      this.#view.setBigUint64(at, BigInt.asUintN(64, rest));
      rest >>= 64n;
    }
    this.position += length;
  }

  date(ms: number): void {
    this.#reserve(15);
    const seconds = Math.floor(ms / 1000);
    const nanos = (ms - seconds * 1000) * 1_000_000;
    if (seconds >= 0 && seconds < 0x1_0000_0000 && nanos === 0) {
      this.#extension(0xff, 4);
      this.#view.setUint32(this.position, seconds);
      this.position += 4;
    } else if (seconds >= 0 && seconds < 0x1_0000_0000) {
      this.#extension(0xff, 8);
      this.#view.setUint32(this.position, nanos * 4);
      this.#view.setUint32(this.position + 4, seconds);
      this.position += 8;
    } else {
      this.#extension(0xff, 12);
      this.#view.setUint32(this.position, nanos);
      this.#view.setBigInt64(this.position + 4, BigInt(seconds));
      this.position += 12;
    }
  }

  #extension(type: number, length: number): void {
    const fixed = [1, 2, 4, 8, 16].indexOf(length);
    if (fixed >= 0) {
      this.bytes[this.position++] = 0xd4 + fixed;
    } else {
      this.bytes[this.position++] = 0xc7;
      this.bytes[this.position++] = length;
    }
    this.bytes[this.position++] = type;
  }

  binary(value: Uint8Array): void {
    const { length } = value;
    this.#reserve(5 + length);
    const { bytes } = this;
    if (length < 0x100) {
      bytes[this.position++] = 0xc4;
      bytes[this.position++] = length;
    } else if (length < 0x10000) {
      bytes[this.position++] = 0xc5;
      bytes[this.position++] = length >> 8;
      bytes[this.position++] = length;
    } else {
      bytes[this.position++] = 0xc6;
      this.#view.setUint32(this.position, length);
      this.position += 4;
    }
    bytes.set(value, this.position);
    this.position += length;
  }

  /** @throws UnsendableError for a lone surrogate, which UTF-8 cannot hold. */
  string(value: string): void {
    const { length } = value;
    // No UTF-16 unit needs more than three bytes.
    this.#reserve(5 + length * 3);
    const headerBytes = length < 0x20 ? 1 : length < 0x100 ? 2 : length < 0x10000 ? 3 : 5;
    const begin = this.position + headerBytes;
    const written = writeUtf8(this.bytes, value, begin);
    const needed = written < 0x20 ? 1 : written < 0x100 ? 2 : written < 0x10000 ? 3 : 5;
    const { bytes } = this;
    if (needed !== headerBytes) bytes.copyWithin(this.position + needed, begin, begin + written);
    if (needed === 1) {
      bytes[this.position++] = 0xa0 | written;
    } else if (needed === 2) {
      bytes[this.position++] = 0xd9;
      bytes[this.position++] = written;
    } else if (needed === 3) {
      bytes[this.position++] = 0xda;
      bytes[this.position++] = written >> 8;
      bytes[this.position++] = written;
    } else {
      bytes[this.position++] = 0xdb;
      this.#view.setUint32(this.position, written);
      this.position += 4;
    }
    this.position += written;
  }

  /** @throws UnsendableError when the key is one that peers refuse. */
  key(name: string): void {
    if (name === "__proto__") throw new UnsendableError("the key __proto__ is refused");
    const before = this.position;
    this.string(name);
    // Its header takes up to three bytes of what was written.
    if (this.position - before - (name.length < 0x20 ? 1 : 3) > fixedLimits.keyBytes)
      throw new UnsendableError(`a key of more than ${fixedLimits.keyBytes} bytes`);
  }
}

/** How many bytes of two's complement, a multiple of eight, hold `value`; `undefined` when the protocol allows no so many. */
export function bigintBytes(value: bigint): number | undefined {
  for (let length = 8; length <= fixedLimits.bigintBytes; length += 8)
    if (BigInt.asIntN(length * 8, value) === value) return length;
  return undefined;
}
