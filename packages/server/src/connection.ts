import {
  type CloseInfo,
  closeCodes,
  FarcallError,
  type Frame,
  type Hello,
  kinds,
  Link,
  type Peer,
  ProtocolError,
  parseHello,
  type ReconnectBounds,
  type Session,
  sendDrain,
  sendGoodbye,
  sendHealth,
  sendLastCall,
  speaks,
  type Timer,
  type Transport,
  type TransportEvents,
} from "@farcall/protocol";
import { Alarm } from "./alarm.js";
import type { ServerCore } from "./core.js";
import { openSession, sendWelcome } from "./greeting.js";

/** How long a socket may stay without a hello, and how long a goodbye waits for the peer to hang up. */
const helloTimeoutMs = 5_000;

const leavingReason = "the server is leaving";

/** What `server.connections()` tells about a peer. */
export interface ConnectionInfo extends Peer {
  /** Program and version, as the peer says. */
  readonly agent: string;
  /** Handlers running for this peer. */
  readonly runningCalls: number;
}

/** A peer that has been asked for its last call has this long to answer, before it is told what was accepted. */
const lastCallTimeoutMs = 10_000;

/** How a connection leaves. */
export interface DrainPlan extends ReconnectBounds {
  /** When what still runs is aborted, by the server's clock. */
  readonly graceEndsAt: number;
}

/**
 * `opening`: the socket is open, the peer has not said hello. `ready`: calls run. `draining`: the peer has been asked for its
 * last call; calls still run. `leaving`: new calls are refused, what runs goes on; ends when nothing runs any more.
 * `closed`: nothing follows.
 */
type State =
  | { readonly name: "opening"; readonly helloTimer: Timer }
  | { readonly name: "ready"; readonly session: Session; readonly hello: Hello }
  | { readonly name: "draining"; readonly session: Session; readonly hello: Hello; readonly plan: DrainPlan }
  | {
      readonly name: "leaving";
      readonly session: Session;
      readonly hello: Hello;
      readonly plan: DrainPlan | undefined;
      /** Goodbye has been said. */
      readonly isGone: boolean;
    }
  | { readonly name: "closed" };

/** One accepted socket. */
export class ServerConnection implements TransportEvents, Peer {
  readonly id: string;
  readonly address: string;
  readonly #core: ServerCore;
  readonly #link: Link;
  /** Age, then the peer's answer, then the grace. */
  readonly #alarm: Alarm;
  #state: State;
  /** A peer asks once for a last call, so it answers once. */
  #isAnswerDue = false;

