import type { AttemptFailure, Random } from "@farcall/protocol";
import { backoffMs } from "../connection/backoff.js";
import type { RetryOptions } from "./options.js";

/** What a call has behind it, when an attempt of it has failed. */
export interface CallRecord {
  /** Its handler may run more than once: the contract says `@idempotent`. */
  readonly isRepeatable: boolean;
  /** Attempts that were handed to a connection, the failed one included. */
  readonly attempts: number;
  /** Attempts that were refused with proof that they had not run, the failed one included. */
  readonly refusals: number;
  /** It is made for a call that is itself a retry: only one layer tries again. */
  readonly isNested: boolean;
}

/**
 * What follows when an attempt has failed: the end, or another attempt after `delayMs`, which draws from the budget when
 * `isFree` is not set.
 */
export type Verdict = { readonly again: false } | { readonly again: true; readonly delayMs: number; readonly isFree: boolean };

const theEnd: Verdict = { again: false };

/**
 * The evidence ladder. What was never handed to a connection goes out again, free of charge. What was refused with proof
 * that it did not run may go out again whatever it is: free once, then from the budget. What may have run, or has failed
 * with `UNAVAILABLE`, goes out again only where it may run twice. Everything else is the answer. (gRPC proposal A6.)
 */
export function judge(failure: AttemptFailure, call: CallRecord, options: RetryOptions, random: Random): Verdict {
  const { error, wasSent, isCommitted } = failure;
  if (isCommitted) return theEnd;
  if (!wasSent) return error.code === "UNAVAILABLE" ? { again: true, delayMs: 0, isFree: true } : theEnd;
  const { retryAfterMs } = error;
  if (retryAfterMs === Number.POSITIVE_INFINITY) return theEnd;
  const delayMs = retryAfterMs ?? backoffMs(call.attempts - 1, options, random);
  const isRefused = error.executed === "no" && isRefusal(error);
  if (isRefused && call.refusals === 1) return { again: true, delayMs: retryAfterMs ?? 0, isFree: true };
  if (call.attempts >= options.maxAttempts) return theEnd;
  if (isRefused) return { again: true, delayMs, isFree: false };
  if (error.code !== "UNAVAILABLE" || !call.isRepeatable || call.isNested) return theEnd;
  return { again: true, delayMs, isFree: false };
}

/** The server would not take it now, or not here; another may. */
function isRefusal({ code, reason }: AttemptFailure["error"]): boolean {
  return code === "UNAVAILABLE" || (code === "RESOURCE_EXHAUSTED" && reason !== "MESSAGE_TOO_LARGE");
}
