import type { Random, ReconnectBounds } from "@farcall/protocol";
import { isStable, type ReconnectOptions, reconnectMs } from "./backoff.js";

export interface ComebackOptions {
  readonly reconnect: ReconnectOptions;
  readonly random: Random;
  /** Whether no other endpoint takes calls now: callers wait for this one. */
  readonly isAlone: () => boolean;
}

/** Waiting for the next attempt to connect. */
export interface Pause {
  readonly delayMs: number;
  /** It may be long because others carried the calls when it began. */
  readonly isPatient: boolean;
}

/**
 * When to dial again.
 *
 * A connection that had lasted is dialled again at once, more or less: within the time in which the server wants its clients
 * back, which is next to nothing when they are few. While other endpoints carry the calls there is no hurry: that time is
 * used in full, so that many clients that lose one server do not come back together, whenever it returns. With nobody else
 * to ask no wait is longer than full jitter makes it.
 */
export class Comeback {
  readonly #options: ComebackOptions;
  /** What the server said last. */
  #spreadMs: number | undefined;
  /** In a row, each time before the connection had lasted. */
  #timesSentAway = 0;

  constructor(options: ComebackOptions) {
    this.#options = options;
  }

  /** The server has greeted us. It may just have begun and not know yet how many we are; what it says later counts. */
  welcomed(spreadMs: number | undefined): void {
    if (spreadMs !== undefined) this.#spreadMs = Math.max(spreadMs, this.#spreadMs ?? 0);
  }

  /** The server says anew over how long its clients should spread. */
  told(spreadMs: number): void {
    this.#spreadMs = spreadMs;
  }

  /** A connection was lost that came with attempt number `attempt`. @returns the number of the next: 0 when it had lasted. */
  lost(attempt: number, lastedMs: number): number {
    return isStable(lastedMs, attempt, this.#options.reconnect) ? 0 : attempt + 1;
  }

  /** The server takes no more calls on a connection. @returns the number of the next attempt. */
  sentAway(lastedMs: number): number {
    if (isStable(lastedMs, this.#timesSentAway, this.#options.reconnect)) this.#timesSentAway = 0;
    return this.#timesSentAway++;
  }

  /** Before attempt number `attempt`, 0 being the first after a connection that had lasted. */
  pause(attempt: number): Pause {
    const { reconnect, random, isAlone } = this.#options;
    const { baseMs, capMs } = reconnect;
    const isPatient = !isAlone();
    if (attempt === 0) {
      const spreadMs = this.#spreadMs ?? baseMs;
      const longestMs = Math.min(capMs, isPatient ? spreadMs : Math.min(spreadMs, baseMs));
      return { delayMs: random() * longestMs, isPatient };
    }
    // Those who were refused let those pass who come for the first time, and then spread likewise.
    const passMs = isPatient ? (this.#spreadMs ?? 0) * (1 + random()) : 0;
    return { delayMs: Math.min(capMs, Math.max(passMs, reconnectMs(attempt - 1, reconnect, random))), isPatient };
  }

  /** The server has said when to come back. One that sends us away as often as we come is no reason to come more often. */
  pauseWithin(bounds: ReconnectBounds, attempt: number): Pause {
    const { reconnect, random } = this.#options;
    const minMs = Math.min(bounds.reconnectMinMs, reconnect.capMs);
    const delayMs = minMs + random() * (Math.min(bounds.reconnectMaxMs, reconnect.capMs) - minMs);
    return { delayMs: Math.max(delayMs, attempt === 0 ? 0 : this.pause(attempt).delayMs), isPatient: false };
  }
}