  constructor(core: ServerCore, transport: Transport, id: string) {
    this.id = id;
    this.address = transport.address;
    this.#core = core;
    const { clock, wheel, heartbeat, backlog, monitor } = core;
    this.#alarm = new Alarm(wheel, () => this.#alarmed());
    this.#link = new Link({
      transport,
      clock,
      wheel,
      heartbeat,
      backlog,
      monitor,
      load: () => core.load(),
      events: {
        frame: (frame) => this.#receive(frame),
        waiting: () => (this.#session?.waitingCalls ?? 0) > 0,
        fault: (error) => core.fault(error),
        closed: (info) => this.#ended(info),
      },
    });
    const helloTimer = clock.setTimeout(
      () => this.#link.close(closeCodes.helloTimeout, `no hello within ${helloTimeoutMs} ms`),
      helloTimeoutMs,
    );
    helloTimer.unref();
    this.#state = { name: "opening", helloTimer };
  }

  get runningCalls(): number {
    return this.#session?.runningCalls ?? 0;
  }

  get #session(): Session | undefined {
    return this.#state.name === "opening" || this.#state.name === "closed" ? undefined : this.#state.session;
  }

  /** The peer, once it has said hello. */
  info(): ConnectionInfo | undefined {
    const state = this.#state;
    if (state.name === "opening" || state.name === "closed") return undefined;
    return { id: this.id, address: this.address, agent: state.hello.agent, runningCalls: state.session.runningCalls };
  }

  // From the transport.

  open(): void {}

  message(bytes: Uint8Array): void {
    this.#link.message(bytes);
  }

  pinged(): void {
    this.#link.pinged();
  }

  drained(): void {
    this.#link.outbox.drained();
    this.#settled();
  }

  closed(info: CloseInfo): void {
    this.#link.transportClosed(info);
  }

  // From the server.

  /** Whether a service is well has changed. */
  tellHealth(services: Readonly<Record<string, boolean>>): void {
    const state = this.#state;
    if (state.name === "opening" || state.name === "closed" || !speaks(state.hello, "health")) return;
    sendHealth(this.#link.outbox, services);
  }

  /**
   * Leaves without dropping work: asks for the last call, says which calls were accepted, lets those end, and closes. When
   * the grace is over before that, the rest is aborted. A peer that does not know such a farewell gets a goodbye at once.
   */
  drain(plan: DrainPlan): void {
    const state = this.#state;
    if (state.name === "opening") return this.#link.close(closeCodes.goingAway, leavingReason);
    if (state.name === "closed") return;
    if (state.name === "ready" && speaks(state.hello, "drain")) {
      this.#state = { ...state, name: "draining", plan };
      this.#isAnswerDue = true;
      sendDrain(this.#link.outbox);
      this.#alarm.set(Math.min(this.#core.clock.now() + lastCallTimeoutMs, plan.graceEndsAt));
      return;
    }
    if (state.name === "ready") return this.#refuse({ ...state, plan, goodbye: leavingReason });
    // It was leaving already, for its age or because the server is: the earlier end counts.
    const graceEndsAt = Math.min(plan.graceEndsAt, state.plan?.graceEndsAt ?? Number.POSITIVE_INFINITY);
    this.#state = { ...state, plan: { ...plan, graceEndsAt } };
    this.#alarm.set(Math.min(this.#alarm.expiresAt, graceEndsAt));
  }

  /** Ends the connection; what runs is aborted, and the peer learns no more than that the connection has gone. */
  close(reason: string): void {
    this.#core.abandoned(this.runningCalls);
    this.#goodbye(reason);
    this.#link.close(closeCodes.goingAway, reason);
  }

  /** Takes no call any more; what runs goes on. */
  #refuse(options: {
    readonly session: Session;
    readonly hello: Hello;
    readonly plan: DrainPlan | undefined;
    /** Why, when goodbye is all that the peer is told. */
    readonly goodbye?: string;
  }): void {
    const { session, hello, plan, goodbye } = options;
    session.refuseNewCalls();
    this.#state = { name: "leaving", session, hello, plan, isGone: goodbye !== undefined };
    if (goodbye !== undefined) sendGoodbye(this.#link.outbox, session.lastIncomingId, goodbye);
    else if (plan !== undefined) sendLastCall(this.#link.outbox, session.lastIncomingId, plan);
    this.#alarm.set(plan?.graceEndsAt ?? Number.POSITIVE_INFINITY);
    this.#settled();
  }

  #goodbye(reason: string): void {
    const state = this.#state;
    if (state.name === "ready" || state.name === "draining") this.#refuse({ plan: undefined, ...state, goodbye: reason });
    else if (state.name === "leaving" && !state.isGone) {
      this.#state = { ...state, isGone: true };
      sendGoodbye(this.#link.outbox, state.session.lastIncomingId, reason);
    }
  }

  #alarmed(): void {
    const state = this.#state;
    const now = this.#core.clock.now();
    if (state.name === "ready") this.drain(this.#core.agedPlan());
    else if (state.name === "draining" && now < state.plan.graceEndsAt) this.#refuse(state);
    else if (state.name === "draining" || state.name === "leaving") {
      // The answers first: their callers learn more from them than from the end of the connection.
      state.session.abandonIncoming(new FarcallError("UNAVAILABLE", "the server is leaving, and has waited long enough"));
      this.close(leavingReason);
    }
  }

  /** A handler has returned, or bytes have gone out. */
  #settled(): void {
    this.#core.settled();
    // An answer just written leaves at the end of this turn.
    if (this.#state.name === "leaving") this.#core.clock.defer(() => this.#closeIfDone());
  }

  /** Once nothing runs, and every answer would survive a close, a connection that leaves has left. */
  #closeIfDone(): void {
    if (this.#state.name !== "leaving" || this.runningCalls > 0 || this.#link.outbox.heldBytes > 0) return;
    this.close(leavingReason);
  }

  #receive(frame: Frame): void {
    const state = this.#state;
    switch (state.name) {
      case "opening": {
        if (frame.kind !== kinds.hello) throw new ProtocolError(`a frame of kind ${frame.kind} before hello`);
        const hello = parseHello(frame.map);
        state.helloTimer.cancel();
        this.#core.greeted();
        return this.#welcome(hello);
      }
      case "ready":
      case "draining":
      case "leaving":
        // A peer that says goodbye opens no more calls; its answers still go out.
        if (frame.kind === kinds.goodbye) return;
        // What a client says of its own services is for those who call them: nobody does yet.
        if (frame.kind === kinds.health && speaks(state.hello, "health")) return;
        if (frame.kind === kinds.time && speaks(state.hello, "time")) return this.#link.toldTime(frame.sentAt);
        if (frame.kind === kinds.drain && this.#isAnswerDue && frame.phase === 1) {
          this.#isAnswerDue = false;
          if (state.name === "draining") this.#refuse(state);
          return;
        }
        state.session.receive(frame);
        // Credit may have let the last answer go.
        if (state.name === "leaving") this.#settled();
        return;
      case "closed":
        return;
    }
  }

  #welcome(hello: Hello): void {
    const core = this.#core;
    const session = openSession({ core, link: this.#link, hello, peer: this, released: () => this.#settled() });
    this.#state = { name: "ready", session, hello };
    sendWelcome(core, this.#link, this.id);
    const { exceptions } = core.health;
    if (exceptions !== undefined) this.tellHealth(exceptions);
    this.#alarm.set(core.clock.now() + core.ageMs());
    if (core.isLeaving) this.#goodbye(leavingReason);
  }

  #ended(info: CloseInfo): void {
    const state = this.#state;
    this.#state = { name: "closed" };
    this.#alarm.cancel();
    if (state.name === "opening") {
      state.helloTimer.cancel();
      this.#core.greeted();
    }
    if (state.name !== "opening" && state.name !== "closed") {
      state.session.end(new FarcallError("CANCELLED", `the connection to the caller ended (${info.code} ${info.reason})`));
    }
    this.#core.gone(this);
  }
}
