import type { Clock } from "./clock.js";

/** So much at once, and so much a second in the long run: a token bucket. */
export class Allowance {
  readonly #clock: Clock;
  readonly #burst: number;
  readonly #perSecond: number;
  #left: number;
  #at: number;

  constructor(clock: Clock, options: { readonly burst: number; readonly perSecond: number }) {
    this.#clock = clock;
    this.#burst = this.#left = options.burst;
    this.#perSecond = options.perSecond;
    this.#at = clock.now();
  }

  /** @returns false when there is nothing left to take. */
  take(): boolean {
    const now = this.#clock.now();
    this.#left = Math.min(this.#burst, this.#left + ((now - this.#at) * this.#perSecond) / 1000);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }

  /** One more, earned in another way than by waiting; never beyond the burst. */
  give(): void {
    if (this.#left < this.#burst) this.#left++;
  }
}
