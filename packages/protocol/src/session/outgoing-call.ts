import { ProtocolError } from "../close-code.js";
import { type Code, type Executed, worst } from "../code.js";
import type { WheelEntry } from "../deadline-wheel.js";
import { revive } from "../declared-error.js";
import { errorOfCall, FarcallError, withExecuted } from "../error.js";
import { type ErrorFrame, kinds, type Payload } from "../frame.js";
import { fixedLimits } from "../limits.js";
import type { Metadata } from "../metadata.js";
import { misfitOf, readValue } from "../values.js";
import { listenForAbort } from "./abort-listeners.js";
import { CallInput, letGo } from "./call-input.js";
import type { CallOwner, OutgoingCallOptions } from "./call-owner.js";
import type { TableEntry } from "./call-table.js";
import type { MethodRef } from "./method-ref.js";
import { ReceiveStream, type ReceiveStreamOwner } from "./receive-stream.js";
import type { Session } from "./session.js";

const none: (() => void)[] = [];

/**
 * One call, seen by its caller: `waiting` (for a connection) → `sent` → `done`. A failed attempt leads from `sent` back to
 * `waiting` when its owner sends it again. Done is absorbing: whatever comes first (answer, error, deadline, abort, loss)
 * settles the call, once; everything later is ignored.
 */
export class OutgoingCall implements TableEntry, WheelEntry, ReceiveStreamOwner {
  id = 0;
  /** Where its frame stands among those that were written on its connection. */
  position = 0;
  expiresAt: number;
  wheelPrevious: WheelEntry | undefined;
  wheelNext: WheelEntry | undefined;
  readonly method: MethodRef;
  /** Encoded head of the call frame, when there is one. */
  head: Uint8Array | undefined;
  /** The moment when the caller stops waiting; `Infinity` for never. */
  deadline: number;
  /** The stream of answers, for methods that answer with one. */
  readonly output: ReceiveStream | undefined;
  readonly #options: OutgoingCallOptions;
  #state: "waiting" | "sent" | "done" = "waiting";
  #session: Session | undefined;
  /** Where it waits for a place. */
  #queue: Session | undefined;
  /** The handler has run: its result, or an item of its stream, has begun to come. */
  #answered = false;
  #timeoutMs: number;
  #input: CallInput | undefined;
  #listening: (() => void)[] = none;
  #headersSeen = false;
  #trailersSeen = false;
  /** The worst that is known of earlier attempts. */
  #earlier: Executed = "no";
  /** An earlier attempt was handed to a connection. */
  #wasSent = false;
  /** The attempt that runs beside this one. */
  #rival: OutgoingCall | undefined;
  /** Set before the call is sent. */
  owner: CallOwner | undefined;

  constructor(options: OutgoingCallOptions) {
    this.#options = options;
    this.method = options.method;
    this.head = options.head;
    this.deadline = options.deadline;
    this.expiresAt = Math.min(
      options.deadline,
      options.slowMs === Number.POSITIVE_INFINITY ? options.deadline : options.now + options.slowMs,
    );
    this.#timeoutMs = options.timeoutMs;
    const { kind } = options.method.descriptor;
    this.output =
      kind === "server-stream" || kind === "bidi-stream"
        ? new ReceiveStream(options.windowBytes, this, () => options.wheel.now())
        : undefined;
    if (this.expiresAt !== Number.POSITIVE_INFINITY) options.wheel.add(this);
    for (const signal of options.signals) this.#listen(signal);
  }

  get isDone(): boolean {
    return this.#state === "done";
  }

  /** What is known about the handler if the call ended now. */
  get executed(): Executed {
    return worst(this.#attemptExecuted, this.#executedElsewhere);
  }

  get #executedElsewhere(): Executed {
    return worst(this.#earlier, this.#rival?.executed ?? "no");
  }

  get #attemptExecuted(): Executed {
    return this.#state === "waiting" ? "no" : this.#answered ? "yes" : "unknown";
  }

  /** Anything of an answer has come. Metadata says nothing of the handler: whoever refuses a call before it may send some. */
  get isAnswered(): boolean {
    return this.#answered || this.#headersSeen || this.#trailersSeen;
  }

  /** It waits for a place among the large calls of `session`. */
  waitsOn(session: Session): void {
    this.#queue = session;
  }

  /** The call frame has been written to `session`. */
  sentOn(session: Session): void {
    this.#state = "sent";
    this.#session = session;
    this.#queue = undefined;
  }

