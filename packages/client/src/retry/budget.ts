import type { Clock } from "@farcall/protocol";
import type { RetryBudgetOptions } from "./options.js";

const windowMs = 10_000;
const sliceMs = 100;
const slices = windowMs / sliceMs;
/** One more, so that whatever ten seconds one looks at, the retries of all of them have been counted. */
const keptSlices = slices + 1;

/**
 * Caps what retries add to the load of one service: to a share of the calls of the last ten seconds or, with few calls, to
 * a reserve. When everything fails at once, the servers see little more than without retries. (Finagle, "Retry budgets";
 * there the reserve comes on top of the share, and a third more calls may reach a server that is down.)
 */
export class RetryBudget {
  readonly #options: RetryBudgetOptions;
  readonly #clock: Clock;
  readonly #calls = Array.from({ length: slices }, () => 0);
  readonly #retries = Array.from({ length: keptSlices }, () => 0);
  #callsNow = 0;
  #retriesNow = 0;
  #slice: number;

  constructor(options: RetryBudgetOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    this.#slice = Math.floor(clock.now() / sliceMs);
  }

  /** A call has begun, now. */
  deposit(now: number): void {
    this.#turn(now);
    this.#callsNow++;
    (this.#calls[this.#slice % slices] as number)++;
  }

  /** Whether one more retry is within the budget; takes it when it is. */
  withdraw(): boolean {
    this.#turn(this.#clock.now());
    const { ratio, perSecond } = this.#options;
    const allowed = Math.max(this.#callsNow * ratio, (perSecond * windowMs) / 1_000);
    if (this.#retriesNow + 1 > allowed) return false;
    this.#retriesNow++;
    (this.#retries[this.#slice % keptSlices] as number)++;
    return true;
  }

  /** Forgets what is older than the window. */
  #turn(at: number): void {
    const now = Math.floor(at / sliceMs);
    for (let slice = Math.max(this.#slice + 1, now - slices); slice <= now; slice++) {
      this.#callsNow -= this.#calls[slice % slices] as number;
      this.#retriesNow -= this.#retries[slice % keptSlices] as number;
      this.#calls[slice % slices] = 0;
      this.#retries[slice % keptSlices] = 0;
    }
    this.#slice = now;
  }
}
