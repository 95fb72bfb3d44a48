import type { Clock } from "../clock.js";
import { ProtocolError } from "../close-code.js";
import type { Code } from "../code.js";
import { decode, type Encoded } from "../codec.js";
import type { DeadlineWheel } from "../deadline-wheel.js";
import { type ErrorContent, FarcallError, withExecuted } from "../error.js";
import { type CallFrame, type Frame, kinds, type Payload } from "../frame.js";
import { fixedLimits, type Limits } from "../limits.js";
import type { Link } from "../link.js";
import { type Metadata, unflattenMetadata } from "../metadata.js";
import { type Acceptor, Admission } from "./admission.js";
import { CallTable } from "./call-table.js";
import { ControlAllowance } from "./control-allowance.js";
import { readError } from "./error-frame.js";
import { FrameSender } from "./frame-sender.js";
import type { IncomingCall } from "./incoming-call.js";
import type { OutgoingCall } from "./outgoing-call.js";
import { OutgoingCalls } from "./outgoing-calls.js";
import { PayloadIntake } from "./payload-intake.js";
import { type LargeItem, SendStream, type SendStreamOwner } from "./send-stream.js";

export interface SessionOptions {
  /** The side that dialled opens calls with odd ids, the other with even ones. */
  readonly role: "opener" | "acceptor";
  readonly link: Link;
  readonly clock: Clock;
  readonly wheel: DeadlineWheel;
  readonly limits: Limits;
  /** What the peer has announced. */
  readonly peer: Limits;
  /** The peer wants to know when calls are sent. Default false. */
  readonly tellsTime?: boolean;
  /** Absent on a side that serves nothing. */
  readonly acceptor?: Acceptor;
  /** The number of calls that wait for the peer has gone from none to some, or back. */
  readonly waiting?: (some: boolean) => void;
  /** The number of those that wait for one result has gone from none to some, or back. */
  readonly awaiting?: (some: boolean) => void;
  /** A slot or an answer has become free. */
  readonly released?: () => void;
}

/**
 * Calls and streams over one link, in both directions; the same code on both sides. It numbers methods and calls,
 * routes frames to their calls, and writes their frames. It outlives nothing yet: a session ends with its link.
 */