  /** Nothing of the arguments is left here: the stream of the caller may follow. */
  argsSent(): void {
    const { source, streamIdleMs } = this.#options;
    if (source === undefined || this.#state !== "sent") return;
    this.#input = new CallInput(this, this.#session as Session, streamIdleMs);
    this.#input.run(source);
  }

  // From the wire.

  /** An answer, or the beginning of a large one, has come: the handler has run. */
  answering(): void {
    this.#answered = true;
  }

  metadata(kind: typeof kinds.headers | typeof kinds.trailers, metadata: Metadata): void {
    const isHeaders = kind === kinds.headers;
    if (isHeaders ? this.isAnswered : this.#trailersSeen) {
      throw new ProtocolError(`${isHeaders ? "headers" : "trailers"} of call ${this.id} out of place`);
    }
    if (isHeaders) this.#headersSeen = true;
    else this.#trailersSeen = true;
    this.#tell(isHeaders ? this.#options.onHeaders : this.#options.onTrailers, metadata);
  }

  #tell(listener: ((metadata: Metadata) => void) | undefined, metadata: Metadata): void {
    try {
      listener?.(metadata);
    } catch (error) {
      this.#options.report(error);
    }
  }

  result(value: Payload): void {
    if (this.output !== undefined) return this.#broken("a result where a stream was expected");
    let decoded: unknown;
    try {
      decoded = readValue(this.#options.answer, value);
    } catch (error) {
      return this.#broken(`the result does not fit the contract: ${misfitOf(error)}`);
    }
    this.#resolve(decoded);
  }

  /** Settles with a result that came another way. An attempt that is still out is called off. */
  resolve(value: unknown): void {
    if (this.#state === "done") return;
    this.#session?.frames.cancel(this.id, "CANCELLED");
    this.#resolve(value);
  }

  #resolve(value: unknown): void {
    this.#finish();
    this.#options.resolve?.(value);
  }

  /** Whether an item may come now. @throws ProtocolError when it is beyond the credit. */
  admitsItem(_cost: number): boolean {
    this.#answered = true;
    if (this.#trailersSeen) throw new ProtocolError(`items of call ${this.id} after its trailers`);
    if (this.output?.exhausted === true) throw new ProtocolError(`items beyond the credit of call ${this.id}`);
    return true;
  }

  item(value: Payload): void {
    const { output } = this;
    if (output === undefined) return this.#broken("a stream where a result was expected");
    let decoded: unknown;
    try {
      decoded = readValue(this.#options.answer, value);
    } catch (error) {
      return this.#broken(`an item does not fit the contract: ${misfitOf(error)}`);
    }
    output.push(decoded, value.end - value.start + fixedLimits.itemOverheadBytes);
  }

  /** An answer that this side will not take. */
  refuse(error: FarcallError): void {
    if (this.#state === "done") return;
    this.#session?.frames.cancel(this.id, "CANCELLED");
    this.fail(error);
  }

  end(): void {
    if (this.output === undefined) return this.#broken("an end without a result");
    this.#finish();
    this.output.end();
  }

  error(frame: ErrorFrame, given: FarcallError): void {
    // The callee has no name for what it does not know; here it has one.
    const isNameless = frame.code === "UNIMPLEMENTED" && frame.executed === "no";
    const error = isNameless ? new FarcallError(frame.code, `${this.name}: ${given.message}`, given) : given;
    // A refusal says "no"; anything after an answer has run, whatever the frame says.
    this.attemptFailed(this.#answered && frame.executed !== "yes" ? withExecuted(error, "yes") : error);
  }

  /** The connection of this attempt is gone. What was not handed over to the network before that has never left. */
  lost(error: FarcallError, wasHandedOver: boolean): void {
    if (!wasHandedOver && this.#state === "sent") this.#state = "waiting";
    this.attemptFailed(withExecuted(error, this.#attemptExecuted));
  }

  /**
   * Another attempt that may run beside this one: same method, same deadline, an outcome of its own. Response metadata is
   * kept until it wins, and left out where this one has told its own. When it fails, `rivalFailed` must follow.
   */
  rival(own: Pick<OutgoingCallOptions, "head" | "resolve" | "reject">): OutgoingCall {
    const { onHeaders, onTrailers } = this.#options;
    let headers: Metadata | undefined;
    let trailers: Metadata | undefined;
    this.#rival = new OutgoingCall({
      ...this.#options,
      ...own,
      deadline: this.deadline,
      slowMs: Number.POSITIVE_INFINITY,
      signals: [],
      onHeaders: (metadata) => {
        headers = metadata;
      },
      onTrailers: (metadata) => {
        trailers = metadata;
      },
      resolve: (value) => {
        if (headers !== undefined && !this.#headersSeen) this.#tell(onHeaders, headers);
        if (trailers !== undefined && !this.#trailersSeen) this.#tell(onTrailers, trailers);
        own.resolve?.(value);
      },
    });
    return this.#rival;
  }

  /** The attempt beside this one has failed: what is known of its handler counts for both. */
  rivalFailed(executed: Executed): void {
    this.#rival = undefined;
    this.#earlier = worst(this.#earlier, executed);
  }

  /** This attempt is over: its connection is gone, or the callee has refused or failed it. */
  attemptFailed(error: FarcallError): void {
    if (this.#state === "done") return;
    const { owner } = this;
    if (owner === undefined) return this.fail(error);
    const wasSent = this.#state === "sent";
    this.#wasSent ||= wasSent;
    const isCommitted = this.isAnswered || this.#input !== undefined;
    const session = this.#session;
    // First: to be forgotten ends a transfer of arguments, and the stream of the caller must not follow that.
    this.#state = "waiting";
    this.#session = undefined;
    session?.forget(this);
    this.#answered = false;
    this.#earlier = worst(this.#earlier, error.executed);
    owner.attemptFailed(this, { error, wasSent, isCommitted });
  }

  credit(total: number): void {
    this.#input?.grant(total);
  }

  // From the caller's side.

  expired(): void {
    const { slowMs, wheel } = this.#options;
    if (this.expiresAt < this.deadline) {
      this.expiresAt = Math.min(this.deadline, wheel.now() + slowMs);
      wheel.add(this);
      this.owner?.slow(this);
      return;
    }
    const why = this.#state === "waiting" ? this.owner?.whyWaiting() : undefined;
    const waited = why === undefined ? "" : ` and was ${this.#wasSent ? "not sent again" : "never sent"}: ${why.message}`;
    const took = this.#timeoutMs > 0 ? `took longer than ${Math.ceil(this.#timeoutMs)} ms` : "had no time left when it began";
    this.#stop("DEADLINE_EXCEEDED", `${this.name} ${took}${waited}`, why);
  }

  /** The caller wants no answer any more. */
  cancel(message: string, cause?: unknown): void {
    this.#stop("CANCELLED", message, cause);
  }

  /** Settles with an error; nothing is sent. */
  fail(error: FarcallError): void {
    if (this.#state === "done") return;
    const executed = worst(error.executed, this.#executedElsewhere);
    const told = errorOfCall(revive(withExecuted(error, executed), this.method.descriptor.errors), executed);
    this.#finish(told);
    if (this.output !== undefined) this.output.fail(told);
    else this.#options.reject?.(told);
  }

  // Of its streams.

  grant(total: number): void {
    this.#session?.frames.credit(this.id, total);
  }

  abandoned(): void {
    this.cancel(`${this.name}: the consumer stopped reading`);
  }

  /** The stream of arguments is over, and its result due. */
  inputEnded(): void {
    if (this.output !== undefined || this.deadline !== Number.POSITIVE_INFINITY || this.#state === "done") return;
    const { resultTimeoutMs, wheel } = this.#options;
    if (resultTimeoutMs === Number.POSITIVE_INFINITY) return;
    this.#timeoutMs = resultTimeoutMs;
    this.deadline = wheel.now() + resultTimeoutMs;
    this.expiresAt = this.deadline;
    wheel.remove(this);
    wheel.add(this);
  }

  #stop(code: Code & ("CANCELLED" | "DEADLINE_EXCEEDED"), message: string, cause?: unknown): void {
    if (this.#state === "done") return;
    const error = new FarcallError(code, message, { executed: this.executed, cause });
    this.#session?.frames.cancel(this.id, code);
    this.fail(error);
  }

  /** The callee answered in a way this method does not allow. The connection goes on. */
  #broken(what: string): void {
    if (this.#state === "done") return;
    this.#session?.frames.cancel(this.id, "CANCELLED");
    this.fail(new FarcallError("INTERNAL", `${this.name}: ${what}`, { executed: "yes" }));
  }

  #finish(error?: FarcallError): void {
    this.#state = "done";
    this.#options.wheel.remove(this);
    for (const stop of this.#listening) stop();
    this.#session?.forget(this);
    this.#queue?.withdraw(this);
    this.#input?.stop();
    if (this.#input === undefined && this.#options.source !== undefined) letGo(this.#options.source);
    this.owner?.settled(this, error);
  }

  #listen(signal: AbortSignal): void {
    const onAbort = (): void => this.cancel(`${this.name} was aborted`, signal.reason);
    this.#listening = [...this.#listening, listenForAbort(signal, onAbort)];
  }

  /** Service and method, for messages. */
  get name(): string {
    return `${this.method.service}.${this.method.name}`;
  }
}
