/** A timer that can be taken back. */
export interface Timer {
  cancel(): void;
  /** Whether this timer keeps the process alive. It does until told otherwise. */
  ref(): void;
  unref(): void;
}

/** Time as a parameter: tests drive it by hand. */
export interface Clock {
  /** Milliseconds on a clock that never goes back; its zero means nothing. */
  now(): number;
  setTimeout(run: () => void, delayMs: number): Timer;
  /** Runs after everything that is already waiting in this turn of the event loop, before timers and I/O. */
  defer(run: () => void): void;
  /** Resolves in a later turn of the event loop, so that I/O gets its chance. */
  yield(): Promise<void>;
}

/** Chance as a parameter: a number from 0 (included) to 1 (excluded). */
export type Random = () => number;

/** Longer waits overflow the platform's timers, which would then fire at once. */
const maxDelayMs = 2 ** 31 - 1;

class SystemTimer implements Timer {
  readonly #handle: ReturnType<typeof setTimeout>;
  constructor(run: () => void, delayMs: number) {
    this.#handle = setTimeout(run, Math.min(Math.max(delayMs, 0), maxDelayMs));
  }
  cancel(): void {
    clearTimeout(this.#handle);
  }
  ref(): void {
    if (typeof this.#handle === "object") this.#handle.ref();
  }
  unref(): void {
    if (typeof this.#handle === "object") this.#handle.unref();
  }
}

const nextTick: ((run: () => void) => void) | undefined = globalThis.process?.nextTick?.bind(globalThis.process);

/** The platform's own time. `defer` is `process.nextTick` where there is one, else a microtask. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimeout: (run, delayMs) => new SystemTimer(run, delayMs),
  defer: nextTick ?? ((run) => queueMicrotask(run)),
  yield: () =>
    new Promise((resolve) => {
      if (typeof globalThis.setImmediate === "function") globalThis.setImmediate(resolve);
      else setTimeout(resolve, 0);
    }),
};
