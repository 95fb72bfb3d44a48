import { assertDuration, assertKnownKeys, type Random } from "@farcall/protocol";

/** How long to wait between attempts to connect. */
export interface ReconnectOptions {
  /** Upper end of the first wait, in milliseconds. Default 200. */
  readonly baseMs: number;
  /** Upper end that no wait exceeds, in milliseconds. Default 30 000. */
  readonly capMs: number;
  /**
   * A connection that has lasted this long, in milliseconds, starts the waits over; one that has lasted eight times as long as
   * the next wait could be does so, too. Default 30 000.
   */
  readonly stableMs: number;
}

export const defaultReconnect: ReconnectOptions = { baseMs: 200, capMs: 30_000, stableMs: 30_000 };

/** Fills in the defaults. @throws TypeError or RangeError that names the field. */
export function parseReconnect(given: Partial<ReconnectOptions> | undefined, where: string): ReconnectOptions {
  if (given === undefined) return defaultReconnect;
  if (typeof given !== "object" || given === null) throw new TypeError(`${where} must be an object, got ${typeof given}`);
  assertKnownKeys(given, where, Object.keys(defaultReconnect));
  const options = { ...defaultReconnect, ...given };
  assertDuration(options.baseMs, `${where}.baseMs`);
  assertDuration(options.capMs, `${where}.capMs`);
  assertDuration(options.stableMs, `${where}.stableMs`);
  if (options.capMs < options.baseMs)
    throw new RangeError(`${where}.capMs (${options.capMs}) must not be less than baseMs (${options.baseMs})`);
  return options;
}

/**
 * Wait before attempt number `attempt` (0 for the first after a loss): full jitter, anywhere from nothing to the cap of
 * that attempt, so that clients that lost the same server do not come back together. (AWS, "Exponential backoff and
 * jitter".)
 */
export function backoffMs(attempt: number, options: Pick<ReconnectOptions, "baseMs" | "capMs">, random: Random): number {
  return random() * longestWaitMs(attempt, options);
}

/**
 * Wait before an attempt to connect, likewise. Once the cap is reached the wait is drawn from its upper half: the clients of
 * a server that stays away are spread over fifteen seconds all the same, and knock a third less often.
 */
export function reconnectMs(attempt: number, options: ReconnectOptions, random: Random): number {
  const share = longestWaitMs(attempt, options) < options.capMs ? random() : 0.5 + random() / 2;
  return share * longestWaitMs(attempt, options);
}

function longestWaitMs(attempt: number, { baseMs, capMs }: Pick<ReconnectOptions, "baseMs" | "capMs">): number {
  return Math.min(capMs, baseMs * 2 ** Math.min(attempt, 30));
}

/**
 * Whether a connection that came about with attempt number `attempt` and has lasted `lastedMs` starts the waits over. A
 * server that hangs up on everybody at once is left alone more and more; a network that breaks now and then is not.
 */
export function isStable(lastedMs: number, attempt: number, options: ReconnectOptions): boolean {
  return lastedMs >= Math.min(options.stableMs, 8 * longestWaitMs(attempt, options));
}
