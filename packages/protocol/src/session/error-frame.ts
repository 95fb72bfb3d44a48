import { isReason } from "../code.js";
import { copyEncoded, decode, encode } from "../codec.js";
import { type ErrorContent, FarcallError, type FarcallErrorOptions } from "../error.js";
import type { ErrorFrame } from "../frame.js";

/** The error that an error frame brings. What cannot be read of its head is left out: an error must arrive. */
export function readError(frame: ErrorFrame): FarcallError {
  const options: { -readonly [K in keyof FarcallErrorOptions]: FarcallErrorOptions[K] } = { executed: frame.executed };
  if (frame.head !== undefined) {
    try {
      const head = decode(frame.head) as Record<string, unknown>;
      const entries = new Map(Object.entries(head));
      const reason = entries.get("reason");
      if (isReason(reason)) options.reason = reason;
      if (entries.has("details")) options.details = entries.get("details");
      if (entries.has("retryAfterMs")) options.retryAfterMs = pushback(entries.get("retryAfterMs"));
    } catch {
      // An error whose details cannot be read is still an error.
    }
  }
  return new FarcallError(frame.code, frame.message, options);
}

/** Reason, details and the like, encoded; `undefined` when there are none. Details that do not fit are left out. */
export function encodeErrorHead(error: ErrorContent, maxBytes: number): Uint8Array | undefined {
  const { reason, details, retryAfterMs } = error;
  if (reason === undefined && details === undefined && retryAfterMs === undefined) return undefined;
  const head: { reason?: string; retryAfterMs?: number } = {};
  if (reason !== undefined) head.reason = reason;
  // Numbers beyond what a timer can hold mean never, as `Infinity` does.
  if (retryAfterMs !== undefined) head.retryAfterMs = retryAfterMs > longestPushbackMs ? -1 : Math.ceil(retryAfterMs);
  if (details === undefined) return copyEncoded(encode(head));
  try {
    const whole = encode({ ...head, details });
    if (whole.end - whole.start <= maxBytes) return copyEncoded(whole);
  } catch {
    // Details that cannot travel are left out; the error itself must arrive.
  }
  return copyEncoded(encode(head));
}

const longestPushbackMs = 2 ** 31 - 1;

/** When to try again, as told: negative, and anything that is no number, means never. (gRPC proposal A6.) */
function pushback(told: unknown): number {
  return typeof told === "number" && told >= 0 ? told : Number.POSITIVE_INFINITY;
}

const utf8 = new TextEncoder();

/** At most `maxBytes` of UTF-8, cut between characters. */
export function clip(text: string, maxBytes: number): string {
  if (text.length * 3 <= maxBytes) return text;
  const { read, written } = utf8.encodeInto(text, new Uint8Array(maxBytes - 3));
  return written < maxBytes - 3 && read === text.length ? text : `${text.slice(0, read)}…`;
}
