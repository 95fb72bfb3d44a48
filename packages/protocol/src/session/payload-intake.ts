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
  #chunksReceived = 0;
  #chunkCredit: number;

  constructor(limits: Limits, frames: FrameSender, wheel: DeadlineWheel) {
    this.#limits = limits;
    this.#frames = frames;
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

  /** Takes a chunk in and credits it. @returns false when the call has announced nothing. @throws ProtocolError */
  chunk(id: number, bytes: Uint8Array): boolean {
    this.#chunksReceived += bytes.length;
    if (this.#chunksReceived > this.#chunkCredit) throw new ProtocolError("chunks beyond their credit");
    this.#chunkCredit = this.#chunksReceived + this.#limits.chunkWindowBytes;
    this.#frames.credit(0, this.#chunkCredit);
    return this.#assemblies.add(id, bytes);
  }

  /** Forgets an unfinished message: its call has ended. */
  drop(id: number): void {
    this.#assemblies.drop(id);
  }

  /** Forgets all of them: the connection has ended. */
  clear(): void {
    this.#assemblies.clear();
  }
}
