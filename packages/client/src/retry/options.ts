import { assertCount, assertDuration, assertKnownKeys, show } from "@farcall/protocol";

/** How much more load retries may cause. (Finagle, "Retry budgets".) */
export interface RetryBudgetOptions {
  /** Retries allowed for every call of the last ten seconds. Default 0.2. */
  readonly ratio: number;
  /** Retries allowed each second in any case, so that a client with few calls can retry at all. Default 10. */
  readonly perSecond: number;
}

/**
 * What a client may do on its own about a call that failed. What has provably not run (`executed: "no"`) may be sent
 * again whatever the method is; what may have run is sent again only where the contract says `@idempotent`.
 */
export interface RetryOptions {
  /** Attempts of one call in all, the first included. Default 3. */
  readonly maxAttempts: number;
  /** Upper end of the first wait before another attempt, in milliseconds; it doubles each time, with full jitter. Default 50. */
  readonly baseMs: number;
  /** Upper end that no such wait exceeds, in milliseconds. Default 1 000. */
  readonly capMs: number;
  /**
   * An idempotent unary call without an answer after this many milliseconds is sent to another endpoint as well, within the
   * budget: the first answer counts, the other attempt is cancelled. Default `"auto"`: four times what the slowest
   * hundredth of the method's recent calls took, at least 250, at most 1 000 and a third of the deadline. `Infinity` for never.
   */
  readonly attemptTimeoutMs: number | "auto";
  readonly budget: RetryBudgetOptions;
}

/** What may be given: every part of it, or `false` to send again only what has provably not run. */
export type GivenRetry = (Partial<Omit<RetryOptions, "budget">> & { readonly budget?: Partial<RetryBudgetOptions> }) | false;

export const defaultRetry: RetryOptions = {
  maxAttempts: 3,
  baseMs: 50,
  capMs: 1_000,
  attemptTimeoutMs: "auto",
  budget: { ratio: 0.2, perSecond: 10 },
};

const noRetry: RetryOptions = { ...defaultRetry, maxAttempts: 1, attemptTimeoutMs: Number.POSITIVE_INFINITY };

/** Fills in the defaults. @throws TypeError or RangeError that names the field. */
export function parseRetry(given: GivenRetry | undefined, where: string): RetryOptions {
  if (given === undefined) return defaultRetry;
  if (given === false) return noRetry;
  if (typeof given !== "object" || given === null) throw new TypeError(`${where} must be an object or false, got ${show(given)}`);
  assertKnownKeys(given, where, Object.keys(defaultRetry));
  const options = { ...defaultRetry, ...given, budget: parseBudget(given.budget, `${where}.budget`) };
  assertCount(options.maxAttempts, `${where}.maxAttempts`, { min: 1, max: 10 });
  assertDuration(options.baseMs, `${where}.baseMs`);
  assertDuration(options.capMs, `${where}.capMs`);
  if (options.capMs < options.baseMs)
    throw new RangeError(`${where}.capMs (${options.capMs}) must not be less than baseMs (${options.baseMs})`);
  if (options.attemptTimeoutMs !== "auto")
    assertDuration(options.attemptTimeoutMs, `${where}.attemptTimeoutMs`, { infinite: true });
  return options;
}

function parseBudget(given: Partial<RetryBudgetOptions> | undefined, where: string): RetryBudgetOptions {
  if (given === undefined) return defaultRetry.budget;
  if (typeof given !== "object" || given === null) throw new TypeError(`${where} must be an object, got ${show(given)}`);
  assertKnownKeys(given, where, Object.keys(defaultRetry.budget));
  const budget = { ...defaultRetry.budget, ...given };
  for (const key of ["ratio", "perSecond"] as const) {
    if (typeof budget[key] !== "number") throw new TypeError(`${where}.${key} must be a number, got ${show(budget[key])}`);
    if (!(budget[key] >= 0 && budget[key] < Number.POSITIVE_INFINITY))
      throw new RangeError(`${where}.${key} must be a number of at least 0, got ${show(budget[key])}`);
  }
  return budget;
}
