import type { Clock } from "./clock.js";
import type { DeadlineWheel, WheelEntry } from "./deadline-wheel.js";

/** How much a side keeps for a peer that does not read, and for how long. */
export interface BacklogOptions {
  /** With more than this waiting for one peer, its calls and streams wait too. Default 16 MiB. */
  readonly maxBacklogBytes: number;
  /** A peer that takes nothing of what waits for it for so long is dropped, in milliseconds. Default 30 000. */
  readonly stallTimeoutMs: number;
}

export const defaultBacklog: BacklogOptions = { maxBacklogBytes: 16 * 1024 * 1024, stallTimeoutMs: 30_000 };

/** A check that comes later than this says that our own process stood still, not that the peer did. */
const lateMs = 2_000;
/** So many looks in one timeout. */
const looks = 6;

/** What a watch knows of the queue it watches. */
export interface Watched {
  /** Bytes that wait for the peer. */
  readonly queuedBytes: number;
  /** Bytes that the network has taken so far; need not be exact, but grows while the peer reads. */
  readonly takenBytes: number;
  /** The peer takes nothing. */
  stalled(): void;
}

/** Notices a peer that takes nothing of what waits for it. Costs nothing while nothing waits. */
export class StallWatch implements WheelEntry {
  expiresAt = 0;
  wheelPrevious: WheelEntry | undefined;
  wheelNext: WheelEntry | undefined;
  readonly #timeoutMs: number;
  readonly #watched: Watched;
  readonly #clock: Clock;
  readonly #wheel: DeadlineWheel;
  #watching = false;
  #progressAt = 0;
  #taken = 0;

  constructor(timeoutMs: number, watched: Watched, clock: Clock, wheel: DeadlineWheel) {
    this.#timeoutMs = timeoutMs;
    this.#watched = watched;
    this.#clock = clock;
    this.#wheel = wheel;
  }

  /** Something may be waiting: looks until nothing does. */
  watch(): void {
    if (this.#watching || this.#timeoutMs === Number.POSITIVE_INFINITY || this.#watched.queuedBytes === 0) return;
    this.#watching = true;
    this.#progressAt = this.#clock.now();
    this.#taken = this.#watched.takenBytes;
    this.#lookAgain();
  }

  stop(): void {
    this.#watching = true;
    this.#wheel.remove(this);
  }

  expired(): void {
    const { queuedBytes, takenBytes } = this.#watched;
    if (queuedBytes === 0) {
      this.#watching = false;
      return;
    }
    const now = this.#clock.now();
    if (takenBytes > this.#taken || now - this.expiresAt > lateMs) this.#progressAt = now;
    this.#taken = takenBytes;
    if (now - this.#progressAt >= this.#timeoutMs) this.#watched.stalled();
    else this.#lookAgain();
  }

  #lookAgain(): void {
    this.expiresAt = this.#clock.now() + this.#timeoutMs / looks;
    this.#wheel.add(this);
  }
}
