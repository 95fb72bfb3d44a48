import type { Clock } from "@farcall/protocol";
import type { RetryBudgetOptions } from "./options.js";

const windowMs = 10_000;
const slices = 10;
const sliceMs = windowMs / slices;

/**
 * Caps what retries add to the load of one service: a share of the calls of the last ten seconds, and a reserve. When
 * everything fails at once, the servers see little more than without retries. (Finagle, "Retry budgets".)
 */
export class RetryBudget {
  readonly #options: RetryBudgetOptions;
  readonly #clock: Clock;
  readonly #calls = Array.from({ length: slices }, () => 0);
  readonly #retries = Array.from({ length: slices }, () => 0);
  #callsNow = 0;
  #retriesNow = 0;
  #slice: number;

  constructor(options: RetryBudgetOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    this.#slice = Math.floor(clock.now() / sliceMs);
  }

  /** A call has begun. */
  deposit(): void {
    this.#turn();
    this.#callsNow++;
    (this.#calls[this.#slice % slices] as number)++;
  }

  /** Whether one more retry is within the budget; takes it when it is. */
  withdraw(): boolean {
    this.#turn();
    const { ratio, perSecond } = this.#options;
    const allowed = this.#callsNow * ratio + (perSecond * windowMs) / 1_000;
    if (this.#retriesNow + 1 > allowed) return false;
    this.#retriesNow++;
    (this.#retries[this.#slice % slices] as number)++;
    return true;
  }

  /** Forgets what is older than the window. */
  #turn(): void {
    const now = Math.floor(this.#clock.now() / sliceMs);
    for (let steps = Math.min(now - this.#slice, slices); steps > 0; steps--) {
      const oldest = (now - steps + 1) % slices;
      this.#callsNow -= this.#calls[oldest] as number;
      this.#retriesNow -= this.#retries[oldest] as number;
      this.#calls[oldest] = 0;
      this.#retries[oldest] = 0;
    }
    this.#slice = now;
  }
}
