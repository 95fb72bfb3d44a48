import { closeCodes, ProtocolError } from "../close-code.js";
import type { DeadlineWheel, WheelEntry } from "../deadline-wheel.js";
import type { Payload } from "../frame.js";
import { fixedLimits } from "../limits.js";
import { scan } from "../scan.js";

/** Bytes of unfinished messages in this process, over all connections. */
let assembling = 0;

/** Bytes of unfinished messages that one process holds, unless a single message is allowed to be larger. */
const processBytes = 256 * 1024 * 1024;

/** A message of which nothing has come for so long is given up, in milliseconds: as long as a stream waits for credit. */
export const assemblyIdleMs = 300_000;

/** What becomes of an announced message. */
export interface AssemblyEvents {
  /** All of it is here. */
  whole(payload: Payload): void;
  /** Nothing of it has come for `assemblyIdleMs`. */
  stalled(): void;
}

/** Where the pieces of one announced message come together. */
class Assembly implements WheelEntry {
  expiresAt = 0;
  wheelPrevious: WheelEntry | undefined;
  wheelNext: WheelEntry | undefined;
  readonly length: number;
  /** Absent when nobody will read it. */
  readonly bytes: Uint8Array | undefined;
  filled = 0;
  /** When the last piece came. */
  lastAt: number;
  readonly events: AssemblyEvents | undefined;
  readonly #wheel: DeadlineWheel;

  /** Without `events` nobody will read it. */
  constructor(length: number, wheel: DeadlineWheel, events: AssemblyEvents | undefined) {
    this.length = length;
    // The memory is only reserved: it costs something as chunks arrive, and that is what counts for the process.
    this.bytes = events === undefined ? undefined : new Uint8Array(length);
    this.events = events;
    this.#wheel = wheel;
    this.lastAt = wheel.now();
    if (events !== undefined) this.#watch();
  }

  /** A look from time to time, so that a chunk moves no timer. */
  expired(): void {
    if (this.#wheel.now() - this.lastAt < assemblyIdleMs) this.#watch();
    else this.events?.stalled();
  }

  #watch(): void {
    this.expiresAt = this.lastAt + assemblyIdleMs;
    this.#wheel.add(this);
  }
}

/** The announced and unfinished messages of one connection's incoming direction, by call. */
export class Assemblies {
  readonly #byCall = new Map<number, Assembly>();
  readonly #maxMessageBytes: number;
  readonly #wheel: DeadlineWheel;

  constructor(maxMessageBytes: number, wheel: DeadlineWheel) {
    this.#maxMessageBytes = maxMessageBytes;
    this.#wheel = wheel;
  }

  /**
   * Makes room for a message of `length` bytes.
   * @returns false when the message is too large or the process has no room: the call must be refused.
   * @throws ProtocolError when the peer announces more messages than it may.
   */
  begin(id: number, length: number, events: AssemblyEvents): boolean {
    if (this.#byCall.has(id)) throw new ProtocolError(`call ${id} announces a message within a message`);
    if (this.#byCall.size >= fixedLimits.transfers) {
      throw new ProtocolError(`more than ${fixedLimits.transfers} unfinished messages`, closeCodes.limitExceeded);
    }
    if (length === 0) throw new ProtocolError(`call ${id} announces an empty message`);
    if (length > this.#maxMessageBytes || assembling + length > Math.max(processBytes, this.#maxMessageBytes)) return false;
    const stalled = (): void => {
      this.drop(id);
      events.stalled();
    };
    this.#byCall.set(id, new Assembly(length, this.#wheel, { whole: (payload) => events.whole(payload), stalled }));
    return true;
  }

  /** Lets a message pass that nobody will read. @throws ProtocolError */
  skip(id: number, length: number): void {
    if (this.#byCall.has(id)) throw new ProtocolError(`call ${id} announces a message within a message`);
    this.#byCall.set(id, new Assembly(length, this.#wheel, undefined));
  }

  has(id: number): boolean {
    return this.#byCall.has(id);
  }

  /** Takes a chunk in. @returns false when the call has announced nothing. @throws ProtocolError */
  add(id: number, chunk: Uint8Array): boolean {
    const assembly = this.#byCall.get(id);
    if (assembly === undefined) return false;
    const { bytes, length, filled } = assembly;
    if (filled + chunk.length > length) throw new ProtocolError(`call ${id} sends more than the ${length} bytes it announced`);
    assembly.filled += chunk.length;
    assembly.lastAt = this.#wheel.now();
    if (bytes !== undefined) {
      bytes.set(chunk, filled);
      assembling += chunk.length;
    }
    if (assembly.filled < length) return true;
    this.drop(id);
    if (bytes === undefined) return true;
    if (scan(bytes, 0, length, 1) !== length) throw new ProtocolError(`the message of call ${id} is longer than its value`);
    assembly.events?.whole({ bytes, start: 0, end: length, announced: 0, isOwn: true });
    return true;
  }

  /** Forgets an unfinished message: its call has ended. */
  drop(id: number): void {
    const assembly = this.#byCall.get(id);
    if (assembly === undefined) return;
    this.#byCall.delete(id);
    this.#wheel.remove(assembly);
    if (assembly.bytes !== undefined) assembling -= assembly.filled;
  }

  /** Forgets all of them: the connection has ended. */
  clear(): void {
    for (const id of Array.from(this.#byCall.keys())) this.drop(id);
  }
}
