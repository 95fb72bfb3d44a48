import type { Clock, Code } from "@farcall/protocol";

/** What was measured counts e times less after this long, in milliseconds. */
const memoryMs = 10_000;
/** How far one slow answer moves the average; it moves all the way once the next is slow, too. */
const risePerAnswer = 1 / 8;
/** How far an answer that was quicker than usual moves the average: the noise of single calls goes, a change is seen soon. */
const fallPerAnswer = 1 / 4;
/** The same while the endpoint warms up, when what it was a moment ago says little. */
const fallWhileWarming = 1 / 2;
/** How far one outcome moves the share of failures. */
const failurePerAnswer = 1 / 8;
/** An endpoint where every call fails costs this many times its latency. */
const failureFactor = 50;
/** What a failure counts as, in milliseconds, where no call has succeeded yet. */
const failureMs = 1_000;
/** The least warmth: whoever joins must get some calls to warm up by. */
const leastWarmth = 0.1;
/** What an answer counts as, in milliseconds, that came in no time. */
const leastLatencyMs = 0.01;
/** Default of `slowStartMs`. */
export const slowStartMs = 3_000;

/**
 * Failures that speak against the endpoint; the others (a wrong argument, nothing found) are the caller's own. Who alone does
 * not know a method, or a caller, is of another version or has another key, and answers in no time: it must not look quick.
 * Where all endpoints say so it cancels out.
 */
const faults: ReadonlySet<Code> = new Set<Code>([
  "UNAVAILABLE",
  "INTERNAL",
  "UNKNOWN",
  "DATA_LOSS",
  "RESOURCE_EXHAUSTED",
  "UNIMPLEMENTED",
  "UNAUTHENTICATED",
]);

/** Whether a call that failed with `code` is `failed` for `EndpointLoad.finished`. */
export function countsAgainst(code: Code): boolean {
  return faults.has(code);
}

/**
 * What one endpoint does with the calls sent there: how many wait, how long they take, how many fail. Lives as long as the
 * endpoint is known. Every call that `started` ends in exactly one of `finished` and `cancelled`, or `pending` never comes
 * back to 0. Calls whose peer owes nothing (quiet streams) do not belong here: their silence would count against it.
 */
