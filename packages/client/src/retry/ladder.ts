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
export type Verdict =
  | { readonly again: false; readonly why: string }
  | { readonly again: true; readonly delayMs: number; readonly isFree: boolean };

function no(why: string): Verdict {
  return { again: false, why };
}

/**
 * The evidence ladder. What was never handed to a connection goes out again, free of charge. What was refused with proof
 * that it did not run may go out again whatever it is: free once, then from the budget. What may have run, or has failed
 * with `UNAVAILABLE`, goes out again only where it may run twice. Everything else is the answer. (gRPC proposal A6.)
 */
export function judge(failure: AttemptFailure, call: CallRecord, options: RetryOptions, random: Random): Verdict {
  const { error, wasSent, isCommitted } = failure;
  if (isCommitted) return no("its streams were under way, and cannot be sent from the start");
  if (!wasSent) return error.code === "UNAVAILABLE" ? { again: true, delayMs: 0, isFree: true } : no(`${error.code} is final`);
  const { retryAfterMs } = error;
  if (retryAfterMs === Number.POSITIVE_INFINITY) return no("the server asked not to");
  const delayMs = retryAfterMs ?? backoffMs(call.attempts - 1, options, random);
  const isRefused = error.executed === "no" && isRefusal(error);
  if (isRefused && call.refusals === 1) return { again: true, delayMs: retryAfterMs ?? 0, isFree: true };
  if (call.attempts >= options.maxAttempts && options.maxAttempts > 1) return no(`retry.maxAttempts is ${options.maxAttempts}`);
  if (isRefused) return options.maxAttempts === 1 ? no("retry is off") : { again: true, delayMs, isFree: false };
  if (error.code !== "UNAVAILABLE") return no(`${error.code} is an answer`);
  if (!call.isRepeatable) return no("it may have run, and the method is not @idempotent");
  if (call.isNested) return no("it was made for a call that is a retry itself");
  if (options.maxAttempts === 1) return no("retry is off");
  return { again: true, delayMs, isFree: false };
}

/** The server would not take it now, or not here; another may. */
function isRefusal({ code, reason }: AttemptFailure["error"]): boolean {
  return code === "UNAVAILABLE" || (code === "RESOURCE_EXHAUSTED" && reason !== "MESSAGE_TOO_LARGE");
}
