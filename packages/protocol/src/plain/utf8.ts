import { UnsendableError } from "./unsendable.js";

/** Below this, a loop over the characters is faster than the platform's encoder. */
const shortString = 48;

type NativeWrite = (this: Uint8Array, text: string, offset: number) => number;
const nativeBuffer = (globalThis as { Buffer?: { prototype: { utf8Write?: NativeWrite } } }).Buffer;
const utf8Write = nativeBuffer?.prototype.utf8Write;
const utf8 = new TextEncoder();

/**
 * Writes `text` at `begin`; three bytes for each of its UTF-16 units must fit. @returns how many bytes it took.
 * @throws UnsendableError for a lone surrogate, which UTF-8 cannot hold.
 */
export function writeUtf8(bytes: Uint8Array, text: string, begin: number): number {
  if (text.length < shortString) return writeShort(bytes, text, begin);
  if (!isWellFormed(text)) throw loneSurrogate();
  return utf8Write === undefined ? utf8.encodeInto(text, bytes.subarray(begin)).written : utf8Write.call(bytes, text, begin);
}

function writeShort(bytes: Uint8Array, text: string, begin: number): number {
  const { length } = text;
  let at = begin;
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) {
      bytes[at++] = unit;
    } else if (unit < 0x800) {
      bytes[at++] = (unit >> 6) | 0xc0;
      bytes[at++] = (unit & 0x3f) | 0x80;
    } else if ((unit & 0xf800) !== 0xd800) {
      bytes[at++] = (unit >> 12) | 0xe0;
      bytes[at++] = ((unit >> 6) & 0x3f) | 0x80;
      bytes[at++] = (unit & 0x3f) | 0x80;
    } else {
      const next = unit < 0xdc00 && i + 1 < length ? text.charCodeAt(++i) : 0;
      if ((next & 0xfc00) !== 0xdc00) throw loneSurrogate();
      const point = 0x10000 + ((unit & 0x3ff) << 10) + (next & 0x3ff);
      bytes[at++] = (point >> 18) | 0xf0;
      bytes[at++] = ((point >> 12) & 0x3f) | 0x80;
      bytes[at++] = ((point >> 6) & 0x3f) | 0x80;
      bytes[at++] = (point & 0x3f) | 0x80;
    }
  }
  return at - begin;
}

const native = (String.prototype as { isWellFormed?: (this: string) => boolean }).isWellFormed;

/** False for a string with a lone surrogate. V8 answers for Latin-1 strings without looking at them. */
export function isWellFormed(value: string): boolean {
  return native === undefined ? !/\p{Surrogate}/u.test(value) : native.call(value);
}

function loneSurrogate(): UnsendableError {
  return new UnsendableError("a string with a lone surrogate, which UTF-8 cannot hold");
}
