import type { Clock } from "./clock.js";
import type { LoopMonitor, Stall } from "./loop-monitor.js";

/** How long after it woke a process may still find what came while it stood still. */
const patienceMs = 2_000;

/**
 * How old what arrives on one connection may be. While this process stood still, messages lay in the buffers of its
 * sockets, and nothing about them tells for how long. So after a stall the peer is pinged: until it answers, everything that
 * comes may have been sent when the stall began; what comes behind the answer was sent after it.
 */
export class Arrears {
  readonly #monitor: LoopMonitor;
  readonly #clock: Clock;
  readonly #ping: () => number;
  #known: Stall | undefined;
  #ageMs = 0;
  #endsAt = Number.NEGATIVE_INFINITY;
  #nonce = -1;

  /** `ping` sends one, and returns its nonce. */
  constructor(monitor: LoopMonitor, clock: Clock, ping: () => number) {
    this.#monitor = monitor;
    this.#clock = clock;
    this.#ping = ping;
    this.#known = monitor.stall;
  }

  /** How many milliseconds older than it looks a frame may be that arrives now. */
  get ageMs(): number {
    if (this.#ageMs > 0 && this.#clock.now() >= this.#endsAt) this.#ageMs = 0;
    return this.#ageMs;
  }

  /** A message has come. */
  arrived(): void {
    const { stall } = this.#monitor;
    if (stall === this.#known || stall === undefined) return;
    this.#known = stall;
    const now = this.#clock.now();
    // Nothing came for so long after the stall: then nothing was waiting either.
    if (now - stall.noticedAt > patienceMs) return;
    this.#ageMs = this.ageMs + stall.gapMs;
    this.#endsAt = now + patienceMs;
    this.#nonce = this.#ping();
  }

  /** A pong has come. */
  ponged(nonce: number): void {
    if (nonce === this.#nonce) this.#ageMs = 0;
  }
}
