import type { Clock, Timer } from "@farcall/protocol";
import type { Endpoint, ResolverListener } from "./resolver.js";

/** Time by hand: this package may not use the fake clock of `@farcall/testing`, which stands above it. */
export class HandClock implements Clock {
  #now = 0;
  #timers: { readonly at: number; readonly run: () => void; keepsAlive: boolean }[] = [];

  now(): number {
    return this.#now;
  }

  get timers(): number {
    return this.#timers.length;
  }

  /** Timers that would keep the process alive. */
  get refs(): number {
    return this.#timers.filter(({ keepsAlive }) => keepsAlive).length;
  }

  setTimeout(run: () => void, delayMs: number): Timer {
    const timer = { at: this.#now + delayMs, run, keepsAlive: true };
    this.#timers.push(timer);
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((one) => one !== timer);
      },
      ref: () => {
        timer.keepsAlive = true;
      },
      unref: () => {
        timer.keepsAlive = false;
      },
    };
  }

  defer(run: () => void): void {
    queueMicrotask(run);
  }

  async yield(): Promise<void> {}

  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const due = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#timers = this.#timers.filter((one) => one !== due);
      this.#now = due.at;
      due.run();
    }
    this.#now = end;
  }
}

/** Writes down what a resolver says. */
export class Heard implements ResolverListener {
  readonly lists: (readonly Endpoint[])[] = [];
  readonly failures: unknown[] = [];

  update(endpoints: readonly Endpoint[]): void {
    this.lists.push(endpoints);
  }

  failed(error: unknown): void {
    this.failures.push(error);
  }

  get urls(): string[][] {
    return this.lists.map((list) => list.map(({ url }) => url));
  }
}