export class Session {
  readonly peer: Limits;
  /** Writes the frames of this session. */
  readonly frames: FrameSender;
  readonly #options: SessionOptions;
  readonly #link: Link;
  readonly #outgoing: OutgoingCalls;
  readonly #incoming = new CallTable<IncomingCall>();
  readonly #admission: Admission;
  readonly #payloads: PayloadIntake;
  readonly #allowance: ControlAllowance;
  readonly #cancellations = new Map<Code, FarcallError>();

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#link = options.link;
    this.peer = options.peer;
    this.frames = new FrameSender(options.link.outbox, options.clock, options.tellsTime === true);
    const { acceptor, limits, wheel, waiting = () => {}, awaiting = () => {} } = options;
    this.#outgoing = new OutgoingCalls({
      session: this,
      frames: this.frames,
      outbox: options.link.outbox,
      beforeFirstId: options.role === "opener" ? -1 : 0,
      waiting,
      awaiting,
    });
    this.#payloads = new PayloadIntake(limits, this.frames, wheel, options.clock);
    this.#admission = new Admission({ session: this, link: options.link, wheel, limits, acceptor });
    this.#allowance = new ControlAllowance(options.clock, limits.maxCalls);
    options.link.outbox.bulk.start(options.peer.chunkWindowBytes);
  }

  /** Calls of ours that have no answer yet. */
  get waitingCalls(): number {
    return this.#outgoing.size;
  }

  /**
   * Whether the peer owes us an answer: a call waits for its one result. A stream of answers may be quiet for as long as
   * it likes.
   */
  get isAwaiting(): boolean {
    return this.#outgoing.isAwaiting;
  }

  /** Handlers that have not returned. */
  get runningCalls(): number {
    return this.#admission.running;
  }

  /** Highest id of the peer that was accepted. */
  get lastIncomingId(): number {
    return this.#admission.lastId;
  }

  /** Whether the peer takes one more call now. */
  get hasRoom(): boolean {
    return this.#outgoing.places < this.peer.maxCalls;
  }

  /** Sends a call. `args` are encoded and within the peer's limit. */
  open(call: OutgoingCall, args: Encoded): void {
    this.#outgoing.open(call, args);
  }

  /** Every later call of the peer is refused with proof that it did not run. */
  refuseNewCalls(): void {
    this.#admission.refuse();
  }

  /** Nobody waits any longer for what the peer's calls would answer: their handlers are aborted, and `error` is the answer. */
  abandonIncoming(error: FarcallError): void {
    for (const call of this.#incoming.values()) call.refuse(error);
  }

  /** Calls that still wait here for a place among the large ones are given back: they have not left. */
  giveBackUnsent(error: FarcallError): void {
    this.#outgoing.giveBackUnsent(error);
  }

  /** The peer has accepted no call above `lastId`, and will not: these have not run. */
  refusedAbove(lastId: number, error: FarcallError): void {
    this.#outgoing.refusedAbove(lastId, error);
  }

  /** The link is gone: every call is settled or aborted. */
  end(error: FarcallError): void {
    this.#outgoing.end(error);
    for (const call of this.#incoming.values()) call.cancelled(error);
    this.#admission.end();
    this.#payloads.clear();
  }

  /** A numbered frame from the peer. @throws ProtocolError */
  receive(frame: Frame): void {
    switch (frame.kind) {
      case kinds.call:
        return this.#accept(frame);
      case kinds.result:
        return this.#result(frame.id, frame.value);
      case kinds.error:
        return this.#outgoingCall(frame.id)?.error(frame, readError(frame));
      case kinds.item:
        return this.#items(frame.id, frame.values);
      case kinds.end:
        if (this.#payloads.isUnfinished(frame.id))
          throw new ProtocolError(`an end of call ${frame.id} within an unfinished message`);
        return this.#isOurs(frame.id) ? this.#outgoingCall(frame.id)?.end() : this.#incomingCall(frame.id)?.inputEnded();
      case kinds.credit:
        return this.#credit(frame.id, frame.total);
      case kinds.chunk:
        return this.#chunk(frame.id, frame.bytes);
      case kinds.cancel:
        this.#allowance.cancel();
        this.#link.outbox.bulk.cancel(frame.id);
        return this.#incomingCall(frame.id)?.cancelled(this.#cancellation(frame.code));
      case kinds.headers:
      case kinds.trailers:
        return this.#outgoingCall(frame.id)?.metadata(frame.kind, parseMetadata(frame.metadata));
      case kinds.method:
        return this.#admission.learn(frame);
      default:
        throw new ProtocolError(`a frame of kind ${frame.kind} has no place here`);
    }
  }

  // For the calls.

  sendStream(owner: SendStreamOwner, idleMs: number): SendStream {
    const { clock, wheel } = this.#options;
    return new SendStream({ window: this.peer.streamWindowBytes, idleMs, owner, outbox: this.#link.outbox, clock, wheel });
  }

  /** Sends one item. @returns what it costs. `large` hears of one that cannot leave at once. */
  sendItem(id: number, value: Encoded, large: LargeItem): number {
    this.#allowance.itemSent();
    return this.frames.item(id, value, large);
  }

  sendResult(id: number, value: Encoded): void {
    this.#allowance.answered();
    this.frames.result(id, value, () => this.#options.released?.());
  }

  sendEnd(id: number): void {
    this.#allowance.answered();
    this.frames.end(id);
  }

  sendError(id: number, error: ErrorContent): void {
    this.#allowance.answered();
    this.frames.error(id, error, this.peer.maxMessageBytes);
  }

  /** An outgoing call has settled. */
  forget(call: OutgoingCall): void {
    if (!this.#outgoing.delete(call)) return;
    this.#payloads.drop(call.id);
    this.#link.outbox.bulk.cancel(call.id);
    this.#options.released?.();
  }

  /** An outgoing call that waited for a place has settled. */
  withdraw(call: OutgoingCall): void {
    if (this.#outgoing.withdraw(call)) this.#options.released?.();
  }

  /** An incoming call sends nothing more. */
  forgetIncoming(call: IncomingCall): void {
    if (!call.started) this.released(call);
    this.#incoming.delete(call.id);
    this.#payloads.drop(call.id);
    this.#link.outbox.bulk.cancel(call.id);
  }

  /** A call has left its place: its handler has returned, or was never started. */
  released(call: IncomingCall): void {
    if (call.isReleased) return;
    call.isReleased = true;
    this.#admission.left();
    this.#options.released?.();
  }

  /** One for all calls that the peer cancels with this code: it says the same of each, and a stack for each costs. */
  #cancellation(code: Code): FarcallError {
    let error = this.#cancellations.get(code);
    if (error === undefined) {
      error = new FarcallError(code, "the caller wants no answer any more");
      this.#cancellations.set(code, error);
    }
    return error;
  }

  #accept(frame: CallFrame): void {
    if (this.#isOurs(frame.id)) throw new ProtocolError(`call ${frame.id} has the wrong parity`);
    const call = this.#admission.admit(frame);
    if (call === undefined) return;
    this.#incoming.add(call);
    this.#payloads.take(frame.id, frame.args, {
      whole: (args) => this.#admission.run(call, args),
      refused: (error) => call.answerError(withExecuted(error, "no")),
    });
  }

  #result(id: number, value: Payload): void {
    const call = this.#outgoingCall(id);
    call?.answering();
    if (call !== undefined)
      this.#payloads.take(id, value, { whole: (payload) => call.result(payload), refused: (error) => call.refuse(error) });
  }

  #items(id: number, values: readonly Payload[]): void {
    const call = this.#isOurs(id) ? this.#outgoingCall(id) : this.#incomingCall(id);
    for (const value of values) {
      if (call === undefined || call.isDone) return;
      const cost = (value.announced || value.end - value.start) + fixedLimits.itemOverheadBytes;
      if (!call.admitsItem(cost)) {
        if (value.announced > 0) this.#payloads.skip(id, value.announced);
        continue;
      }
      this.#payloads.take(id, value, { whole: (payload) => call.item(payload), refused: (error) => call.refuse(error) });
    }
  }

  #credit(id: number, total: number): void {
    if (id === 0) {
      const { bulk } = this.#link.outbox;
      this.#allowance.chunkCredit(bulk.sentChunks);
      bulk.credited(total);
      this.#link.outbox.flush();
      return;
    }
    this.#allowance.itemCredit();
    if (this.#isOurs(id)) this.#outgoingCall(id)?.credit(total);
    else this.#incomingCall(id)?.credit(total);
  }

  #chunk(id: number, bytes: Uint8Array): void {
    if (this.#payloads.chunk(id, bytes)) return;
    // A chunk of a call that has ended is late; one of a call that goes on, or never was, has no business here.
    const call = this.#isOurs(id) ? this.#outgoingCall(id) : this.#incomingCall(id);
    if (call !== undefined) throw new ProtocolError(`a chunk for call ${id}, which has announced nothing`);
  }

  #isOurs(id: number): boolean {
    return (id & 1) === (this.#options.role === "opener" ? 1 : 0);
  }

  /** The call, or `undefined` for one that has ended: its late frames are ignored. */
  #outgoingCall(id: number): OutgoingCall | undefined {
    const call = this.#outgoing.get(id);
    if (call === undefined && (!this.#isOurs(id) || id > this.#outgoing.lastId))
      throw new ProtocolError(`a frame for call ${id}, which was never opened`);
    return call;
  }

  #incomingCall(id: number): IncomingCall | undefined {
    const call = this.#incoming.get(id);
    if (call === undefined && !this.#admission.isRefusing && (this.#isOurs(id) || id > this.#admission.lastId)) {
      throw new ProtocolError(`a frame for call ${id}, which was never opened`);
    }
    return call;
  }
}

/** @throws ProtocolError */
function parseMetadata(payload: Payload): Metadata {
  try {
    return unflattenMetadata(decode(payload));
  } catch (error) {
    throw new ProtocolError(`response metadata: ${error instanceof Error ? error.message : "cannot be decoded"}`);
  }
}
