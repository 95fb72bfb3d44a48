import type { Clock } from "../clock.js";
import { ProtocolError } from "../close-code.js";
import type { DeadlineWheel } from "../deadline-wheel.js";
import { FarcallError } from "../error.js";
import type { Payload } from "../frame.js";
import type { Limits } from "../limits.js";
import { Assemblies, assemblyIdleMs } from "./assembly.js";
import type { FrameSender } from "./frame-sender.js";

/** What waits for a payload. */
export interface PayloadReceiver {
  /** All of it is here. */
  whole(payload: Payload): void;
  /** It is too large, there is no room for it, or it does not come. */
  refused(error: FarcallError): void;
}

/** Takes in the payloads of one connection, whether they stand in their frames or follow in chunks. */
export class PayloadIntake {
  readonly #limits: Limits;
  readonly #frames: FrameSender;
  readonly #assemblies: Assemblies;
  readonly #clock: Clock;
  #chunksReceived = 0;
  #chunkCredit: number;
  /** A chunk of this turn has been credited: one more frame, at its end, will credit all others. */
  #isCredited = false;
  #isCreditDue = false;
  #isCleared = false;

  constructor(limits: Limits, frames: FrameSender, wheel: DeadlineWheel, clock: Clock) {
    this.#limits = limits;
    this.#frames = frames;
    this.#clock = clock;
    this.#assemblies = new Assemblies(limits.maxMessageBytes, wheel);
    this.#chunkCredit = limits.chunkWindowBytes;
  }

  /** Whether chunks of this call are still to come. */
  isUnfinished(id: number): boolean {
    return this.#assemblies.has(id);
  }

  /** Hands on a payload that is here, or waits for one that was announced. @throws ProtocolError */
  take(id: number, payload: Payload, to: PayloadReceiver): void {
    const { maxMessageBytes } = this.#limits;
    const { announced } = payload;
    if (this.#assemblies.has(id)) throw new ProtocolError(`a message of call ${id} within an unfinished one`);
    const length = announced || payload.end - payload.start;
    if (length <= maxMessageBytes && announced === 0) return to.whole(payload);
    const stalled = (): void => {
      const message = `nothing of a message of ${length} bytes has come for ${assemblyIdleMs} ms`;
      to.refused(new FarcallError("DEADLINE_EXCEEDED", message, { executed: "yes" }));
    };
    const whole = (payload: Payload): void => to.whole(payload);
    if (length <= maxMessageBytes && this.#assemblies.begin(id, announced, { whole, stalled })) return;
    const message =
      length > maxMessageBytes
        ? `a message of ${length} bytes; at most ${maxMessageBytes}`
        : `no room for a message of ${length} bytes`;
    to.refused(new FarcallError("RESOURCE_EXHAUSTED", message, { executed: "yes", reason: "MESSAGE_TOO_LARGE" }));
  }

  /** Lets an announced message pass that nobody will read. @throws ProtocolError */
  skip(id: number, announced: number): void {
    this.#assemblies.skip(id, announced);
  }

  /**
   * Takes a chunk in and credits it, the first of a turn at once and the others together: a frame for each may be more than
   * what came, and a peer that sends tiny chunks and reads nothing would pile them up here.
   * @returns false when the call has announced nothing. @throws ProtocolError
   */
  chunk(id: number, bytes: Uint8Array): boolean {
    this.#chunksReceived += bytes.length;
    if (this.#chunksReceived > this.#chunkCredit) throw new ProtocolError("chunks beyond their credit");
    this.#chunkCredit = this.#chunksReceived + this.#limits.chunkWindowBytes;
    if (this.#isCredited) this.#isCreditDue = true;
    else {
      this.#isCredited = true;
      this.#frames.credit(0, this.#chunkCredit);
      this.#clock.defer(() => this.#creditRest());
    }
    return this.#assemblies.add(id, bytes);
  }

  #creditRest(): void {
    if (this.#isCreditDue && !this.#isCleared) this.#frames.credit(0, this.#chunkCredit);
    this.#isCredited = this.#isCreditDue = false;
  }

  /** Forgets an unfinished message: its call has ended. */
  drop(id: number): void {
    this.#assemblies.drop(id);
  }

  /** Forgets all of them: the connection has ended. */
  clear(): void {
    this.#isCleared = true;
    this.#assemblies.clear();
  }
}
