import type { ContextValues } from "./context-values.js";
import type { Metadata, MetadataInit, MetadataValue } from "./metadata.js";

/** What a caller may say about one call, after the declared arguments. */
export interface CallOptions {
  /**
   * Longest time, in milliseconds, until the call settles. Default: the method's `@timeout`, else the client's
   * (15 000 for unary calls; none for streams, but a client stream's result is due 15 s after its end). `Infinity` means
   * no deadline.
   * Zero or less settles at once with `DEADLINE_EXCEEDED`.
   */
  readonly timeoutMs?: number | undefined;
  /** Aborting it cancels the call: the caller sees `CANCELLED`, the handler's `ctx.signal` fires. */
  readonly signal?: AbortSignal | undefined;
  /** Key/value data for the handler. At most 64 KiB in all. */
  readonly metadata?: MetadataInit | undefined;
  /** Called with what the handler set by `ctx.setHeader`, before the first answer; not called when it set nothing. */
  readonly onHeaders?: ((metadata: Metadata) => void) | undefined;
  /** Called with what the handler set by `ctx.setTrailer`, right before the call ends; not called when it set nothing. */
  readonly onTrailers?: ((metadata: Metadata) => void) | undefined;
  /**
   * The call that this one is made for: it inherits the deadline (the earlier one counts), the cancellation and the trace.
   * On Node the call being served is found by itself; elsewhere pass `ctx`.
   */
  readonly parent?: CallContext | undefined;
  /** With no endpoint ready: wait until the deadline (`true`, the default) or fail at once with `UNAVAILABLE`. */
  readonly waitForReady?: boolean | undefined;
}

/** What a handler sees of the call it serves; the last argument of every handler. */
export interface CallContext {
  /** Fires when the caller cancels, the deadline passes or the connection is lost. Made when first read. */
  readonly signal: AbortSignal;
  /** The moment, in this process's monotonic milliseconds, when the answer is no longer wanted; `Infinity` for none. */
  readonly deadline: number;
  /** Milliseconds left until the deadline, never negative; `Infinity` for none. */
  timeoutMs(): number;
  /** What the caller sent along. */
  readonly metadata: Metadata;
  /**
   * How many earlier attempts led to this one, of this call and of those it is made for: 0 unless it is a retry. Calls made
   * for a retry are not retried, in no layer.
   */
  readonly attempt: number;
  /** Typed values that interceptors left for the handler. Never sent. */
  readonly values: ContextValues;
  /**
   * Adds response metadata that reaches the caller before the first answer. At most 64 KiB in all.
   * @throws TypeError for a key or value that is not allowed, or after the first answer.
   */
  setHeader(key: string, value: MetadataValue): void;
  /** Adds response metadata that reaches the caller at the end of the call, error or not. At most 64 KiB in all. @throws TypeError */
  setTrailer(key: string, value: MetadataValue): void;
  /** Wire name of the service and name of the method. */
  readonly service: string;
  readonly method: string;
  /** Who is calling. */
  readonly peer: Peer;
}

/** The other end of a connection. */
export interface Peer {
  /** Unique for each connection this process accepted. */
  readonly id: string;
  /** Network address as the transport knows it, for people and logs. */
  readonly address: string;
}