export class EndpointLoad {
  readonly #clock: Clock;
  readonly #slowStartMs: number;
  #pending = 0;
  /** The last answer, or the first call since nothing waited. */
  #heardAt = 0;
  /** Silence up to this long means nothing: the least that any call usually takes which started since the last answer. */
  #patienceMs = 0;
  /** The most that any of them usually takes, since the endpoint was idle: after an answer, only such a one may be left. */
  #longestMs = 0;
  #averageMs = 0;
  /** The last answer. */
  #lastMs = 0;
  #failures = 0;
  #measuredAt = 0;
  #lagMs = 0;
  #lagAt = 0;
  #warmAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, options: { readonly slowStartMs?: number } = {}) {
    this.#clock = clock;
    this.#slowStartMs = options.slowStartMs ?? slowStartMs;
  }

  /** Calls that have started and have not ended. */
  get pending(): number {
    return this.#pending;
  }

  /**
   * What a call takes now, in milliseconds; 0 when nothing is known. Rises with the second slow answer in a row, falls with
   * every quicker one, and is forgotten within some 10 s without any. Silence while calls wait counts as it grows, long before the first timeout.
   */
  get latencyMs(): number {
    const now = this.#clock.now();
    const silentMs = this.#pending > 0 ? now - this.#heardAt : 0;
    return Math.max(silentMs > this.#patienceMs ? silentMs : 0, this.#measuredMs(now));
  }

  /** From 0.1 to 1: what part of its share it should get, rising for 3 s after it joined. */
  get warmth(): number {
    if (this.#warmAt === Number.NEGATIVE_INFINITY) return 1;
    const missing = (this.#warmAt - this.#clock.now()) / this.#slowStartMs;
    if (missing > 0) return Math.max(leastWarmth, 1 - missing);
    this.#warmAt = Number.NEGATIVE_INFINITY;
    return 1;
  }

  /**
   * The endpoint takes calls, for the first time or again: whatever was measured before is forgotten, since another process
   * may answer now. `slowStart` when others carry the load already, not when the whole list starts at once.
   */
  ready(now: number, slowStart: boolean): void {
    this.#averageMs = 0;
    this.#lastMs = 0;
    this.#failures = 0;
    this.#lagMs = 0;
    this.#heardAt = now;
    this.#warmAt = slowStart ? now + this.#slowStartMs : Number.NEGATIVE_INFINITY;
  }

  /** A call went out whose method usually takes `usualMs` (0 when that is not known): silence for less says nothing. */
  started(now: number, usualMs = 0): void {
    if (this.#pending++ === 0) {
      this.#heardAt = now;
      this.#longestMs = usualMs;
      this.#patienceMs = usualMs;
    } else {
      this.#longestMs = Math.max(this.#longestMs, usualMs);
      this.#patienceMs = Math.min(this.#patienceMs, usualMs);
    }
  }

  /**
   * A call ended after `latencyMs`, levelled by `UsualLatency` where methods differ. `failed` when that speaks against the
   * endpoint (see `countsAgainst`), and then the time it took only counts if it was long: who fails fast must not look quick.
   */
  finished(now: number, latencyMs: number, failed: boolean): void {
    this.#pending--;
    this.#heardAt = now;
    this.#patienceMs = this.#longestMs;
    const failures = this.#failures * this.#decay(now);
    this.#failures = failures + ((failed ? 1 : 0) - failures) * failurePerAnswer;
    if (failed) this.#averageMs = Math.max(this.#averageMs, this.#averageMs === 0 ? 0 : latencyMs);
    else this.#follow(now, latencyMs);
    this.#measuredAt = now;
  }

  /** Nobody waits for a call any more after `waitedMs`, levelled, too: it would have taken at least as long. Also for deadlines. */
  cancelled(now: number, waitedMs: number): void {
    this.#pending--;
    if (waitedMs <= this.#averageMs * this.#decay(now)) return;
    this.#failures *= this.#decay(now);
    this.#averageMs = waitedMs;
    this.#measuredAt = now;
  }

  /** What the peer says of itself: `lagMs`, how late its event loop runs, is added to its latency until it says otherwise. */
  reported(now: number, load: { readonly lagMs: number }): void {
    this.#lagMs = load.lagMs;
    this.#lagAt = now;
  }

  #measuredMs(now: number): number {
    const decay = this.#decay(now);
    const failures = this.#failures * decay;
    if (this.#averageMs === 0) return failures * failureMs;
    const lagMs = this.#lagMs === 0 ? 0 : this.#lagMs * decayOver(now - this.#lagAt);
    return (this.#averageMs * decay + lagMs) * (1 + (failureFactor - 1) * failures);
  }

  #follow(now: number, latencyMs: number): void {
    const averageMs = this.#averageMs * this.#decay(now);
    const lastMs = this.#lastMs;
    this.#lastMs = latencyMs;
    if (latencyMs >= averageMs) {
      // One slow answer among quick ones says little, and would cost the endpoint its share for long; two are news.
      const risen = averageMs === 0 ? latencyMs : averageMs + (latencyMs - averageMs) * risePerAnswer;
      // Clocks of browsers are coarse, and 0 means that nothing is known.
      this.#averageMs = Math.max(risen, Math.min(latencyMs, lastMs), leastLatencyMs);
    } else this.#averageMs = averageMs - (averageMs - latencyMs) * (this.warmth < 1 ? fallWhileWarming : fallPerAnswer);
  }

  #decay(now: number): number {
    return decayOver(now - this.#measuredAt);
  }
}

function decayOver(ms: number): number {
  return ms <= 0 ? 1 : Math.exp(-ms / memoryMs);
}
