import { Allowance } from "../allowance.js";
import type { Clock } from "../clock.js";
import { closeCodes, ProtocolError } from "../close-code.js";
import { decode, type Encoded } from "../codec.js";
import type { DeadlineWheel } from "../deadline-wheel.js";
import { FarcallError, withExecuted } from "../error.js";
import { type CallFrame, type Frame, kinds, type MethodFrame, type Payload } from "../frame.js";
import { fixedLimits, type Limits } from "../limits.js";
import type { Link } from "../link.js";
import { Metadata, readMetadata, unflattenMetadata } from "../metadata.js";
import { Assemblies } from "./assembly.js";
import { CallTable } from "./call-table.js";
import { readError } from "./error-frame.js";
import { announcement, FrameSender, ownEncoded } from "./frame-sender.js";
import { IncomingCall, type IncomingCallEvents } from "./incoming-call.js";
import type { MethodRef, OutgoingCall } from "./outgoing-call.js";
import { type LargeItem, SendStream, type SendStreamOwner } from "./send-stream.js";

/** What takes the peer's calls. */
export interface Acceptor extends IncomingCallEvents {
  /** The method of that name, or `undefined`: calls of it are then refused. */
  resolve(service: string, method: string): MethodRef | undefined;
  /** Runs the handler of an admitted call. Must call `call.finished()` when the handler has returned. Never throws. */
  run(call: IncomingCall, args: unknown[]): void;
  /** The moment when a call of `method` that asked for `timeoutMs` (0 for none) is given up. */
  deadline(method: MethodRef, timeoutMs: number): number;
}

export interface SessionOptions {
  /** The side that dialled opens calls with odd ids, the other with even ones. */
  readonly role: "opener" | "acceptor";
  readonly link: Link;
  readonly clock: Clock;
  readonly wheel: DeadlineWheel;
  readonly limits: Limits;
  /** What the peer has announced. */
  readonly peer: Limits;
  /** Absent on a side that serves nothing. */
  readonly acceptor?: Acceptor;
  /** The number of calls that wait for the peer has gone from none to some, or back. */
  readonly waiting?: (some: boolean) => void;
  /** A slot or an answer has become free. */
  readonly released?: () => void;
}

/** Cancels a caller may send beyond its answered calls: so many times its limit of calls at once, and once a second. */
const cancelBurst = 2;
/** Even a caller that may have few calls at once may cancel so many. */
const leastCancels = 1_000;
/** Credit frames a peer may send beyond one for every item or chunk that was sent to it. */
const credits = { burst: 1_000, perSecond: 100 };

