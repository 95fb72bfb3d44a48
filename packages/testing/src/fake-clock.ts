import type { Clock, Timer } from "@farcall/protocol";

interface Scheduled {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** Time that stands still until a test moves it. Microtasks and I/O stay real. */
export class FakeClock implements Clock {
  #now = 0;
  #order = 0;
  readonly #timers = new Set<Scheduled>();

  now(): number {
    return this.#now;
  }

  /** Timers that have neither run nor been cancelled. */
  get pendingTimers(): number {
    return this.#timers.size;
  }

  setTimeout(run: () => void, delayMs: number): Timer {
    const timer: Scheduled = { at: this.#now + Math.max(0, delayMs), order: this.#order++, run };
    this.#timers.add(timer);
    return {
      cancel: () => {
        this.#timers.delete(timer);
      },
      ref() {},
      unref() {},
    };
  }

  defer(run: () => void): void {
    process.nextTick(run);
  }

  yield(): Promise<void> {
    return settle();
  }

  /** The timer that comes due before all others. */
  #first(): Scheduled | undefined {
    let first: Scheduled | undefined;
    for (const timer of this.#timers) {
      if (first === undefined || timer.at < first.at || (timer.at === first.at && timer.order < first.order)) first = timer;
    }
    return first;
  }

  /** Moves time on, running every timer that comes due on the way, in order, and lets what they started settle in between. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (;;) {
      const due = this.#first();
      if (due === undefined || due.at > end) break;
      this.#now = Math.max(this.#now, due.at);
      this.#timers.delete(due);
      due.run();
      await settle();
    }
    this.#now = end;
    await settle();
  }
}

/** Lets promises, ticks and whatever I/O is ready run, a few turns long. */
export async function settle(turns = 4): Promise<void> {
  for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
}
