import type { Clock } from "../clock.js";
import { ProtocolError } from "../close-code.js";
import { type Code, codes, executedToNumber, isReason } from "../code.js";
import { copyEncoded, decode, type Encoded, encode } from "../codec.js";
import type { DeadlineWheel } from "../deadline-wheel.js";
import { FarcallError, type FarcallErrorOptions } from "../error.js";
import { type CallFrame, type ErrorFrame, type Frame, kinds, type MethodFrame } from "../frame.js";
import { fixedLimits, type Limits } from "../limits.js";
import type { Link } from "../link.js";
import { Metadata, readMetadata } from "../metadata.js";
import { CallTable } from "./call-table.js";
import { IncomingCall, type IncomingCallEvents } from "./incoming-call.js";
import type { MethodRef, OutgoingCall } from "./outgoing-call.js";
import { SendStream, type SendStreamOwner } from "./send-stream.js";

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

/**
 * Calls and streams over one link, in both directions; the same code on both sides. It numbers methods and calls,
 * routes frames to their calls, and writes their frames. It outlives nothing yet: a session ends with its link.
 */
export class Session {
  readonly peer: Limits;
  readonly #options: SessionOptions;
  readonly #link: Link;
  readonly #outgoing = new CallTable<OutgoingCall>();
  readonly #incoming = new CallTable<IncomingCall>();
  readonly #numbers = new Map<MethodRef, number>();
  readonly #peerMethods: (MethodRef | undefined)[] = [];
  #lastOutgoingId: number;
  #lastIncomingId = 0;
  /** Handlers that have been entered and have not returned, whatever the wire knows of them. */
  #running = 0;
  #refusing = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#link = options.link;
    this.peer = options.peer;
    this.#lastOutgoingId = options.role === "opener" ? -1 : 0;
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
    return this.#outgoing.size < this.peer.maxCalls;
  }

  /** Sends a call. `args` are encoded and within the peer's limit. */
  open(call: OutgoingCall, args: Encoded): void {
    const method = this.#number(call.method);
    const id = this.#outgoing.nextId(this.#lastOutgoingId);
    this.#lastOutgoingId = id;
    const { head } = call;
    const timeoutMs =
      call.expiresAt === Number.POSITIVE_INFINITY ? 0 : Math.max(1, Math.ceil(call.expiresAt - this.#options.clock.now()));
    const writer = this.#link.outbox.frame(40 + (head?.length ?? 0) + args.end - args.start);
    writer.byte(0x96);
    writer.byte(kinds.call);
    writer.uint(id);
    writer.uint(method);
    writer.uint(timeoutMs);
    if (head === undefined) writer.byte(0xc0);
    else writer.raw(head, 0, head.length);
    writer.raw(args.bytes, args.start, args.end);
    this.#link.outbox.wrote();
    call.id = id;
    this.#outgoing.add(call);
    if (this.#outgoing.size === 1) this.#options.waiting?.(true);
    call.sentOn(this);
  }

  /** Every later call of the peer is refused with proof that it did not run. */
  refuseNewCalls(): void {
    this.#refusing = true;
  }

  /** The link is gone: every call is settled or aborted. */
  end(error: FarcallError): void {
    for (const call of this.#outgoing.values()) call.fail(error.withExecuted(call.executed));
    for (const call of this.#incoming.values()) call.cancelled(error);
  }

  /** A numbered frame from the peer. @throws ProtocolError */
  receive(frame: Frame): void {
    switch (frame.kind) {
      case kinds.call:
        return this.#accept(frame);
      case kinds.result:
        return this.#outgoingCall(frame.id)?.result(frame.value);
      case kinds.error:
        return this.#outgoingCall(frame.id)?.error(frame, readError(frame));
      case kinds.item:
        return this.#isOurs(frame.id)
          ? this.#outgoingCall(frame.id)?.items(frame.values)
          : this.#incomingCall(frame.id)?.items(frame.values);
      case kinds.end:
        return this.#isOurs(frame.id) ? this.#outgoingCall(frame.id)?.end() : this.#incomingCall(frame.id)?.inputEnded();
      case kinds.credit:
        return this.#isOurs(frame.id)
          ? this.#outgoingCall(frame.id)?.credit(frame.total)
          : this.#incomingCall(frame.id)?.credit(frame.total);
      case kinds.cancel:
        return this.#incomingCall(frame.id)?.cancelled(new FarcallError(frame.code, "the caller wants no answer any more"));
      case kinds.method:
        return this.#learn(frame);
      default:
        throw new ProtocolError(`a frame of kind ${frame.kind} has no place here`);
    }
  }

  // For the calls.

  sendStream(owner: SendStreamOwner, idleMs: number): SendStream {
    const { clock, wheel } = this.#options;
    return new SendStream({ window: this.peer.streamWindowBytes, idleMs, owner, clock, wheel });
  }

  sendItem(id: number, value: Encoded): number {
    const writer = this.#link.outbox.item(id, value.end - value.start);
    writer.raw(value.bytes, value.start, value.end);
    this.#link.outbox.wrote();
    return value.end - value.start + fixedLimits.itemOverheadBytes;
  }

  sendResult(id: number, value: Encoded): void {
    const writer = this.#link.outbox.frame(16 + value.end - value.start);
    writer.byte(0x93);
    writer.byte(kinds.result);
    writer.uint(id);
    writer.raw(value.bytes, value.start, value.end);
    this.#link.outbox.wrote();
  }

  sendEnd(id: number): void {
    const writer = this.#link.outbox.frame(16);
    writer.byte(0x92);
    writer.byte(kinds.end);
    writer.uint(id);
    this.#link.outbox.wrote();
  }

  sendCancel(id: number, code: Code): void {
    const writer = this.#link.outbox.frame(16);
    writer.byte(0x93);
    writer.byte(kinds.cancel);
    writer.uint(id);
    writer.uint(codes[code]);
    this.#link.outbox.wrote();
  }

  sendCredit(id: number, total: number): void {
    const writer = this.#link.outbox.urgent(24);
    writer.byte(0x93);
    writer.byte(kinds.credit);
    writer.uint(id);
    writer.uint(total);
    this.#link.outbox.wrote();
  }

  sendError(id: number, error: FarcallError): void {
    const message = clip(error.message, fixedLimits.errorMessageBytes);
    const head = encodeErrorHead(error, this.peer.maxMessageBytes);
    const writer = this.#link.outbox.frame(32 + message.length * 3 + (head?.length ?? 0));
    writer.byte(0x96);
    writer.byte(kinds.error);
    writer.uint(id);
    writer.uint(codes[error.code]);
    writer.uint(executedToNumber(error.executed));
    writer.string(message);
    if (head === undefined) writer.byte(0xc0);
    else writer.raw(head, 0, head.length);
    this.#link.outbox.wrote();
  }

  /** An outgoing call has settled. */
  forget(call: OutgoingCall): void {
    if (!this.#outgoing.delete(call.id)) return;
    if (this.#outgoing.size === 0) this.#options.waiting?.(false);
    this.#options.released?.();
  }

  /** An incoming call sends nothing more. */
  forgetIncoming(call: IncomingCall): void {
    this.#incoming.delete(call.id);
  }

  /** A handler has returned. */
  released(): void {
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
    if (this.#refusing) return this.sendError(id, new FarcallError("UNAVAILABLE", "the server is leaving", { executed: "no" }));
    this.#lastIncomingId = id;
    if (acceptor === undefined || method === undefined) {
      return this.sendError(
        id,
        new FarcallError("UNIMPLEMENTED", "this server has no such service or method", { executed: "no" }),
      );
    }
    if (this.#running >= this.#options.limits.maxCalls) {
      const message = `more than ${this.#options.limits.maxCalls} calls at once on one connection`;
      return this.sendError(id, new FarcallError("RESOURCE_EXHAUSTED", message, { executed: "no" }));
    }
    let metadata = Metadata.empty;
    try {
      if (frame.head !== undefined) metadata = readMetadata(decode(frame.head.bytes, frame.head.start, frame.head.end));
    } catch (error) {
      const message = `the head of the call: ${error instanceof Error ? error.message : "cannot be decoded"}`;
      return this.sendError(
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
    let args: unknown[];
    try {
      args = call.readArgs(frame.args);
    } catch (error) {
      call.answerError(error as FarcallError);
      return;
    }
    this.#running++;
    acceptor.run(call, args);
  }

  #learn(frame: MethodFrame): void {
    if (frame.number !== this.#peerMethods.length || frame.number >= fixedLimits.methods) {
      throw new ProtocolError(`method number ${frame.number} out of sequence`);
    }
    this.#peerMethods.push(this.#options.acceptor?.resolve(frame.service, frame.method));
  }

  #number(method: MethodRef): number {
    const known = this.#numbers.get(method);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(method, number);
    const { fingerprint } = method.descriptor;
    const writer = this.#link.outbox.frame(48 + (method.service.length + method.name.length + fingerprint.length) * 3);
    writer.byte(0x95);
    writer.byte(kinds.method);
    writer.uint(number);
    writer.string(method.service);
    writer.string(method.name);
    writer.string(fingerprint);
    return number;
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

function readError(frame: ErrorFrame): FarcallError {
  const options: { -readonly [K in keyof FarcallErrorOptions]: FarcallErrorOptions[K] } = { executed: frame.executed };
  if (frame.head !== undefined) {
    try {
      const head = decode(frame.head.bytes, frame.head.start, frame.head.end) as Record<string, unknown>;
      const entries = new Map(Object.entries(head));
      const reason = entries.get("reason");
      if (isReason(reason)) options.reason = reason;
      if (entries.has("details")) options.details = entries.get("details");
      const retryAfterMs = entries.get("retryAfterMs");
      if (typeof retryAfterMs === "number" && retryAfterMs >= 0) options.retryAfterMs = retryAfterMs;
    } catch {
      // An error whose details cannot be read is still an error.
    }
  }
  return new FarcallError(frame.code, frame.message, options);
}

function encodeErrorHead(error: FarcallError, maxMessageBytes: number): Uint8Array | undefined {
  const { reason, details, retryAfterMs } = error;
  if (reason === undefined && details === undefined && retryAfterMs === undefined) return undefined;
  const head: { reason?: string; retryAfterMs?: number } = {};
  if (reason !== undefined) head.reason = reason;
  if (retryAfterMs !== undefined) head.retryAfterMs = retryAfterMs;
  if (details === undefined) return copyEncoded(encode(head));
  try {
    const whole = encode({ ...head, details });
    if (whole.end - whole.start <= maxMessageBytes) return copyEncoded(whole);
  } catch {
    // Details that cannot travel are left out; the error itself must arrive.
  }
  return copyEncoded(encode(head));
}

/** At most `maxBytes` of UTF-8, cut between characters. */
function clip(text: string, maxBytes: number): string {
  const most = Math.floor(maxBytes / 3);
  return text.length <= most ? text : `${text.slice(0, most - 1).toWellFormed()}…`;
}
