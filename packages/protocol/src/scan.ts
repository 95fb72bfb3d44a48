import { closeCodes, ProtocolError } from "./close-code.js";
import { fixedLimits } from "./limits.js";

/** Extension types that may appear in data: undefined, bigint, timestamp. */
const extUndefined = 0x00;
const extBigint = 0x42;
const extTimestamp = 0xff;

/** What is left of each container around the one being looked through. Shared: a scan never calls out, so it never nests. */
const leftOutside = new Int32Array(fixedLimits.depth + 1);
const outsideIsMap = new Uint8Array(fixedLimits.depth + 1);

/**
 * Finds the end of the MessagePack value at `start` and checks, in one pass that allocates nothing, everything that
 * could hurt a decoder: depth, number of values, declared lengths, extension types, map keys. Bodies of strings and
 * binaries are skipped. `depth` is how many containers the value already stands in.
 * @throws ProtocolError that says what was found.
 */
export function scan(bytes: Uint8Array, start: number, end: number, depth: number): number {
  let position = start;
  let level = depth;
  let left = 1;
  let isMap = false;
  let nodes = 1;
  for (;;) {
    while (left === 0) {
      if (level === depth) {
        if (position > end) throw truncated();
        return position;
      }
      left = leftOutside[level] as number;
      isMap = outsideIsMap[level] === 1;
      level--;
    }
    left--;
    // A body that runs beyond the end is noticed here: there is nothing left to read then.
    if (position >= end) throw truncated();
    let token = bytes[position] as number;
    if (isMap) {
      if (token >= 0xa0 && token < 0xc0 && token !== lengthOfProto) position += 1 + (token & 0x1f);
      else position = skipKey(bytes, position, end, token);
      if (position >= end) throw truncated();
      token = bytes[position] as number;
    }
    position++;
    if (token < 0x80 || token >= 0xe0) continue;
    if (token >= 0xa0 && token < 0xc0) {
      position += token & 0x1f;
      continue;
    }
    let count = -1;
    let opensMap = false;
    if (token < 0x90) {
      count = token & 0x0f;
      opensMap = true;
    } else if (token < 0xa0) {
      count = token & 0x0f;
    } else {
      switch (token) {
        case 0xc0:
        case 0xc2:
        case 0xc3:
          break;
        case 0xc4:
        case 0xd9:
          position += 1 + readUint(bytes, position, 1, end);
          break;
        case 0xc5:
        case 0xda:
          position += 2 + readUint(bytes, position, 2, end);
          break;
        case 0xc6:
        case 0xdb:
          position += 4 + readUint(bytes, position, 4, end);
          break;
        case 0xc7:
          position = skipExtension(bytes, position + 1, end, readUint(bytes, position, 1, end));
          break;
        case 0xc8:
          position = skipExtension(bytes, position + 2, end, readUint(bytes, position, 2, end));
          break;
        case 0xc9:
          position = skipExtension(bytes, position + 4, end, readUint(bytes, position, 4, end));
          break;
        case 0xca:
        case 0xce:
        case 0xd2:
          position += 4;
          break;
        case 0xcb:
        case 0xcf:
        case 0xd3:
          position += 8;
          break;
        case 0xcc:
        case 0xd0:
          position += 1;
          break;
        case 0xcd:
        case 0xd1:
          position += 2;
          break;
        case 0xd4:
        case 0xd5:
        case 0xd6:
        case 0xd7:
        case 0xd8:
          position = skipExtension(bytes, position, end, 1 << (token - 0xd4));
          break;
        case 0xdc:
          count = readUint(bytes, position, 2, end);
          position += 2;
          break;
        case 0xdd:
          count = readUint(bytes, position, 4, end);
          position += 4;
          break;
        case 0xde:
          count = readUint(bytes, position, 2, end);
          position += 2;
          opensMap = true;
          break;
        case 0xdf:
          count = readUint(bytes, position, 4, end);
          position += 4;
          opensMap = true;
          break;
        default:
          throw new ProtocolError(`byte 0x${token.toString(16)} at ${position - 1} is not MessagePack`);
      }
    }
    if (count < 0) continue;
    // Every value takes at least one byte, a map's entry two: a longer declaration can only be a lie.
    const values = opensMap ? count * 2 : count;
    if (values > end - position) throw truncated();
    nodes += values;
    if (nodes > fixedLimits.nodes) throw beyond(`more than ${fixedLimits.nodes} values in one payload`);
    if (++level > fixedLimits.depth) throw beyond(`nesting deeper than ${fixedLimits.depth}`);
    leftOutside[level] = left;
    outsideIsMap[level] = isMap ? 1 : 0;
    left = count;
    isMap = opensMap;
  }
}

/** The first byte of a short key of nine characters, as `__proto__` is one. */
const lengthOfProto = 0xa9;

function skipKey(bytes: Uint8Array, position: number, end: number, token: number): number {
  let length: number;
  let body: number;
  if (token >= 0xa0 && token < 0xc0) {
    length = token & 0x1f;
    body = position + 1;
  } else if (token === 0xd9) {
    length = readUint(bytes, position + 1, 1, end);
    body = position + 2;
  } else if (token === 0xda) {
    length = readUint(bytes, position + 1, 2, end);
    body = position + 3;
  } else if (token === 0xdb) {
    length = readUint(bytes, position + 1, 4, end);
    body = position + 5;
  } else {
    throw new ProtocolError(`a map key at ${position} is not a string`);
  }
  if (length > fixedLimits.keyBytes) throw beyond(`a map key of ${length} bytes; at most ${fixedLimits.keyBytes}`);
  if (body + length > end) throw truncated();
  if (length === 9 && bytes[body] === 0x5f && isProto(bytes, body)) throw new ProtocolError("the map key __proto__ is refused");
  return body + length;
}

const proto = [0x5f, 0x5f, 0x70, 0x72, 0x6f, 0x74, 0x6f, 0x5f, 0x5f];

function isProto(bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < proto.length; i++) if (bytes[at + i] !== proto[i]) return false;
  return true;
}

function skipExtension(bytes: Uint8Array, typeAt: number, end: number, length: number): number {
  if (typeAt >= end) throw truncated();
  const type = bytes[typeAt] as number;
  if (typeAt + 1 + length > end) throw truncated();
  if (type === extBigint && length > fixedLimits.bigintBytes) {
    throw beyond(`a bigint of ${length} bytes; at most ${fixedLimits.bigintBytes}`);
  }
  const allowed =
    type === extTimestamp
      ? length === 4 || length === 8 || length === 12
      : type === extBigint
        ? length >= 1
        : type === extUndefined && length === 1;
  if (!allowed) throw new ProtocolError(`extension type ${type > 127 ? type - 256 : type} of ${length} bytes is not allowed`);
  return typeAt + 1 + length;
}

function readUint(bytes: Uint8Array, position: number, size: 1 | 2 | 4, end: number): number {
  if (position + size > end) throw truncated();
  let value = 0;
  for (let i = 0; i < size; i++) value = value * 256 + (bytes[position + i] as number);
  return value;
}

function truncated(): ProtocolError {
  return new ProtocolError("a value runs beyond the end of its message");
}

function beyond(what: string): ProtocolError {
  return new ProtocolError(what, closeCodes.limitExceeded);
}
