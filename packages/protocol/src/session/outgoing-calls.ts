import type { Encoded } from "../codec.js";
import { FarcallError, withExecuted } from "../error.js";
import { fixedLimits } from "../limits.js";
import type { Outbox } from "../outbox.js";
import { CallTable } from "./call-table.js";
import { announcement, type FrameSender, ownEncoded } from "./frame-sender.js";
import type { OutgoingCall } from "./outgoing-call.js";
import type { Session } from "./session.js";

export interface OutgoingCallsOptions {
  readonly session: Session;
  readonly frames: FrameSender;
  readonly outbox: Outbox;
  /** The id before the first one; ids go up in steps of two. */
  readonly beforeFirstId: number;
  /** The number of calls has gone from none to some, or back. */
  readonly waiting: (some: boolean) => void;
  /** The number of those that wait for one result has gone from none to some, or back. */
  readonly awaiting: (some: boolean) => void;
}

/** The calls of this side on one session: gives them ids, sends them, and knows which have no answer yet. */
export class OutgoingCalls {
  readonly #options: OutgoingCallsOptions;
  readonly #calls = new CallTable<OutgoingCall>();
  #lastId: number;
  /** Those that wait for one result. */
  #results = 0;
  /** Large calls that wait for a place among the transfers, and how each stops waiting. */
  readonly #opening = new Map<OutgoingCall, () => void>();

  constructor(options: OutgoingCallsOptions) {
    this.#options = options;
    this.#lastId = options.beforeFirstId;
  }

  /** Calls that have an id and no answer yet. */
  get size(): number {
    return this.#calls.size;
  }

  /** The same, and those that wait for a place. */
  get places(): number {
    return this.#calls.size + this.#opening.size;
  }

  /** Whether any waits for its one result. */
  get isAwaiting(): boolean {
    return this.#results > 0;
  }

  get lastId(): number {
    return this.#lastId;
  }

  get(id: number): OutgoingCall | undefined {
    return this.#calls.get(id);
  }

  /** Sends a call. `args` are encoded and within the peer's limit. */
  open(call: OutgoingCall, args: Encoded): void {
    const { frames, outbox } = this.#options;
    if (!frames.canName(call.method)) {
      const message = `more than ${fixedLimits.methods} methods on one connection`;
      return call.fail(new FarcallError("RESOURCE_EXHAUSTED", message, { executed: "no" }));
    }
    // With its head: both may be as large as a batch, and then would not fit one message of the socket together.
    if (args.end - args.start + (call.head?.length ?? 0) <= fixedLimits.chunkBytes) return this.#open(call, args);
    const { bulk } = outbox;
    if (bulk.hasRoom) return this.#openLarge(call, args);
    // It gets its id when its turn comes: ids go out in order.
    const kept = ownEncoded(args);
    const stopWaiting = bulk.wait(undefined, kept.end, () => {
      this.#opening.delete(call);
      this.#openLarge(call, kept);
    });
    this.#opening.set(call, stopWaiting);
    call.waitsOn(this.#options.session);
  }

  /** The call has ended. @returns whether it was here. */
  delete(call: OutgoingCall): boolean {
    if (!this.#calls.delete(call.id)) return false;
    if (call.output === undefined && --this.#results === 0) this.#options.awaiting(false);
    if (this.#calls.size === 0) this.#options.waiting(false);
    return true;
  }

  /** The call waits for a place no more: nothing of it is kept. @returns whether it did. */
  withdraw(call: OutgoingCall): boolean {
    this.#opening.get(call)?.();
    return this.#opening.delete(call);
  }

  /** Calls that still wait here for a place among the large ones are given back: they have not left. */
  giveBackUnsent(error: FarcallError): void {
    for (const call of Array.from(this.#opening.keys())) {
      this.withdraw(call);
      call.attemptFailed(withExecuted(error, "no"));
    }
  }

  /** The peer has accepted no call above `lastId`, and will not: these have not run. */
  refusedAbove(lastId: number, error: FarcallError): void {
    for (const call of this.#calls.values()) if (call.id > lastId) call.attemptFailed(withExecuted(error, "no"));
    this.giveBackUnsent(error);
  }

  /** The link is gone. */
  end(error: FarcallError): void {
    const { outbox } = this.#options;
    for (const call of this.#calls.values()) call.lost(error, outbox.wasHandedOver(call.position));
    this.giveBackUnsent(error);
  }

  #open(call: OutgoingCall, args: Encoded): void {
    this.#enter(call);
    call.position = this.#options.outbox.position;
    this.#options.frames.call(call, args);
    call.sentOn(this.#options.session);
    call.argsSent();
  }

  #openLarge(call: OutgoingCall, args: Encoded): void {
    const { frames, outbox, session } = this.#options;
    this.#enter(call);
    call.position = outbox.position;
    frames.call(call, announcement(args));
    call.sentOn(session);
    outbox.bulk.begin(call.id, args, () => call.argsSent());
    outbox.wrote();
  }

  /** Gives the call its id and its place. */
  #enter(call: OutgoingCall): void {
    const id = this.#calls.nextId(this.#lastId);
    this.#lastId = id;
    call.id = id;
    this.#calls.add(call);
    if (this.#calls.size === 1) this.#options.waiting(true);
    if (call.output === undefined && this.#results++ === 0) this.#options.awaiting(true);
  }
}
