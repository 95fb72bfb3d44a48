import {
  type Capability,
  type Clock,
  type CloseInfo,
  closeCodes,
  type DrainFrame,
  type FarcallError,
  type Frame,
  kinds,
  type Link,
  type Load,
  ProtocolError,
  type Session,
  sendDrain,
  sendGoodbye,
  speaks,
  type Welcome,
} from "@farcall/protocol";

/** What the owner of a welcomed socket hears. */
export interface LiveOwner {
  /** The server takes no more calls above `lastCallId` on this socket. */
  goodbye(live: Live, lastCallId: number, reason: string): void;
  /** The server leaves in two phases, and this is one. */
  draining(live: Live, frame: DrainFrame): void;
  /** Which services are well there has changed. */
  healthChanged(live: Live): void;
  /** The server does not answer (`true`), or has been heard again. */
  suspect(live: Live, isSuspect: boolean): void;
  /** What the server says of its load. */
  reported(live: Live, load: Load): void;
  /** There may be room for a call. */
  released(live: Live): void;
  /** The socket is gone. */
  closed(live: Live, info: CloseInfo): void;
}

export interface LiveOptions {
  readonly link: Link;
  readonly session: Session;
  readonly welcome: Welcome;
  readonly clock: Clock;
  readonly owner: LiveOwner;
}

/** A connection silent for longer than this is asked for a sign of life before a call is put on it. */
const unverifiedMs = 10_000;
/** More services that are not well than this are a mistake of the server, or worse. */
const mostUnwell = 4096;

/** A welcomed socket and what runs on it. */
export class Live {
  readonly link: Link;
  readonly session: Session;
  readonly welcome: Welcome;
  readonly #clock: Clock;
  /** When it was welcomed. */
  readonly #since: number;
  readonly #owner: LiveOwner;
  /** How far the server has come in leaving: 0 not at all, 1 asked for the last call, 2 has said what it accepted. */
  #drainPhase: 0 | 1 | 2 = 0;
  /** Wire names of what the server does not serve now; the empty name is all of it. */
  readonly #unwell = new Set<string>();
  /** A sign of life has been asked for, and calls wait for it. */
  #isVerifying = false;
  /** Nothing new comes here: when the last call has ended, we hang up with this. */
  #hangUpCause: FarcallError | undefined;

  constructor(options: LiveOptions) {
    this.link = options.link;
    this.session = options.session;
    this.welcome = options.welcome;
    this.#clock = options.clock;
    this.#since = options.clock.now();
    this.#owner = options.owner;
  }

  /** How long ago it was welcomed, in milliseconds. */
  get ageMs(): number {
    return this.#clock.now() - this.#since;
  }

  /** Whether the server has said which of our calls it accepted. */
  get hasLastCall(): boolean {
    return this.#drainPhase === 2;
  }

  /** Whether the server owes us a sign of life soon. */
  get isWaiting(): boolean {
    return this.#isVerifying || this.session.isAwaiting;
  }

  /**
   * Whether the server was heard not long ago. An idle connection may have died unnoticed: it is asked for a sign of life,
   * and `released` says when it has come.
   */
  get isVerified(): boolean {
    if (this.session.isAwaiting) return true;
    if (this.#isVerifying) return false;
    if (this.link.silenceMs < unverifiedMs) return true;
    this.#isVerifying = true;
    this.link.expect(true);
    this.link.ask();
    return false;
  }

  isWell(service: string): boolean {
    return this.#unwell.size === 0 || (!this.#unwell.has("") && !this.#unwell.has(service));
  }

  // From the link.

  /** @throws ProtocolError */
  receive(frame: Frame): void {
    if (frame.kind === kinds.goodbye) this.#owner.goodbye(this, frame.lastCallId, frame.reason);
    else if (frame.kind === kinds.drain && this.#speaks("drain")) {
      this.#enterDrain(frame.phase);
      this.#owner.draining(this, frame);
    } else if (frame.kind === kinds.health && this.#speaks("health")) {
      if (this.#hear(frame.services)) this.#owner.healthChanged(this);
    } else if (frame.kind === kinds.time && this.#speaks("time")) this.link.toldTime(frame.sentAt);
    else this.session.receive(frame);
  }

  heard(): void {
    if (!this.#isVerifying) return;
    this.#isVerifying = false;
    this.#owner.released(this);
  }

  suspect(isSuspect: boolean): void {
    this.#owner.suspect(this, isSuspect);
  }

  reported(load: Load | undefined): void {
    if (load !== undefined) this.#owner.reported(this, load);
  }

  closed(info: CloseInfo): void {
    this.#owner.closed(this, info);
  }

  // From the session.

  /** A call of ours has ended. */
  released(): void {
    if (this.#hangUpCause !== undefined && this.session.waitingCalls === 0) this.hangUp(this.#hangUpCause);
    else this.#owner.released(this);
  }

  // From the owner.

  /** Tells the server that our last call is behind us. Calls that have not left yet are given back with `error`. */
  answerDrain(error: FarcallError): void {
    sendDrain(this.link.outbox);
    this.session.giveBackUnsent(error);
  }

  /** Calls under way go on; then we hang up. */
  hangUpWhenIdle(cause: FarcallError): void {
    this.#hangUpCause = cause;
    if (this.session.waitingCalls === 0) this.hangUp(cause);
  }

  /** Says goodbye and closes; what waits for an answer settles with `cause`. */
  hangUp(cause: FarcallError): void {
    this.#hangUpCause = undefined;
    // What is written by now leaves before the goodbye.
    this.link.outbox.flush();
    this.session.end(cause);
    if (this.link.isClosed) return;
    sendGoodbye(this.link.outbox, 0, "");
    this.link.close(closeCodes.normal, "");
  }

  #speaks(capability: Capability): boolean {
    return speaks(this.welcome, capability);
  }

  /** The server goes on to this phase of leaving. @throws ProtocolError when it is not the next one. */
  #enterDrain(phase: 1 | 2): void {
    if (phase !== this.#drainPhase + 1) throw new ProtocolError(`drain phase ${phase} after phase ${this.#drainPhase}`);
    this.#drainPhase = phase;
  }

  /** @returns whether anything has changed. @throws ProtocolError */
  #hear(services: ReadonlyMap<string, boolean>): boolean {
    let hasChanged = false;
    for (const [name, isWell] of services) {
      if (isWell !== this.#unwell.has(name)) continue;
      hasChanged = true;
      if (isWell) this.#unwell.delete(name);
      else this.#unwell.add(name);
    }
    if (this.#unwell.size > mostUnwell)
      throw new ProtocolError(`more than ${mostUnwell} services that are not well`, closeCodes.limitExceeded);
    return hasChanged;
  }
}
