import { assertCount } from "./options.js";

/** What one side accepts from its peer. Announced in hello and welcome, enforced before anything is allocated. */
export interface Limits {
  /** Largest argument list, result, item or error detail, in encoded bytes. Default 4 MiB. */
  readonly maxMessageBytes: number;
  /** Initial credit of every stream towards this side, in bytes. Default 256 KiB. */
  readonly streamWindowBytes: number;
  /** Bytes of chunks that may be on their way to this side at once. Default 4 MiB. */
  readonly chunkWindowBytes: number;
  /** Calls of the peer held at once on one connection; beyond that the caller waits. Default 4 096. */
  readonly maxCalls: number;
}

export const defaultLimits: Limits = {
  maxMessageBytes: 4 * 1024 * 1024,
  streamWindowBytes: 256 * 1024,
  chunkWindowBytes: 4 * 1024 * 1024,
  maxCalls: 4096,
};

/** Limits that are part of the protocol: both sides know them, nobody negotiates them. */
export const fixedLimits = {
  /** Arrays and maps inside one another, the frame itself included. */
  depth: 64,
  /** Values in one frame. */
  nodes: 100_000,
  /** Bytes of a map key. */
  keyBytes: 1024,
  /** Bytes of a bigint extension. */
  bigintBytes: 64,
  /** Keys and values of one call's metadata together. */
  metadataBytes: 64 * 1024,
  helloBytes: 16 * 1024,
  /** Bytes of a service's or a method's name. */
  nameBytes: 256,
  /** Methods one side may number in a connection. */
  methods: 4096,
  /** Bytes of an error's message. */
  errorMessageBytes: 4096,
  /** Reason and details of an error, encoded: an error travels in one frame. */
  errorHeadBytes: 64 * 1024,
  /** A batch of frames is sent once it is longer than this. */
  batchBytes: 64 * 1024,
  /** A longer payload travels in chunks of this size. */
  chunkBytes: 64 * 1024,
  /** Messages that may be announced and unfinished in one direction of a connection. */
  transfers: 8,
  /** Pairs of keys and values in one call's metadata. */
  metadataPairs: 2048,
  /** A WebSocket message: one batch, or one frame that is longer than a batch. */
  webSocketMessageBytes: 128 * 1024,
  /** What an item costs beyond its encoded bytes. */
  itemOverheadBytes: 16,
} as const;

/** Fills in the defaults. `others` are limits that the caller has taken out already. @throws RangeError or TypeError that names the field. */
export function parseLimits(given: Partial<Limits> | undefined, where: string, others: readonly string[] = []): Limits {
  if (given === undefined) return defaultLimits;
  if (typeof given !== "object" || given === null) throw new TypeError(`${where} must be an object, got ${typeof given}`);
  for (const key of Object.keys(given)) {
    if (!Object.hasOwn(defaultLimits, key)) {
      const known = [...Object.keys(defaultLimits), ...others].join(", ");
      throw new TypeError(`${where}.${key} is not a limit; known are ${known}`);
    }
  }
  const limits = { ...defaultLimits, ...given };
  assertCount(limits.maxMessageBytes, `${where}.maxMessageBytes`, { min: 1024, max: 1024 * 1024 * 1024 });
  assertCount(limits.streamWindowBytes, `${where}.streamWindowBytes`, { min: 1024, max: 1024 * 1024 * 1024 });
  assertCount(limits.chunkWindowBytes, `${where}.chunkWindowBytes`, { min: 2 * fixedLimits.chunkBytes, max: 1024 * 1024 * 1024 });
  assertCount(limits.maxCalls, `${where}.maxCalls`, { min: 1, max: 1_000_000 });
  return limits;
}
