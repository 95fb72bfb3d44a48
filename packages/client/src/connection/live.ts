import {
  type Capability,
  closeCodes,
  type FarcallError,
  type Link,
  ProtocolError,
  type Session,
  sendDrain,
  sendGoodbye,
  speaks,
  type Welcome,
} from "@farcall/protocol";

/** More services that are not well than this are a mistake of the server, or worse. */
const mostUnwell = 4096;

/** A welcomed socket and what runs on it. */
export class Live {
  readonly link: Link;
  readonly session: Session;
  readonly welcome: Welcome;
  /** When it was welcomed. */
  readonly since: number;
  /** How far the server has come in leaving: 0 not at all, 1 asked for the last call, 2 has said what it accepted. */
  #drainPhase: 0 | 1 | 2 = 0;
  /** Wire names of what the server does not serve now; the empty name is all of it. */
  readonly #unwell = new Set<string>();

  constructor(options: {
    readonly link: Link;
    readonly session: Session;
    readonly welcome: Welcome;
    readonly since: number;
  }) {
    this.link = options.link;
    this.session = options.session;
    this.welcome = options.welcome;
    this.since = options.since;
  }

  speaks(capability: Capability): boolean {
    return speaks(this.welcome, capability);
  }

  /** Whether the server has said which of our calls it accepted. */
  get hasLastCall(): boolean {
    return this.#drainPhase === 2;
  }

  /** The server goes on to this phase of leaving. @throws ProtocolError when it is not the next one. */
  enterDrain(phase: 1 | 2): void {
    if (phase !== this.#drainPhase + 1) throw new ProtocolError(`drain phase ${phase} after phase ${this.#drainPhase}`);
    this.#drainPhase = phase;
  }

  /** Tells the server that our last call is behind us. Calls that have not left yet are given back with `error`. */
  answerDrain(error: FarcallError): void {
    sendDrain(this.link.outbox);
    this.session.giveBackUnsent(error);
  }

  isWell(service: string): boolean {
    return !this.#unwell.has("") && !this.#unwell.has(service);
  }

  /** @returns whether anything has changed. @throws ProtocolError */
  hear(services: ReadonlyMap<string, boolean>): boolean {
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

  /** Says goodbye and closes; what waits for an answer settles with `cause`. */
  hangUp(cause: FarcallError): void {
    this.session.end(cause);
    sendGoodbye(this.link.outbox, 0, "");
    this.link.close(closeCodes.normal, "");
  }
}
