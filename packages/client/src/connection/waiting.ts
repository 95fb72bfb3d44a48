import type { Clock, FarcallError } from "@farcall/protocol";
import type { Pause } from "./comeback.js";
import type { Live } from "./live.js";

export interface WaitingOptions {
  /** Number of the attempt that follows. */
  readonly attempt: number;
  readonly pause: Pause;
  /** Why there is no connection. */
  readonly cause: FarcallError;
  /** The connection whose server will say when to come back. */
  readonly awaits?: Live | undefined;
}

/** A pause between two attempts to connect. */
export class Waiting {
  readonly attempt: number;
  readonly cause: FarcallError;
  readonly awaits: Live | undefined;
  /** It may be long because others carried the calls when it began. */
  isPatient: boolean;
  readonly #timer: { cancel(): void };
  readonly #endsAt: number;
  readonly #clock: Clock;

  /** `over` is called at its end, unless it is cancelled before. */
  constructor({ attempt, pause, cause, awaits }: WaitingOptions, clock: Clock, over: () => void) {
    this.attempt = attempt;
    this.cause = cause;
    this.awaits = awaits;
    this.isPatient = pause.isPatient;
    this.#clock = clock;
    this.#endsAt = clock.now() + pause.delayMs;
    const timer = clock.setTimeout(over, pause.delayMs);
    // Whoever waits for a connection keeps the process alive; the pause alone does not.
    timer.unref();
    this.#timer = timer;
  }

  /** How much of it is left, in milliseconds. */
  get leftMs(): number {
    return this.#endsAt - this.#clock.now();
  }

  cancel(): void {
    this.#timer.cancel();
  }
}
