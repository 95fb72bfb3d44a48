import { Allowance } from "../allowance.js";
import type { Clock } from "../clock.js";
import { closeCodes, ProtocolError } from "../close-code.js";

/** Cancels a caller may send beyond its answered calls: so many times its limit of calls at once, and once a second. */
const cancelBurst = 2;
/** Even a caller that may have few calls at once may cancel so many. */
const leastCancels = 1_000;
/** Credit frames a peer may send beyond one for every item or chunk that was sent to it. */
const credits = { burst: 1_000, perSecond: 100 };

/** How many cancels and credit frames a peer may send: those that answers, items and chunks explain, and some more. */
export class ControlAllowance {
  readonly #cancels: Allowance;
  readonly #credits: Allowance;
  #itemsSent = 0;
  #itemCredits = 0;
  #chunkCredits = 0;

  constructor(clock: Clock, maxCalls: number) {
    const perSecond = Math.max(maxCalls, leastCancels);
    this.#cancels = new Allowance(clock, { burst: perSecond * cancelBurst, perSecond });
    this.#credits = new Allowance(clock, credits);
  }

  /** A call of the peer has got its answer. */
  answered(): void {
    this.#cancels.give();
  }

  /** An item has been sent to the peer. */
  itemSent(): void {
    this.#itemsSent++;
  }

  /** The peer cancels a call. @throws ProtocolError */
  cancel(): void {
    if (!this.#cancels.take()) throw new ProtocolError("too many cancels", closeCodes.tooManyFrames);
  }

  /** The peer credits items. @throws ProtocolError */
  itemCredit(): void {
    if (this.#itemCredits < this.#itemsSent) this.#itemCredits++;
    else this.#takeCredit();
  }

  /** The peer credits chunks, of which `sent` have been handed to the socket. @throws ProtocolError */
  chunkCredit(sent: number): void {
    if (this.#chunkCredits < sent) this.#chunkCredits++;
    else this.#takeCredit();
  }

  #takeCredit(): void {
    if (!this.#credits.take()) throw new ProtocolError("too many credit frames", closeCodes.tooManyFrames);
  }
}
