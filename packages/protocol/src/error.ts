import { type Code, type Executed, isCode, isExecuted, isReason, type Reason } from "./code.js";

/** Everything about an error but its code and message. */
export interface FarcallErrorOptions {
  /** Whether the handler ran. Default: `yes` when thrown by a handler; Farcall sets it everywhere else. */
  readonly executed?: Executed;
  readonly reason?: Reason;
  /** Data for the program at the other end; must be encodable. */
  readonly details?: unknown;
  /**
   * The server asks the caller to wait this long, in milliseconds, before it tries again; `Infinity`: not to try again.
   * Clients obey it with what they retry by themselves.
   */
  readonly retryAfterMs?: number;
  /** For local logs. Never sent. */
  readonly cause?: unknown;
}

/** What an error says. Enough to send one: whoever refuses calls by the thousand needs no stack for each. */
export interface ErrorContent {
  readonly code: Code;
  readonly message: string;
  readonly executed: Executed;
  readonly reason?: Reason;
  readonly details?: unknown;
  readonly retryAfterMs?: number;
}

const brand = Symbol.for("farcall.error");

/**
 * The one error that calls fail with, and the one a handler throws on purpose:
 * `throw new FarcallError("NOT_FOUND", "no such sku")` reaches the caller whole. Anything else a handler throws
 * reaches it as `INTERNAL` with an opaque id, without text or stack.
 */
export class FarcallError extends Error {
  override readonly name = "FarcallError";
  /** For programs; `message` is for people. */
  readonly code: Code;
  readonly executed: Executed;
  declare readonly reason?: Reason;
  declare readonly details?: unknown;
  declare readonly retryAfterMs?: number;

  /** @throws TypeError when `code` is not one of the sixteen. */
  constructor(code: Code, message: string, options: FarcallErrorOptions = {}) {
    if (!isCode(code)) throw new TypeError(`FarcallError: unknown code ${JSON.stringify(String(code).slice(0, 64))}`);
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.executed = options.executed ?? "yes";
    if (options.reason !== undefined) this.reason = options.reason;
    if (options.details !== undefined) this.details = options.details;
    if (options.retryAfterMs !== undefined) this.retryAfterMs = options.retryAfterMs;
    Object.defineProperty(this, brand, { value: true });
  }

  /** True for errors of any copy of Farcall in this process. Safe on any value, hostile proxies included. */
  static is(value: unknown): value is FarcallError {
    try {
      return (
        typeof value === "object" &&
        value !== null &&
        (value as { [brand]?: unknown })[brand] === true &&
        isCode((value as FarcallError).code)
      );
    } catch {
      return false;
    }
  }

  /**
   * What was thrown, if it is an error of Farcall: read once, into an error of its own, so that nothing about it can
   * change or throw later. `undefined` for everything else. Total: it never throws, whatever it is given.
   */
  static from(thrown: unknown): FarcallError | undefined {
    try {
      if (!FarcallError.is(thrown)) return undefined;
      const { code, message, executed, reason, details, retryAfterMs, cause } = thrown;
      if (!isCode(code) || typeof message !== "string" || !isExecuted(executed)) return undefined;
      return new FarcallError(code, message, {
        executed,
        cause,
        details,
        ...(isReason(reason) ? { reason } : {}),
        ...(typeof retryAfterMs === "number" && retryAfterMs >= 0 ? { retryAfterMs } : {}),
      });
    } catch {
      return undefined;
    }
  }
}

/** The same error, with what is now known about the handler. A function, so that it fits errors of another copy of Farcall. */
export function withExecuted(error: FarcallError, executed: Executed): FarcallError {
  if (executed === error.executed) return error;
  return new FarcallError(error.code, error.message, { ...optionsOf(error), executed, cause: error.cause });
}

/** The same error with another word on when to try again. */
export function withRetryAfter(error: FarcallError, retryAfterMs: number): FarcallError {
  return new FarcallError(error.code, error.message, {
    ...optionsOf(error),
    executed: error.executed,
    retryAfterMs,
    cause: error.cause,
  });
}

const fromCall = Symbol.for("farcall.from-call");

/** The error that one call made here fails with: it belongs to that call alone, however many have failed for the same reason. */
export function errorOfCall(error: FarcallError, executed: Executed): FarcallError {
  const own =
    isFromCall(error) || executed !== error.executed
      ? new FarcallError(error.code, error.message, { ...optionsOf(error), executed, cause: error.cause })
      : error;
  Object.defineProperty(own, fromCall, { value: true });
  return own;
}

/** Whether a call made in this process failed with this very error. Safe on any value. */
export function isFromCall(thrown: unknown): boolean {
  try {
    return typeof thrown === "object" && thrown !== null && (thrown as { [fromCall]?: unknown })[fromCall] === true;
  } catch {
    return false;
  }
}

function optionsOf(error: FarcallError): FarcallErrorOptions {
  return {
    ...(error.reason === undefined ? {} : { reason: error.reason }),
    ...(error.details === undefined ? {} : { details: error.details }),
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
  };
}

/** A text for logs from whatever was thrown. Total: hostile getters and proxies cannot make it throw. */
export function describeThrown(thrown: unknown): string {
  try {
    if (thrown instanceof Error) return String(thrown.stack ?? `${thrown.name}: ${thrown.message}`);
    return `thrown ${typeof thrown}: ${String(thrown)}`;
  } catch {
    return "thrown value that cannot be rendered";
  }
}
