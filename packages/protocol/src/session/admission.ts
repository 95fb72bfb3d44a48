import { closeCodes, ProtocolError } from "../close-code.js";
import { decode } from "../codec.js";
import type { DeadlineWheel } from "../deadline-wheel.js";
import { type ErrorContent, FarcallError } from "../error.js";
import type { CallFrame, MethodFrame, Payload } from "../frame.js";
import { fixedLimits, type Limits } from "../limits.js";
import type { Link } from "../link.js";
import { Metadata, readAttempt, readMetadata } from "../metadata.js";
import type { Outbox } from "../outbox.js";
import { IncomingCall, type IncomingCallEvents } from "./incoming-call.js";
import type { MethodRef } from "./method-ref.js";
import type { Session } from "./session.js";

/** What takes the peer's calls. */
export interface Acceptor extends IncomingCallEvents {
  /** The method of that name, or `undefined`: calls of it are then refused. */
  resolve(service: string, method: string): MethodRef | undefined;
  /** Runs the handler of an admitted call. Must call `call.finished()` when the handler has returned. Never throws. */
  run(call: IncomingCall, args: unknown[]): void;
  /** The moment when a call of `method` that asked for `timeoutMs` (0 for none) is given up. */
  deadline(method: MethodRef, timeoutMs: number): number;
  /** A call that waited here was dropped without running: its deadline has passed, or its caller has given it up. */
  dropped?(): void;
}

export interface AdmissionOptions {
  readonly session: Session;
  readonly link: Link;
  readonly wheel: DeadlineWheel;
  readonly limits: Limits;
  /** Absent on a side that serves nothing. */
  readonly acceptor: Acceptor | undefined;
}

/** A call that is complete and waits until its caller reads the answers it has. */
interface HeldCall {
  readonly call: IncomingCall;
  readonly args: Payload;
}

/** Decides which calls of the peer run, and when; the others get an error that says that they have not run. */
export class Admission {
  readonly #session: Session;
  readonly #link: Link;
  readonly #outbox: Outbox;
  readonly #wheel: DeadlineWheel;
  readonly #limits: Limits;
  readonly #acceptor: Acceptor | undefined;
  /** By the numbers that the peer gave them. */
  readonly #methods: (MethodRef | undefined)[] = [];
  #lastId = 0;
  /** Calls that were admitted and whose handlers have not returned, whatever the wire knows of them. */
  #running = 0;
  #refusing = false;
  #held: HeldCall[] = [];
  #heldBytes = 0;
  readonly #runHeld = (): void => this.#release();

  constructor(options: AdmissionOptions) {
    this.#session = options.session;
    this.#link = options.link;
    this.#outbox = options.link.outbox;
    this.#wheel = options.wheel;
    this.#limits = options.limits;
    this.#acceptor = options.acceptor;
  }

  /** Calls whose handlers have not returned. */
  get running(): number {
    return this.#running;
  }

  /** Highest id that was accepted. */
  get lastId(): number {
    return this.#lastId;
  }

  /** Whether every further call is refused. */
  get isRefusing(): boolean {
    return this.#refusing;
  }

  /** Refuses every further call. */
  refuse(): void {
    this.#refusing = true;
  }

  /** The peer gives a method a number. @throws ProtocolError */
  learn(frame: MethodFrame): void {
    if (frame.number !== this.#methods.length || frame.number >= fixedLimits.methods) {
      throw new ProtocolError(`method number ${frame.number} out of sequence`);
    }
    this.#methods.push(this.#acceptor?.resolve(frame.service, frame.method));
  }

