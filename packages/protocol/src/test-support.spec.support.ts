import type { Clock, Timer } from "./clock.js";

/** What `run` throws. Fails when it throws nothing. */
export function failureOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("expected a failure, got none");
}

/** Time that jumps where a test puts it: unlike a loop that runs, one that stood still finds several timers late at once. */
export class JumpingClock implements Clock {
  #now = 1_000;
  #timers: { readonly at: number; readonly run: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  get pendingTimers(): number {
    return this.#timers.length;
  }

  setTimeout(run: () => void, delayMs: number): Timer {
    const timer = { at: this.#now + delayMs, run };
    this.#timers.push(timer);
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((one) => one !== timer);
      },
      ref() {},
      unref() {},
    };
  }

  defer(run: () => void): void {
    run();
  }

  yield(): Promise<void> {
    return Promise.resolve();
  }

  /** So much later nothing has run. */
  jump(ms: number): void {
    this.#now += ms;
  }

  /** Runs what is due, once. */
  runTimers(): void {
    const due = this.#timers.filter(({ at }) => at <= this.#now);
    this.#timers = this.#timers.filter((timer) => !due.includes(timer));
    for (const { run } of due) run();
  }

  /** Passes time as a loop that runs: in small steps, timers on time. */
  pass(ms: number): void {
    for (let left = ms; left > 0; left -= 10) {
      this.jump(Math.min(10, left));
      this.runTimers();
    }
  }
}