/** A call that is complete and waits until its caller reads the answers it has. */
interface HeldCall {
  readonly call: IncomingCall;
  readonly args: Payload;
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
  readonly #outgoing = new CallTable<OutgoingCall>();
  readonly #incoming = new CallTable<IncomingCall>();
  readonly #peerMethods: (MethodRef | undefined)[] = [];
  #lastOutgoingId: number;
  #lastIncomingId = 0;
  /** Calls that were admitted and whose handlers have not returned, whatever the wire knows of them. */
  #running = 0;
  #refusing = false;
  /** Large calls that wait for a place among the transfers. */
  readonly #opening = new Set<OutgoingCall>();
  readonly #assemblies: Assemblies;
  readonly #cancelAllowance: Allowance;
  readonly #creditAllowance: Allowance;
  #itemsSent = 0;
  /** Credit frames that an item or a chunk explains. */
  #itemCredits = 0;
  #chunkCredits = 0;
  #held: HeldCall[] = [];
  #heldBytes = 0;
  #chunksReceived = 0;
  #chunkCredit: number;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#link = options.link;
    this.peer = options.peer;
    this.frames = new FrameSender(options.link.outbox, options.clock);
    this.#lastOutgoingId = options.role === "opener" ? -1 : 0;
    this.#assemblies = new Assemblies(options.limits.maxMessageBytes);
    this.#chunkCredit = options.limits.chunkWindowBytes;
    const { maxCalls } = options.limits;
    const perSecond = Math.max(maxCalls, leastCancels);
    this.#cancelAllowance = new Allowance(options.clock, { burst: perSecond * cancelBurst, perSecond });
    this.#creditAllowance = new Allowance(options.clock, credits);
    options.link.outbox.bulk.start(options.peer.chunkWindowBytes);
  }

  /** Calls of ours that have no answer yet. */
  get waitingCalls(): number {
    return this.#outgoing.size;
  }

  /** Handlers that have not returned. */
  get runningCalls(): number {
    return this.#running;
  }

  /** Highest id of the peer that was accepted. */
  get lastIncomingId(): number {
    return this.#lastIncomingId;
  }

  /** Whether the peer takes one more call now. */
  get hasRoom(): boolean {
    return this.#outgoing.size + this.#opening.size < this.peer.maxCalls;
  }

  /** Sends a call. `args` are encoded and within the peer's limit. */
  open(call: OutgoingCall, args: Encoded): void {
    if (!this.frames.canName(call.method)) {
      const message = `more than ${fixedLimits.methods} methods on one connection`;
      return call.fail(new FarcallError("RESOURCE_EXHAUSTED", message, { executed: "no" }));
    }
    // With its head: both may be as large as a batch, and then would not fit one message of the socket together.
    if (args.end - args.start + (call.head?.length ?? 0) <= fixedLimits.chunkBytes) return this.#open(call, args);
    const { bulk } = this.#link.outbox;
    if (bulk.hasRoom) return this.#openLarge(call, args);
    // It gets its id when its turn comes: ids go out in order.
    const kept = ownEncoded(args);
    this.#opening.add(call);
    bulk.wait(undefined, kept.end, () => {
      this.#opening.delete(call);
      if (!call.isDone) this.#openLarge(call, kept);
    });
  }

  #open(call: OutgoingCall, args: Encoded): void {
    this.#enter(call);
    this.frames.call(call, args);
    call.sentOn(this);
    call.argsSent();
  }

  #openLarge(call: OutgoingCall, args: Encoded): void {
    this.#enter(call);
    this.frames.call(call, announcement(args));
    call.sentOn(this);
    this.#link.outbox.bulk.begin(call.id, args, () => call.argsSent());
    this.#link.outbox.wrote();
  }

  /** Gives the call its id and its place. */
  #enter(call: OutgoingCall): void {
    const id = this.#outgoing.nextId(this.#lastOutgoingId);
    this.#lastOutgoingId = id;
    call.id = id;
    this.#outgoing.add(call);
    if (this.#outgoing.size === 1) this.#options.waiting?.(true);
  }

  /** Every later call of the peer is refused with proof that it did not run. */
  refuseNewCalls(): void {
    this.#refusing = true;
  }

  /** The peer has accepted no call above `lastId`, and will not: these have not run. */
  refusedAbove(lastId: number, error: FarcallError): void {
    for (const call of this.#outgoing.values()) if (call.id > lastId) call.fail(withExecuted(error, "no"));
    for (const call of Array.from(this.#opening)) call.fail(withExecuted(error, "no"));
    this.#opening.clear();
  }

  /** The link is gone: every call is settled or aborted. */
  end(error: FarcallError): void {
    for (const call of this.#outgoing.values()) call.fail(withExecuted(error, call.executed));
    for (const call of this.#incoming.values()) call.cancelled(error);
    for (const call of Array.from(this.#opening)) call.fail(withExecuted(error, "no"));
    this.#opening.clear();
    this.#held = [];
    this.#assemblies.clear();
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
        if (this.#assemblies.has(frame.id)) throw new ProtocolError(`an end of call ${frame.id} within an unfinished message`);
        return this.#isOurs(frame.id) ? this.#outgoingCall(frame.id)?.end() : this.#incomingCall(frame.id)?.inputEnded();
      case kinds.credit:
        return this.#credit(frame.id, frame.total);
      case kinds.chunk:
        return this.#chunk(frame.id, frame.bytes);
      case kinds.cancel:
        if (!this.#cancelAllowance.take()) throw new ProtocolError("too many cancels", closeCodes.tooManyFrames);
        this.#link.outbox.bulk.cancel(frame.id);
        return this.#incomingCall(frame.id)?.cancelled(new FarcallError(frame.code, "the caller wants no answer any more"));
      case kinds.headers:
      case kinds.trailers:
        return this.#outgoingCall(frame.id)?.metadata(frame.kind, parseMetadata(frame.metadata));
      case kinds.method:
        return this.#learn(frame);
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
    this.#itemsSent++;
    return this.frames.item(id, value, large);
  }

  sendResult(id: number, value: Encoded): void {
    this.#cancelAllowance.give();
    this.frames.result(id, value, () => this.#options.released?.());
  }

  sendEnd(id: number): void {
    this.#cancelAllowance.give();
    this.frames.end(id);
  }

  sendError(id: number, error: FarcallError): void {
    this.#cancelAllowance.give();
    this.frames.error(id, error, this.peer.maxMessageBytes);
  }

  /** An outgoing call has settled. */
  forget(call: OutgoingCall): void {
    if (!this.#outgoing.delete(call.id)) return;
    this.#assemblies.drop(call.id);
    this.#link.outbox.bulk.cancel(call.id);
    if (this.#outgoing.size === 0) this.#options.waiting?.(false);
    this.#options.released?.();
  }

  /** An incoming call sends nothing more. */
  forgetIncoming(call: IncomingCall): void {
    if (!call.started) this.released(call);
    this.#incoming.delete(call.id);
    this.#assemblies.drop(call.id);
    this.#link.outbox.bulk.cancel(call.id);
  }

  /** A call has left its place: its handler has returned, or was never started. */
  released(call: IncomingCall): void {
    if (call.isReleased) return;
    call.isReleased = true;
    this.#running--;
    this.#options.released?.();
  }

  #accept(frame: CallFrame): void {
    const { id } = frame;
    if (this.#isOurs(id)) throw new ProtocolError(`call ${id} has the wrong parity`);
    if (id <= this.#lastIncomingId) throw new ProtocolError(`call id ${id} does not follow ${this.#lastIncomingId}`);
    if (frame.method >= this.#peerMethods.length)
      throw new ProtocolError(`call ${id} of method ${frame.method}, which was never named`);
    const { acceptor } = this.#options;
    const method = this.#peerMethods[frame.method];
    if (this.#refusing) return this.#turnAway(id, new FarcallError("UNAVAILABLE", "the server is leaving", { executed: "no" }));
    this.#lastIncomingId = id;
    if (acceptor === undefined || method === undefined) {
      return this.#turnAway(
        id,
        new FarcallError("UNIMPLEMENTED", "this server has no such service or method", { executed: "no" }),
      );
    }
    if (this.#running >= this.#options.limits.maxCalls) {
      const message = `more than ${this.#options.limits.maxCalls} calls at once on one connection`;
      return this.#turnAway(id, new FarcallError("RESOURCE_EXHAUSTED", message, { executed: "no" }));
    }
    let metadata = Metadata.empty;
    try {
      if (frame.head !== undefined) metadata = readMetadata(decode(frame.head));
    } catch (error) {
      const message = `the head of the call: ${error instanceof Error ? error.message : "cannot be decoded"}`;
      return this.#turnAway(
        id,
        FarcallError.is(error) ? error : new FarcallError("INVALID_ARGUMENT", message, { executed: "no" }),
      );
    }
    const call = new IncomingCall({
      id,
      method,
      metadata,
      session: this,
      deadline: acceptor.deadline(method, frame.timeoutMs),
      windowBytes: this.#options.limits.streamWindowBytes,
      wheel: this.#options.wheel,
      events: acceptor,
    });
    this.#incoming.add(call);
    this.#running++;
    this.#take(id, frame.args, {
      whole: (args) => this.#admit(acceptor, call, args),
      refused: (error) => call.answerError(withExecuted(error, "no")),
    });
  }

  /** Answers a call that does not run. A peer that reads no answers cannot go on collecting refusals either. */
  #turnAway(id: number, error: FarcallError): void {
    const { outbox } = this.#link;
    if (outbox.isOverfull && outbox.queuedBytes > outbox.maxBacklogBytes * 2) {
      throw new ProtocolError("calls without end, and their answers are not read", closeCodes.tooManyFrames);
    }
    this.sendError(id, error);
  }

  /** Runs a call, or holds it while its caller does not read the answers it has. */
  #admit(acceptor: Acceptor, call: IncomingCall, payload: Payload): void {
    const { outbox } = this.#link;
    if (this.#held.length === 0 && !outbox.isOverfull) return this.#run(acceptor, call, payload);
    const length = payload.end - payload.start;
    if (this.#heldBytes + length > outbox.maxBacklogBytes) {
      const message = "the answers to earlier calls have not been read";
      call.answerError(new FarcallError("RESOURCE_EXHAUSTED", message, { executed: "no" }));
      return;
    }
    // In memory of their own: what holds them now is shared with frames that nobody needs any more.
    const args = payload.isOwn
      ? payload
      : { ...payload, bytes: payload.bytes.slice(payload.start, payload.end), start: 0, end: length };
    this.#heldBytes += length;
    if (this.#held.push({ call, args }) === 1) outbox.onRelief(() => this.#runHeld(acceptor));
  }

  #runHeld(acceptor: Acceptor): void {
    const { outbox } = this.#link;
    const held = this.#held;
    let count = 0;
    while (count < held.length && !outbox.isOverfull) {
      const { call, args } = held[count++] as HeldCall;
      this.#heldBytes -= args.end - args.start;
      if (!call.isDone) this.#run(acceptor, call, args);
    }
    this.#held = held.slice(count);
    if (this.#held.length > 0) outbox.onRelief(() => this.#runHeld(acceptor));
  }

  #run(acceptor: Acceptor, call: IncomingCall, payload: Payload): void {
    let args: unknown[];
    try {
      args = call.readArgs(payload);
    } catch (error) {
      call.answerError(error as FarcallError);
      return;
    }
    call.started = true;
    acceptor.run(call, args);
  }

  #result(id: number, value: Payload): void {
    const call = this.#outgoingCall(id);
    call?.answering();
    if (call !== undefined)
      this.#take(id, value, { whole: (payload) => call.result(payload), refused: (error) => call.refuse(error) });
  }

  #items(id: number, values: readonly Payload[]): void {
    const call = this.#isOurs(id) ? this.#outgoingCall(id) : this.#incomingCall(id);
    for (const value of values) {
      if (call === undefined || call.isDone) return;
      const cost = (value.announced || value.end - value.start) + fixedLimits.itemOverheadBytes;
      if (!call.admitsItem(cost)) {
        if (value.announced > 0) this.#assemblies.skip(id, value.announced);
        continue;
      }
      this.#take(id, value, { whole: (payload) => call.item(payload), refused: (error) => call.refuse(error) });
    }
  }

  #credit(id: number, total: number): void {
    const { bulk } = this.#link.outbox;
    if (id === 0 && this.#chunkCredits < bulk.sentChunks) this.#chunkCredits++;
    else if (id !== 0 && this.#itemCredits < this.#itemsSent) this.#itemCredits++;
    else if (!this.#creditAllowance.take()) throw new ProtocolError("too many credit frames", closeCodes.tooManyFrames);
    if (id === 0) {
      bulk.credited(total);
      this.#link.outbox.flush();
    } else if (this.#isOurs(id)) this.#outgoingCall(id)?.credit(total);
    else this.#incomingCall(id)?.credit(total);
  }

  /** Hands on a payload that is here, or waits for one that was announced. */
  #take(id: number, payload: Payload, to: { whole(payload: Payload): void; refused(error: FarcallError): void }): void {
    const { maxMessageBytes } = this.#options.limits;
    const { announced } = payload;
    if (this.#assemblies.has(id)) throw new ProtocolError(`a message of call ${id} within an unfinished one`);
    const length = announced || payload.end - payload.start;
    if (length <= maxMessageBytes && announced === 0) return to.whole(payload);
    if (length <= maxMessageBytes && this.#assemblies.begin(id, announced, (whole) => to.whole(whole))) return;
    const message =
      length > maxMessageBytes
        ? `a message of ${length} bytes; at most ${maxMessageBytes}`
        : `no room for a message of ${length} bytes`;
    to.refused(new FarcallError("RESOURCE_EXHAUSTED", message, { executed: "yes", reason: "MESSAGE_TOO_LARGE" }));
  }

  #chunk(id: number, bytes: Uint8Array): void {
    this.#chunksReceived += bytes.length;
    if (this.#chunksReceived > this.#chunkCredit) throw new ProtocolError("chunks beyond their credit");
    this.#chunkCredit = this.#chunksReceived + this.#options.limits.chunkWindowBytes;
    this.frames.credit(0, this.#chunkCredit);
    if (this.#assemblies.add(id, bytes)) return;
    // A chunk of a call that has ended is late; one of a call that goes on, or never was, has no business here.
    const call = this.#isOurs(id) ? this.#outgoingCall(id) : this.#incomingCall(id);
    if (call !== undefined) throw new ProtocolError(`a chunk for call ${id}, which has announced nothing`);
  }

  #learn(frame: MethodFrame): void {
    if (frame.number !== this.#peerMethods.length || frame.number >= fixedLimits.methods) {
      throw new ProtocolError(`method number ${frame.number} out of sequence`);
    }
    this.#peerMethods.push(this.#options.acceptor?.resolve(frame.service, frame.method));
  }

  #isOurs(id: number): boolean {
    return (id & 1) === (this.#options.role === "opener" ? 1 : 0);
  }

  /** The call, or `undefined` for one that has ended: its late frames are ignored. */
  #outgoingCall(id: number): OutgoingCall | undefined {
    const call = this.#outgoing.get(id);
    if (call === undefined && (!this.#isOurs(id) || id > this.#lastOutgoingId))
      throw new ProtocolError(`a frame for call ${id}, which was never opened`);
    return call;
  }

  #incomingCall(id: number): IncomingCall | undefined {
    const call = this.#incoming.get(id);
    if (call === undefined && !this.#refusing && (this.#isOurs(id) || id > this.#lastIncomingId)) {
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
