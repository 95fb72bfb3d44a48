import {
  type CloseInfo,
  closeCodes,
  encodeHandshake,
  FarcallError,
  type Frame,
  type Hello,
  kinds,
  Link,
  minorVersion,
  type Peer,
  ProtocolError,
  parseHello,
  Session,
  type Timer,
  type Transport,
  type TransportEvents,
} from "@farcall/protocol";
import type { ServerCore } from "./server.js";

/** How long a socket may stay without a hello, and how long a goodbye waits for the peer to hang up. */
const helloTimeoutMs = 5_000;

/** What `server.connections()` tells about a peer. */
export interface ConnectionInfo extends Peer {
  /** Program and version, as the peer says. */
  readonly agent: string;
  /** Handlers running for this peer. */
  readonly runningCalls: number;
}

/**
 * `opening`: the socket is open, the peer has not said hello. `ready`: calls run. `leaving`: goodbye is out, new calls
 * are refused, what runs goes on. `closed`: nothing follows.
 */
type State =
  | { readonly name: "opening"; readonly helloTimer: Timer }
  | { readonly name: "ready" | "leaving"; readonly session: Session; readonly hello: Hello }
  | { readonly name: "closed" };

/** One accepted socket. */
export class ServerConnection implements TransportEvents, Peer {
  readonly id: string;
  readonly address: string;
  readonly #core: ServerCore;
  readonly #link: Link;
  #state: State;

  constructor(core: ServerCore, transport: Transport, id: string) {
    this.id = id;
    this.address = transport.address;
    this.#core = core;
    const { clock, wheel, heartbeat, backlog } = core;
    this.#link = new Link({
      transport,
      clock,
      wheel,
      heartbeat,
      backlog,
      events: {
        frame: (frame) => this.#receive(frame),
        waiting: () => this.#state.name !== "closed" && this.#state.name !== "opening" && this.#state.session.waitingCalls > 0,
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
    return this.#state.name === "ready" || this.#state.name === "leaving" ? this.#state.session.runningCalls : 0;
  }

  /** Nothing runs, and every answer would survive a close. */
  get isQuiet(): boolean {
    return this.runningCalls === 0 && this.#link.outbox.heldBytes === 0;
  }

  /** The peer, once it has said hello. */
  info(): ConnectionInfo | undefined {
    const state = this.#state;
    if (state.name !== "ready" && state.name !== "leaving") return undefined;
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
    this.#core.settled();
  }

  closed(info: CloseInfo): void {
    this.#link.transportClosed(info);
  }

  // From the server.

  /** Takes no new calls from here on; what runs goes on. */
  leave(reason: string): void {
    const state = this.#state;
    if (state.name === "opening") return this.#link.close(closeCodes.goingAway, reason);
    if (state.name !== "ready") return;
    this.#state = { ...state, name: "leaving" };
    state.session.refuseNewCalls();
    const writer = this.#link.outbox.frame(32 + reason.length * 3);
    writer.byte(0x93);
    writer.byte(kinds.goodbye);
    writer.uint(state.session.lastIncomingId);
    writer.string(reason);
    this.#link.outbox.wrote();
  }

  /** Ends the connection; what runs is aborted. */
  close(reason: string): void {
    this.leave(reason);
    this.#link.close(closeCodes.goingAway, reason);
  }

  #receive(frame: Frame): void {
    const state = this.#state;
    switch (state.name) {
      case "opening":
        if (frame.kind !== kinds.hello) throw new ProtocolError(`a frame of kind ${frame.kind} before hello`);
        state.helloTimer.cancel();
        this.#core.greeted();
        return this.#welcome(parseHello(frame.map));
      case "ready":
      case "leaving":
        // A peer that says goodbye opens no more calls; its answers still go out.
        if (frame.kind === kinds.goodbye) return;
        state.session.receive(frame);
        // Credit may have let the last answer go.
        if (state.name === "leaving") this.#core.settled();
        return;
      case "closed":
        return;
    }
  }

  #welcome(hello: Hello): void {
    const core = this.#core;
    const session = new Session({
      role: "acceptor",
      link: this.#link,
      clock: core.clock,
      wheel: core.wheel,
      limits: core.limits,
      peer: hello.limits,
      acceptor: {
        resolve: (service, method) => core.router.resolve(service, method),
        run: (call, args) => core.invoker.run(call, args, this),
        redact: (call, thrown) => core.invoker.redact(call, thrown),
        deadline: (method, timeoutMs) => core.deadline(method, timeoutMs),
      },
      released: () => core.settled(),
    });
    this.#state = { name: "ready", session, hello };
    const map = encodeHandshake({
      minor: minorVersion,
      agent: core.agent,
      limits: core.limits,
      contracts: core.router.contracts,
      instanceId: core.instanceId,
      connectionId: this.id,
    });
    const writer = this.#link.outbox.frame(8 + map.length);
    writer.byte(0x92);
    writer.byte(kinds.welcome);
    writer.raw(map, 0, map.length);
    this.#link.outbox.wrote();
    if (core.isLeaving) this.leave("the server is leaving");
  }

  #ended(info: CloseInfo): void {
    const state = this.#state;
    this.#state = { name: "closed" };
    if (state.name === "opening") {
      state.helloTimer.cancel();
      this.#core.greeted();
    }
    if (state.name === "ready" || state.name === "leaving") {
      state.session.end(new FarcallError("CANCELLED", `the connection to the caller ended (${info.code} ${info.reason})`));
    }
    this.#core.gone(this);
  }
}
