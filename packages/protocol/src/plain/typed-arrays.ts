import type { TypedArrayName } from "../schema/shape.js";

type Constructor = new (buffer: ArrayBuffer) => ArrayBufferView | ArrayBuffer;

interface TypedArrayKind {
  readonly type: Constructor;
  readonly elementBytes: number;
}

function kind(type: Constructor & { readonly BYTES_PER_ELEMENT: number }): TypedArrayKind {
  return { type, elementBytes: type.BYTES_PER_ELEMENT };
}

const kinds: Readonly<Record<TypedArrayName, TypedArrayKind>> = {
  ArrayBuffer: { type: ArrayBuffer as unknown as Constructor, elementBytes: 1 },
  Int8Array: kind(Int8Array),
  Uint8ClampedArray: kind(Uint8ClampedArray),
  Int16Array: kind(Int16Array),
  Uint16Array: kind(Uint16Array),
  Int32Array: kind(Int32Array),
  Uint32Array: kind(Uint32Array),
  Float32Array: kind(Float32Array),
  Float64Array: kind(Float64Array),
  BigInt64Array: kind(BigInt64Array),
  BigUint64Array: kind(BigUint64Array),
};

const isLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

export function isTypedArray(name: TypedArrayName, value: unknown): value is ArrayBufferView | ArrayBuffer {
  return value instanceof kinds[name].type;
}

export function elementBytesOf(name: TypedArrayName): number {
  return kinds[name].elementBytes;
}

/** The elements as they travel: little-endian, whatever the machine. */
export function bytesOf(name: TypedArrayName, value: ArrayBufferView | ArrayBuffer): Uint8Array {
  const bytes =
    value instanceof ArrayBuffer ? new Uint8Array(value) : new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return isLittleEndian ? bytes : swapped(bytes, kinds[name].elementBytes);
}

/** A typed array in memory of its own, from bytes that are a whole number of elements. */
export function typedArrayOf(name: TypedArrayName, bytes: Uint8Array): ArrayBufferView | ArrayBuffer {
  const { type, elementBytes } = kinds[name];
  const own = isLittleEndian ? Uint8Array.prototype.slice.call(bytes) : swapped(bytes, elementBytes);
  const buffer = own.buffer as ArrayBuffer;
  return name === "ArrayBuffer" ? buffer : new type(buffer);
}

function swapped(bytes: Uint8Array, size: number): Uint8Array {
  const result = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) result[i - (i % size) + (size - 1 - (i % size))] = bytes[i] as number;
  return result;
}