  /** Gives a call its place, or turns it away. @returns the call, if its arguments are wanted. @throws ProtocolError */
  admit(frame: CallFrame): IncomingCall | undefined {
    const { id } = frame;
    if (id <= this.#lastId) throw new ProtocolError(`call id ${id} does not follow ${this.#lastId}`);
    if (frame.method >= this.#methods.length)
      throw new ProtocolError(`call ${id} of method ${frame.method}, which was never named`);
    const acceptor = this.#acceptor;
    const method = this.#methods[frame.method];
    if (this.#refusing) return this.#turnAway(id, { code: "UNAVAILABLE", message: "the server is leaving", executed: "no" });
    this.#lastId = id;
    if (acceptor === undefined || method === undefined) {
      return this.#turnAway(id, { code: "UNIMPLEMENTED", message: "this server has no such service or method", executed: "no" });
    }
    // Of those that are held some may have ended already, and left their places.
    if (this.#running >= this.#limits.maxCalls || this.#held.length >= this.#limits.maxCalls) {
      const message = `more than ${this.#limits.maxCalls} calls at once on one connection`;
      return this.#turnAway(id, { code: "RESOURCE_EXHAUSTED", message, executed: "no" });
    }
    const { arrearsMs } = this.#link;
    const deadline = acceptor.deadline(method, frame.timeoutMs) - arrearsMs;
    if (arrearsMs > 0 && deadline <= this.#wheel.now()) {
      acceptor.dropped?.();
      // Not DEADLINE_EXCEEDED: it may be young after all, and then another attempt is in time.
      const message = `the call was held up for ${Math.round(arrearsMs)} ms on its way, and may have expired meanwhile`;
      return this.#turnAway(id, { code: "UNAVAILABLE", message, executed: "no" });
    }
    let metadata = Metadata.empty;
    let attempt = 0;
    try {
      if (frame.head !== undefined) {
        const head = decode(frame.head);
        metadata = readMetadata(head);
        attempt = readAttempt(head);
      }
    } catch (error) {
      const message = `the head of the call: ${error instanceof Error ? error.message : "cannot be decoded"}`;
      return this.#turnAway(id, FarcallError.is(error) ? error : { code: "INVALID_ARGUMENT", message, executed: "no" });
    }
    const call = new IncomingCall({
      id,
      method,
      metadata,
      attempt,
      session: this.#session,
      deadline,
      windowBytes: this.#limits.streamWindowBytes,
      wheel: this.#wheel,
      events: acceptor,
    });
    this.#running++;
    return call;
  }

  /** Runs an admitted call whose arguments are here, or holds it while its caller does not read the answers it has. */
  run(call: IncomingCall, payload: Payload): void {
    if (this.#held.length === 0 && !this.#outbox.isOverfull) return this.#runOrDrop(call, payload);
    const length = payload.end - payload.start;
    if (this.#heldBytes + length > this.#outbox.maxBacklogBytes) {
      this.#assertRead();
      const message = "the answers to earlier calls have not been read";
      call.answerError({ code: "RESOURCE_EXHAUSTED", message, executed: "no" });
      return;
    }
    // In memory of their own: what holds them now is shared with frames that nobody needs any more.
    const args = payload.isOwn
      ? payload
      : { ...payload, bytes: payload.bytes.slice(payload.start, payload.end), start: 0, end: length, isOwn: true };
    this.#heldBytes += length;
    if (this.#held.push({ call, args }) === 1) this.#outbox.onRelief(this.#runHeld);
  }

  /** An admitted call leaves its place: its handler has returned, or was never started. */
  left(): void {
    this.#running--;
  }

  /** The link is gone: what is held never runs. */
  end(): void {
    this.#held = [];
  }

  /** A peer that reads no answers cannot go on collecting refusals either. @throws ProtocolError */
  #assertRead(): void {
    const outbox = this.#outbox;
    if (outbox.isOverfull && outbox.queuedBytes > outbox.maxBacklogBytes * 2) {
      throw new ProtocolError("calls without end, and their answers are not read", closeCodes.tooManyFrames);
    }
  }

  /** Answers a call that does not run. @throws ProtocolError */
  #turnAway(id: number, error: ErrorContent): undefined {
    this.#assertRead();
    this.#session.sendError(id, error);
  }

  #release(): void {
    const outbox = this.#outbox;
    const held = this.#held;
    let count = 0;
    while (count < held.length && !outbox.isOverfull) {
      const { call, args } = held[count++] as HeldCall;
      this.#heldBytes -= args.end - args.start;
      this.#runOrDrop(call, args);
    }
    this.#held = held.slice(count);
    if (this.#held.length > 0) outbox.onRelief(this.#runHeld);
  }

  /** Arguments that came at once cannot be late; those that waited, here or for their last chunk, can. */
  #runOrDrop(call: IncomingCall, payload: Payload): void {
    if (payload.isOwn && !call.isDone && call.expiresAt <= this.#wheel.now()) call.expired();
    if (!call.isDone) this.#run(call, payload);
    else this.#acceptor?.dropped?.();
  }

  #run(call: IncomingCall, payload: Payload): void {
    const args = call.readArgs(payload);
    if (args === undefined) return;
    call.started = true;
    this.#acceptor?.run(call, args);
  }
}
