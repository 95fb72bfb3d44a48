import type { DeadlineWheel, WheelEntry } from "@farcall/protocol";

/** One moment, which can be moved: a timer that costs its owner no timer, and keeps no process alive. */
export class Alarm implements WheelEntry {
  expiresAt = Number.POSITIVE_INFINITY;
  wheelPrevious: WheelEntry | undefined;
  wheelNext: WheelEntry | undefined;
  readonly #wheel: DeadlineWheel;
  readonly #run: () => void;

  constructor(wheel: DeadlineWheel, run: () => void) {
    this.#wheel = wheel;
    this.#run = run;
  }

  /** Rings at `at`, by the clock of the wheel, and at no other time; `Infinity` for never. */
  set(at: number): void {
    this.#wheel.remove(this);
    this.expiresAt = at;
    if (at !== Number.POSITIVE_INFINITY) this.#wheel.add(this);
  }

  cancel(): void {
    this.#wheel.remove(this);
  }

  expired(): void {
    this.#run();
  }
}
