import type { Clock, Timer } from "./clock.js";

/** How often the loop is measured. */
const intervalMs = 250;
/** A loop that comes back later than this stood still: blocked, stopped, or frozen with its machine. */
const stallMs = 2_000;

/** A time in which the event loop did nothing. */
export interface Stall {
  /** How long it was, in milliseconds; up to a quarter of a second more than it really was, never less. */
  readonly gapMs: number;
  /** When it was noticed, by the monitor's clock. */
  readonly noticedAt: number;
}

/**
 * Measures how late the event loop of this process runs its timers: one timer for all who want to know, which keeps no
 * process alive.
 */
export class LoopMonitor {
  readonly #clock: Clock;
  #timer: Timer | undefined;
  #lastTickAt: number;
  #dueAt: number;
  #lagMs = 0;
  #stall: Stall | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#lastTickAt = clock.now();
    this.#dueAt = Number.POSITIVE_INFINITY;
  }

  /** Begins to measure. */
  start(): void {
    if (this.#timer === undefined) this.#arm(this.#clock.now());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#dueAt = Number.POSITIVE_INFINITY;
  }

  /** How much later than asked timers run, in milliseconds. A single delay fades within a second or two. */
  get lagMs(): number {
    return Math.max(this.#lagMs, this.#clock.now() - this.#dueAt);
  }

  /** The last time the loop stood still. Whoever wakes first notices, be it a timer or a message. */
  get stall(): Stall | undefined {
    const now = this.#clock.now();
    if (now - this.#dueAt > stallMs) this.#measure(now);
    return this.#stall;
  }

  #measure(now: number): void {
    const lateMs = now - this.#dueAt;
    if (lateMs > stallMs) this.#stall = { gapMs: now - this.#lastTickAt, noticedAt: now };
    this.#lagMs = Math.max(lateMs, this.#lagMs / 2);
    this.#lastTickAt = now;
    this.#dueAt = now + intervalMs;
  }

  #arm(now: number): void {
    this.#lastTickAt = now;
    this.#dueAt = now + intervalMs;
    this.#timer = this.#clock.setTimeout(() => this.#tick(), intervalMs);
    this.#timer.unref();
  }

  #tick(): void {
    const now = this.#clock.now();
    this.#measure(now);
    this.#arm(now);
  }
}
