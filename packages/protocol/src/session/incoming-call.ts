import { ProtocolError } from "../close-code.js";
import type { DeadlineWheel, WheelEntry } from "../deadline-wheel.js";
import { type ErrorContent, FarcallError, withExecuted } from "../error.js";
import { kinds, type Payload } from "../frame.js";
import { fixedLimits } from "../limits.js";
import { flattenMetadata, Metadata, type MetadataValue } from "../metadata.js";
import type { Schema } from "../schema/schema.js";
import { outputOf } from "../service.js";
import { assertSendable, readArgs, readValue, ShapeError, writeValue } from "../values.js";
import { AbortSource } from "./abort-source.js";
import type { TableEntry } from "./call-table.js";
import type { MethodRef } from "./method-ref.js";
import { ReceiveStream, type ReceiveStreamOwner } from "./receive-stream.js";
import type { SendStream, SendStreamOwner } from "./send-stream.js";
import type { Session } from "./session.js";

/** What an incoming call reports to whoever runs its handler. */
export interface IncomingCallEvents {
  /** Something threw that must not reach the peer; returns the opaque error that does. */
  redact(call: IncomingCall, thrown: unknown): FarcallError;
}

/**
 * One call, seen by its callee: `running` → `answered` (the final frame is out, or must not go out any more) → finished,
 * when the handler has really returned. Cancel, deadline and loss of the connection abort it; the first reason stays.
 */
export class IncomingCall implements TableEntry, WheelEntry, SendStreamOwner, ReceiveStreamOwner {
  readonly id: number;
  expiresAt: number;
  wheelPrevious: WheelEntry | undefined;
  wheelNext: WheelEntry | undefined;
  readonly method: MethodRef;
  readonly metadata: Metadata;
  /** Earlier attempts of the same call. */
  readonly attempt: number;
  readonly session: Session;
  /** What the caller streams, for `client-stream` and `bidi-stream`. */
  readonly input: ReceiveStream | undefined;
  readonly abort = new AbortSource();
  /** Its handler was started, and will say when it has returned. */
  started = false;
  /** Its place among the calls of the peer is free again. */
  isReleased = false;
  /** User code has been called. */
  entered = false;
  readonly #wheel: DeadlineWheel;
  readonly #events: IncomingCallEvents;
  #answered = false;
  /** What the arguments ask for. */
  #answer: Schema;
  #output: SendStream | undefined;
  #credit: number | undefined;
  #headersSent = false;
  #headers: Metadata | undefined;
  #trailers: Metadata | undefined;

  constructor(options: {
    id: number;
    method: MethodRef;
    metadata: Metadata;
    attempt: number;
    session: Session;
    deadline: number;
    windowBytes: number;
    wheel: DeadlineWheel;
    events: IncomingCallEvents;
  }) {
    this.id = options.id;
    this.method = options.method;
    this.metadata = options.metadata;
    this.attempt = options.attempt;
    this.session = options.session;
    this.expiresAt = options.deadline;
    this.#wheel = options.wheel;
    this.#events = options.events;
    const { kind, output } = options.method.descriptor;
    this.#answer = output;
    this.input =
      kind === "client-stream" || kind === "bidi-stream"
        ? new ReceiveStream(options.windowBytes, this, () => options.wheel.now())
        : undefined;
    if (options.deadline !== Number.POSITIVE_INFINITY) options.wheel.add(this);
  }

  /**
   * The declared parameters without the stream: checked, surplus dropped, padded with `undefined`. Nothing when they do
   * not fit: the caller has been told.
   */
  readArgs(args: Payload): unknown[] | undefined {
    const { descriptor } = this.method;
    let values: unknown[];
    try {
      values = readArgs(descriptor.args, args);
    } catch (error) {
      this.answerError({ code: "INVALID_ARGUMENT", message: `${this.#name()}: ${messageOf(error)}`, executed: "no" });
      return undefined;
    }
    this.#answer = outputOf(descriptor, values);
    const { params, stream, signal } = descriptor;
    const count = params - (stream === undefined ? 0 : 1) - (signal !== undefined && signal.property === undefined ? 1 : 0);
    if (values.length !== count) values.length = count;
    return values;
  }

  // From the wire.

  /** Nothing more goes out for this call. */
  get isDone(): boolean {
    return this.#answered;
  }

  /** Whether an item may come now; the handler may have stopped reading. @throws ProtocolError when none has business here. */
  admitsItem(cost: number): boolean {
    const { input } = this;
    if (input === undefined) throw new ProtocolError(`items for call ${this.id}, which takes no stream`);
    if (input.finished) {
      input.discard(cost);
      return false;
    }
    if (input.exhausted) throw new ProtocolError(`items beyond the credit of call ${this.id}`);
    return true;
  }

  item(value: Payload): void {
    let decoded: unknown;
    try {
      decoded = readValue(this.method.descriptor.input as NonNullable<typeof this.method.descriptor.input>, value);
    } catch (error) {
      return this.refuse(new FarcallError("INVALID_ARGUMENT", `${this.#name()}: an item of the stream: ${messageOf(error)}`));
    }
    this.input?.push(decoded, value.end - value.start + fixedLimits.itemOverheadBytes);
  }

  /** Something of the caller that this side will not take ends the call. */
  refuse(error: FarcallError): void {
    const told = withExecuted(error, this.entered ? "yes" : "no");
    this.answerError(told);
    this.#stop(told);
  }

