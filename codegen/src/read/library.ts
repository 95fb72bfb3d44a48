import type { ts } from "ts-morph";

/** The mark exists for the type checker only: it keeps "not from the library" from meaning "not a symbol". */
export type LibrarySymbol = ts.Symbol & { readonly fromLibrary: true };

/** Whether a symbol comes from TypeScript's own library, and not from a user's type of the same name. */
export function isLibrary(program: ts.Program, symbol: ts.Symbol | undefined): symbol is LibrarySymbol {
  return symbol?.declarations?.some((declaration) => program.isSourceFileDefaultLibrary(declaration.getSourceFile())) === true;
}

const streams = new Set(["AsyncIterable", "AsyncIterableIterator", "AsyncIteratorObject", "AsyncGenerator"]);

/** The library's async sequences, of which the first type argument is the item. */
export function isStreamName(name: string): boolean {
  return streams.has(name);
}

const bytesHint = "use Uint8Array";
const numbersHint = "not supported yet: use number[], or Uint8Array over the same buffer";
const hints: Readonly<Record<string, string>> = {
  Map: "not supported yet: use Record<string, T>, or an array of [key, value] tuples",
  ReadonlyMap: "not supported yet: use Record<string, T>, or an array of [key, value] tuples",
  WeakMap: "use Record<string, T>",
  Set: "not supported yet: use an array",
  ReadonlySet: "not supported yet: use an array",
  WeakSet: "use an array",
  ArrayBuffer: bytesHint,
  SharedArrayBuffer: bytesHint,
  DataView: bytesHint,
  Uint8ClampedArray: bytesHint,
  Buffer: bytesHint,
  Blob: bytesHint,
  File: bytesHint,
  Int8Array: numbersHint,
  Int16Array: numbersHint,
  Uint16Array: numbersHint,
  Int32Array: numbersHint,
  Uint32Array: numbersHint,
  Float16Array: numbersHint,
  Float32Array: numbersHint,
  Float64Array: numbersHint,
  BigInt64Array: "not supported yet: use bigint[]",
  BigUint64Array: "not supported yet: use bigint[]",
  RegExp: "use string and build the expression on the other side",
  URL: "use string",
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

/** How to write a built-in type instead. */
export function libraryHint(name: string): string {
  return hints[name] ?? "describe the data by an interface of your own";
}
