import type { ts } from "ts-morph";
import { isPlatformFile } from "./platform.js";

/** The mark exists for the type checker only: it keeps "not from the library" from meaning "not a symbol". */
export type LibrarySymbol = ts.Symbol & { readonly fromLibrary: true };

/** Whether a symbol comes from TypeScript's own library, and not from a user's type of the same name. */
export function isLibrary(program: ts.Program, symbol: ts.Symbol | undefined): symbol is LibrarySymbol {
  return (
    symbol?.declarations?.some((declaration) => {
      const file = declaration.getSourceFile();
      return program.isSourceFileDefaultLibrary(file) || isPlatformFile(file.fileName);
    }) === true
  );
}

const streams = new Set(["AsyncIterable", "AsyncIterableIterator", "AsyncIteratorObject", "AsyncGenerator"]);

/** The library's async sequences, of which the first type argument is the item. */
export function isStreamName(name: string): boolean {
  return streams.has(name);
}

const bytesHint = "use Uint8Array";
const hints: Readonly<Record<string, string>> = {
  WeakMap: "use Map<K, V>",
  WeakSet: "use Set<T>",
  SharedArrayBuffer: bytesHint,
  DataView: bytesHint,
  Buffer: bytesHint,
  Blob: bytesHint,
  File: bytesHint,
  Float16Array: "use Float32Array",
  RegExp: "use string and build the expression on the other side",
  URLSearchParams: "use string, or Record<string, string>",
  Error: "throw it on the server, or describe it by an interface of your own",
  String: "use string",
  Number: "use number",
  Boolean: "use boolean",
  BigInt: "use bigint",
  Object: "name the properties in an interface",
  Function: "functions stay where they are: return data, or a stream of it",
  Iterable: "use an array, or AsyncIterable as a parameter or result of its own",
  Iterator: "use an array",
  IterableIterator: "use an array",
  Generator: "use an array",
  ReadableStream: "use AsyncIterable<Uint8Array> as a parameter or result of its own",
  AbortSignal: "leave it out: every call takes a signal in its options, every handler finds one in its context",
  AbortController: "leave it out: every call takes a signal in its options",
};

const typedArrays = new Set(
  [
    "ArrayBuffer Int8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array Float32Array Float64Array",
    "BigInt64Array BigUint64Array",
  ].flatMap((line) => line.split(" ")),
);

/** The library's blocks of memory that travel as such; `Uint8Array` is the ordinary one and has a kind of its own. */
export function isTypedArrayName(name: string): boolean {
  return typedArrays.has(name);
}

export function isMapName(name: string): boolean {
  return name === "Map" || name === "ReadonlyMap";
}

export function isSetName(name: string): boolean {
  return name === "Set" || name === "ReadonlySet";
}

/** How to write a built-in type instead. */
export function libraryHint(name: string): string {
  return hints[name] ?? "describe the data by an interface of your own";
}
