import type { Code, Executed } from "./code.js";

/** Kinds of frames; `docs/protocol.md` section 2. */
export const kinds = {
  hello: 1,
  welcome: 2,
  ping: 3,
  pong: 4,
  goodbye: 5,
  drain: 7,
  health: 8,
  time: 9,
  call: 16,
  result: 17,
  error: 18,
  item: 19,
  end: 20,
  cancel: 21,
  credit: 22,
  method: 23,
  chunk: 24,
  headers: 25,
  trailers: 26,
} as const;

/** Frames of this kind and above may be skipped by those who do not know them. */
export const firstIgnorableKind = 64;

/** One MessagePack value inside a received message, scanned and not yet decoded. */
export interface Payload {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** When not 0: the payload is not here, it follows in chunks, this many bytes in all. */
  readonly announced: number;
  /** The bytes belong to this payload alone, so that what is decoded may point into them. */
  readonly isOwn: boolean;
}

/** Everything that may cross the wire. */
export type Frame =
  | { readonly kind: typeof kinds.hello; readonly map: Payload }
  | { readonly kind: typeof kinds.welcome; readonly map: Payload }
  | { readonly kind: typeof kinds.ping; readonly nonce: number }
  | { readonly kind: typeof kinds.time; readonly sentAt: number }
  | { readonly kind: typeof kinds.pong; readonly nonce: number; readonly load: Load | undefined }
  | { readonly kind: typeof kinds.goodbye; readonly lastCallId: number; readonly reason: string }
  | DrainFrame
  | { readonly kind: typeof kinds.health; readonly services: ReadonlyMap<string, boolean> }
  | MethodFrame
  | CallFrame
  | { readonly kind: typeof kinds.result; readonly id: number; readonly value: Payload }
  | ErrorFrame
  | { readonly kind: typeof kinds.item; readonly id: number; readonly values: readonly Payload[] }
  | { readonly kind: typeof kinds.end; readonly id: number }
  | { readonly kind: typeof kinds.chunk; readonly id: number; readonly bytes: Uint8Array }
  | { readonly kind: typeof kinds.headers | typeof kinds.trailers; readonly id: number; readonly metadata: Payload }
  | { readonly kind: typeof kinds.cancel; readonly id: number; readonly code: Code }
  | { readonly kind: typeof kinds.credit; readonly id: number; readonly total: number };

/** How the sender of a pong does, as far as it says. */
export interface Load {
  /** Calls it is serving, over all of its connections. */
  readonly running?: number;
  /** How much later than asked its event loop runs timers, in milliseconds. */
  readonly lagMs?: number;
  /** Over how long, in milliseconds, those who lose it without a farewell should spread their return. */
  readonly reconnectMs?: number;
}

/** Phase 1 announces that the acceptor leaves, or answers that; phase 2 says what it has accepted. */
export type DrainFrame =
  | { readonly kind: typeof kinds.drain; readonly phase: 1 }
  | ({ readonly kind: typeof kinds.drain; readonly phase: 2; readonly lastCallId: number } & ReconnectBounds);

/** When whoever was sent away should be back: a moment drawn evenly between the two, in milliseconds from now. */
export interface ReconnectBounds {
  readonly reconnectMinMs: number;
  readonly reconnectMaxMs: number;
}

export interface CallFrame {
  readonly kind: typeof kinds.call;
  readonly id: number;
  readonly method: number;
  /** 0 for none. */
  readonly timeoutMs: number;
  /** Absent when nil. */
  readonly head: Payload | undefined;
  readonly args: Payload;
}

export interface ErrorFrame {
  readonly kind: typeof kinds.error;
  readonly id: number;
  readonly code: Code;
  readonly executed: Executed;
  readonly message: string;
  readonly head: Payload | undefined;
}

export interface MethodFrame {
  readonly kind: typeof kinds.method;
  readonly number: number;
  readonly service: string;
  readonly method: string;
  readonly fingerprint: string;
}
