import type { DeadlineWheel } from "../deadline-wheel.js";
import type { FarcallError } from "../error.js";
import type { Metadata } from "../metadata.js";
import type { Schema } from "../schema/schema.js";
import type { MethodRef } from "./method-ref.js";
import type { OutgoingCall } from "./outgoing-call.js";

export interface OutgoingCallOptions {
  readonly method: MethodRef;
  /** What these arguments are answered with: the result, or an item of the stream. */
  readonly answer: Schema;
  /** The moment when the call is made. */
  readonly now: number;
  /** The moment when the caller stops waiting; `Infinity` for never. */
  readonly deadline: number;
  readonly timeoutMs: number;
  /** Encoded head of the call frame, when there is one. */
  readonly head: Uint8Array | undefined;
  /** Any of them cancels the call. */
  readonly signals: readonly AbortSignal[];
  readonly onHeaders: ((metadata: Metadata) => void) | undefined;
  readonly onTrailers: ((metadata: Metadata) => void) | undefined;
  /** Where something thrown by one of the caller's own functions is reported. */
  readonly report: (thrown: unknown) => void;
  readonly wheel: DeadlineWheel;
  /** The stream the caller sends, for `client-stream` and `bidi-stream`. */
  readonly source: AsyncIterable<unknown> | undefined;
  /** Initial credit of what the callee sends. */
  readonly windowBytes: number;
  /** Longest wait for credit before the stream the caller sends is given up. */
  readonly streamIdleMs: number;
  /** Longest wait for the result once the stream the caller sends has ended, when there is no deadline. */
  readonly resultTimeoutMs: number;
  /** How often the owner is told that the call still waits; `Infinity` for never. */
  readonly slowMs: number;
  readonly resolve: ((value: unknown) => void) | undefined;
  readonly reject: ((error: FarcallError) => void) | undefined;
}

/** Whoever sends a call, and decides what follows when that fails. */
export interface CallOwner {
  /**
   * The attempt has failed and is over; the call waits again. The owner sends it once more, or fails it.
   * `wasSent` says whether any of it was handed to a connection; `isCommitted` that it must not be sent again, because
   * answers, or the stream of the caller, are under way.
   */
  attemptFailed(call: OutgoingCall, failure: AttemptFailure): void;
  /** The call has waited for another `slowMs`. */
  slow(call: OutgoingCall): void;
  /** The call has been settled, by whatever came first: with `error`, or with its result. */
  settled(call: OutgoingCall, error: FarcallError | undefined): void;
  /** Why it is still waiting to be sent, as far as known. */
  whyWaiting(): Error | undefined;
}

/** How an attempt to call failed. */
export interface AttemptFailure {
  readonly error: FarcallError;
  /** Any of it was handed to a connection. */
  readonly wasSent: boolean;
  /** Answers, or the caller's own stream, were under way: it cannot be sent again from the start. */
  readonly isCommitted: boolean;
}