  inputEnded(): void {
    if (this.input === undefined) throw new ProtocolError(`an end for call ${this.id}, which takes no stream`);
    this.input.end();
  }

  credit(total: number): void {
    if (this.#output !== undefined) this.#output.grant(total);
    else this.#credit = Math.max(total, this.#credit ?? 0);
  }

  cancelled(error: FarcallError): void {
    this.#close();
    this.#stop(error);
  }

  expired(): void {
    const executed = this.entered ? "yes" : "no";
    const error = new FarcallError("DEADLINE_EXCEEDED", `${this.#name()}: the deadline has passed`, { executed });
    this.answerError(error);
    this.#stop(error);
  }

  // From the handler.

  setHeader(key: string, value: MetadataValue): void {
    if (this.#headersSent) throw new TypeError(`${this.#name()}: setHeader after the first answer; use setTrailer`);
    this.#headers = withPair(this.#headers, key, value);
  }

  setTrailer(key: string, value: MetadataValue): void {
    this.#trailers = withPair(this.#trailers, key, value);
  }

  answer(value: unknown): void {
    if (this.#answered) return;
    // Metadata first: the next value that is encoded takes the place of the one before.
    this.#sendHeaders();
    this.#sendTrailers();
    try {
      const encoded = writeValue(this.#answer, value);
      assertSendable(encoded, this.session.peer.maxMessageBytes, `${this.#name()}: the result`, "yes");
      this.#close();
      this.session.sendResult(this.id, encoded);
    } catch (error) {
      this.answerError(this.#refuse("the result", error));
    }
  }

  /** Sends everything `source` yields, then the end. Settles when the source has been let go. */
  async answerStream(source: AsyncIterable<unknown>, idleMs: number): Promise<void> {
    this.#output = this.session.sendStream(this, idleMs);
    if (this.#credit !== undefined) this.#output.grant(this.#credit);
    if (this.abort.reason !== undefined) this.#output.stop();
    await this.#output.run(source);
  }

  answerError(error: ErrorContent): void {
    if (this.#answered) return;
    this.#sendHeaders();
    this.#sendTrailers();
    this.#close();
    this.session.sendError(this.id, error);
  }

  /** The handler has returned, whatever happened on the wire: the slot is free. */
  finished(): void {
    this.#close();
    this.input?.end();
    this.session.released(this);
  }

  // Of its streams.

  grant(total: number): void {
    if (!this.#answered) this.session.frames.credit(this.id, total);
  }

  abandoned(): void {
    // The handler reads no more but goes on; what still arrives is dropped, and credited, so that the caller can end.
  }

  sendItem(value: unknown): number {
    this.#sendHeaders();
    try {
      const encoded = writeValue(this.#answer, value);
      assertSendable(encoded, this.session.peer.maxMessageBytes, `${this.#name()}: an item`, "yes");
      return this.session.sendItem(this.id, encoded, this.#output as SendStream);
    } catch (error) {
      throw this.#refuse("an item", error);
    }
  }

  sourceEnded(): void {
    if (this.#answered) return;
    this.#sendHeaders();
    this.#sendTrailers();
    this.#close();
    this.session.sendEnd(this.id);
  }

  sourceFailed(thrown: unknown): void {
    if (this.#answered) return;
    const ours = FarcallError.from(thrown);
    const error = ours === undefined ? this.#events.redact(this, thrown) : withExecuted(ours, "yes");
    this.answerError(error);
    this.#stop(error);
  }

  stalled(idleMs: number): FarcallError {
    return new FarcallError("DEADLINE_EXCEEDED", `${this.#name()}: the caller took nothing from the stream for ${idleMs} ms`);
  }

  #sendHeaders(): void {
    if (this.#headersSent) return;
    this.#headersSent = true;
    if (this.#headers !== undefined) this.session.frames.metadata(kinds.headers, this.id, this.#headers);
  }

  #sendTrailers(): void {
    const trailers = this.#trailers;
    this.#trailers = undefined;
    if (trailers !== undefined) this.session.frames.metadata(kinds.trailers, this.id, trailers);
  }

  /** A value of the handler that cannot go out: the caller learns that, our log learns why. */
  #refuse(what: string, error: unknown): FarcallError {
    const ours = FarcallError.from(error);
    // A getter of the value may pass on the error of another call; the handler has run, whatever that one says.
    if (ours !== undefined) return withExecuted(ours, "yes");
    return this.#events.redact(
      this,
      new TypeError(`${this.#name()}: ${what} does not fit the contract: ${messageOf(error)}`, { cause: error }),
    );
  }

  /** From here on nothing is sent for this call. */
  #close(): void {
    if (this.#answered) return;
    this.#answered = true;
    this.#wheel.remove(this);
    this.session.forgetIncoming(this);
  }

  #stop(error: FarcallError): void {
    this.abort.abort(error);
    this.input?.fail(error);
    this.#output?.stop();
  }

  #name(): string {
    return `${this.method.service}.${this.method.name}`;
  }
}

/** @throws TypeError for a bad key or value, FarcallError beyond the limits: to the handler, where it can be seen. */
function withPair(metadata: Metadata | undefined, key: string, value: MetadataValue): Metadata {
  const longer = Metadata.from([...(metadata ?? []), [key, value]]);
  flattenMetadata(longer);
  return longer;
}

function messageOf(error: unknown): string {
  return error instanceof ShapeError ? error.message : "the value threw while it was read";
}
