import { copyEncoded, type Encoded } from "./codec.js";
import { FarcallError } from "./error.js";
import { fixedLimits } from "./limits.js";
import { encodeAs } from "./plain/encode.js";
import { isWellFormed } from "./plain/utf8.js";
import { writerOf } from "./plain/writers.js";
import { t } from "./schema/shape.js";

/** One metadata value: text, or bytes. */
export type MetadataValue = string | Uint8Array;

/** What callers may pass as metadata: an object (an array value repeats its key), a list of pairs, or `Metadata`. */
export type MetadataInit =
  | Metadata
  | Readonly<Record<string, MetadataValue | readonly MetadataValue[]>>
  | Iterable<readonly [string, MetadataValue]>;

const keyPattern = /^[a-z0-9_.-]{1,256}$/;

/**
 * Key/value data that travels beside a call, in order, keys repeatable. Keys are compared in lower case and consist of
 * letters, digits, `_`, `.` and `-`, as in gRPC; values are text or bytes. Immutable.
 */
export class Metadata implements Iterable<readonly [string, MetadataValue]> {
  static readonly empty: Metadata = new Metadata([]);
  readonly #entries: readonly (readonly [string, MetadataValue])[];

  private constructor(entries: readonly (readonly [string, MetadataValue])[]) {
    this.#entries = entries;
  }

  /** @throws TypeError that names the key, when a key or a value is not allowed. */
  static from(init: MetadataInit | undefined): Metadata {
    if (init === undefined) return Metadata.empty;
    if (init instanceof Metadata) return init;
    if (typeof init !== "object" || init === null)
      throw new TypeError(`metadata must be an object or a list of pairs, got ${typeof init}`);
    const entries: [string, MetadataValue][] = [];
    const add = (key: unknown, value: unknown): void => {
      const name = typeof key === "string" ? key.toLowerCase() : key;
      if (typeof name !== "string" || !keyPattern.test(name)) {
        throw new TypeError(`metadata key ${JSON.stringify(String(key).slice(0, 64))} must be 1 to 256 of a-z 0-9 _ . -`);
      }
      if (typeof value !== "string" && !(value instanceof Uint8Array)) {
        throw new TypeError(`metadata value of ${JSON.stringify(name)} must be a string or a Uint8Array, got ${typeof value}`);
      }
      if (typeof value === "string" && !isWellFormed(value))
        throw new TypeError(`metadata value of ${JSON.stringify(name)} holds a lone surrogate, which UTF-8 cannot hold`);
      entries.push([name, typeof value === "string" ? value : value.slice()]);
    };
    if (Symbol.iterator in init) {
      for (const pair of init as Iterable<readonly [string, MetadataValue]>) add(pair[0], pair[1]);
    } else {
      for (const key of Object.keys(init)) {
        const value = (init as Record<string, unknown>)[key];
        if (value === undefined) continue;
        if (Array.isArray(value)) for (const one of value) add(key, one);
        else add(key, value);
      }
    }
    return entries.length === 0 ? Metadata.empty : new Metadata(entries);
  }

  get size(): number {
    return this.#entries.length;
  }

  /** The first value of `key`, or `undefined`. */
  get(key: string): MetadataValue | undefined {
    const name = key.toLowerCase();
    return this.#entries.find(([k]) => k === name)?.[1];
  }

  /** Every value of `key`, in the order they were sent. */
  getAll(key: string): MetadataValue[] {
    const name = key.toLowerCase();
    return this.#entries.filter(([k]) => k === name).map(([, value]) => value);
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  [Symbol.iterator](): Iterator<readonly [string, MetadataValue]> {
    return this.#entries[Symbol.iterator]();
  }
}

/** The head of a call frame for this metadata, as a value to encode; `undefined` when there is none to send. @throws FarcallError */
export function writeMetadata(metadata: Metadata): { readonly metadata: readonly MetadataValue[] } | undefined {
  return metadata.size === 0 ? undefined : { metadata: flattenMetadata(metadata) };
}

/** Keys and values in turn, as they travel. @throws FarcallError `RESOURCE_EXHAUSTED` beyond the limits. */
export function flattenMetadata(metadata: Metadata): readonly MetadataValue[] {
  const flat: MetadataValue[] = [];
  let bytes = 0;
  for (const [key, value] of metadata) {
    flat.push(key, value);
    bytes += key.length + byteLength(value);
  }
  if (bytes > fixedLimits.metadataBytes) throw tooLarge(`${bytes} bytes`);
  if (metadata.size > fixedLimits.metadataPairs) throw tooLarge(`${metadata.size} pairs`);
  return flat;
}

const flatShape = t.array(t.union(t.string, t.bytes));
const headShape = t.object({}, { metadata: flatShape, attempt: t.number });

/**
 * The head of a call frame, in memory of its own; `undefined` when there is nothing to say. `attempt` counts the earlier
 * attempts of the same call. @throws FarcallError
 */
export function encodeHead(metadata: Metadata, attempt = 0): Uint8Array | undefined {
  if (metadata.size === 0 && attempt === 0) return undefined;
  const head = { ...writeMetadata(metadata), ...(attempt === 0 ? {} : { attempt }) };
  return copyEncoded(encodeAs(writerOf(headShape), head));
}

/** What stands in a frame of headers or trailers; valid until the next value is encoded. @throws FarcallError */
export function encodeMetadata(metadata: Metadata): Encoded {
  return encodeAs(writerOf(flatShape), flattenMetadata(metadata));
}

/** Metadata from a decoded call head. @throws FarcallError, TypeError */
export function readMetadata(head: unknown): Metadata {
  if (typeof head !== "object" || head === null || Array.isArray(head)) throw new TypeError("is not a map");
  const flat: unknown = Object.hasOwn(head, "metadata") ? (head as { metadata: unknown }).metadata : undefined;
  return flat === undefined || flat === null ? Metadata.empty : unflattenMetadata(flat);
}

/** The number of earlier attempts that a decoded call head tells of; 0 for anything that makes no sense. */
export function readAttempt(head: unknown): number {
  const attempt: unknown =
    typeof head === "object" && head !== null && Object.hasOwn(head, "attempt") ? (head as { attempt: unknown }).attempt : 0;
  return typeof attempt === "number" && Number.isSafeInteger(attempt) && attempt > 0 ? attempt : 0;
}

/** @throws FarcallError, TypeError */
export function unflattenMetadata(flat: unknown): Metadata {
  if (!Array.isArray(flat) || flat.length % 2 !== 0) throw new TypeError("metadata is not a list of keys and values");
  const pairs: [string, MetadataValue][] = [];
  let bytes = 0;
  for (let i = 0; i < flat.length; i += 2) {
    const value = flat[i + 1] as MetadataValue;
    pairs.push([flat[i] as string, value]);
    bytes += String(flat[i]).length + byteLength(value);
  }
  if (bytes > fixedLimits.metadataBytes) throw tooLarge(`${bytes} bytes`);
  if (pairs.length > fixedLimits.metadataPairs) throw tooLarge(`${pairs.length} pairs`);
  return Metadata.from(pairs);
}

const utf8 = new TextEncoder();

function byteLength(value: MetadataValue): number {
  return typeof value === "string" ? utf8.encode(value).length : value instanceof Uint8Array ? value.length : 0;
}

function tooLarge(what: string): FarcallError {
  const most = `at most ${fixedLimits.metadataBytes} bytes in ${fixedLimits.metadataPairs} pairs`;
  return new FarcallError("RESOURCE_EXHAUSTED", `metadata of ${what}; ${most}`, {
    executed: "no",
    reason: "MESSAGE_TOO_LARGE",
  });
}
