import type { Clock, Timer } from "@farcall/protocol";

/** Who waits longer than this would like to know why. */
const patienceMs = 5_000;

export interface PatienceOptions {
  readonly clock: Clock;
  /** Why there is no connection; `undefined` while there is one. */
  readonly why: () => string | undefined;
  /** What the people who run this should know. */
  readonly warn: (text: string) => void;
}

/** Somebody waits for an endpoint: the process stays alive, and after a while it is said why there is none. */
export class Patience {
  readonly #options: PatienceOptions;
  #timer: Timer | undefined;
  /** It has been said: once, until there is a connection again. */
  #isExplained = false;

  constructor(options: PatienceOptions) {
    this.#options = options;
  }

  /** Whether anybody waits. */
  set isWanted(isWanted: boolean) {
    if (isWanted) this.#timer ??= this.#options.clock.setTimeout(() => this.#waited(), patienceMs);
    else {
      this.#timer?.cancel();
      this.#timer = undefined;
    }
  }

  /** There is a connection. */
  rewarded(): void {
    this.#isExplained = false;
  }

  #waited(): void {
    this.#timer = undefined;
    this.isWanted = true;
    const why = this.#options.why();
    if (why === undefined || this.#isExplained) return;
    this.#isExplained = true;
    this.#options.warn(`there has been no connection for ${patienceMs / 1_000} s, and calls wait: ${why}`);
  }
}
