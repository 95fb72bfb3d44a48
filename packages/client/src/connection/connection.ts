import {
  type Clock,
  type CloseInfo,
  type Connector,
  closeCodes,
  type DeadlineWheel,
  encodeHandshake,
  FarcallError,
  type Frame,
  type HeartbeatOptions,
  kinds,
  type Limits,
  Link,
  minorVersion,
  ProtocolError,
  parseWelcome,
  type Random,
  Session,
  stopsReconnecting,
  type Timer,
  type Transport,
  type TransportEvents,
  type Welcome,
} from "@farcall/protocol";
import { backoffMs, type ReconnectOptions } from "./backoff.js";

/** What the owner of a connection hears. */
export interface ConnectionEvents {
  /** The state has changed; `connection.state` says to what. */
  changed(): void;
  /** An attempt is being made, the first being 0. */
  connecting(attempt: number): void;
  ready(): void;
  /** The connection or an attempt was lost; the next attempt comes after `delayMs`. */
  reconnecting(info: { readonly delayMs: number; readonly attempt: number; readonly cause: FarcallError }): void;
  /** The server takes no more calls on this connection. */
  draining(reason: string): void;
  /** No further attempt will be made. */
  closed(cause: FarcallError): void;
  /** A call has been settled: there may be room for another. */
  released(): void;
  /** Our own code threw while it handled a frame. */
  fault(error: unknown): void;
}

export interface ConnectionOptions {
  readonly url: string;
  readonly connector: Connector;
  readonly clock: Clock;
  readonly random: Random;
  readonly wheel: DeadlineWheel;
  readonly limits: Limits;
  readonly heartbeat: HeartbeatOptions;
  readonly reconnect: ReconnectOptions;
  /** Longest time from dialling to welcome, in milliseconds. */
  readonly connectTimeoutMs: number;
  readonly agent: string;
  /** Fingerprints of the services this client knows, when asked. */
  readonly contracts: () => Readonly<Record<string, string>>;
  readonly events: ConnectionEvents;
}

/**
 * One peer, one socket at a time.
 *
 * - `connecting`: dialled; neither open nor welcomed. Leaves to `ready`, `backoff`, `closed`.
 * - `ready`: welcomed; calls may be sent. Leaves to `draining`, `backoff`, `closed`.
 * - `draining`: the server said goodbye; calls under way go on, no new ones. Leaves to `backoff`, `closed`.
 * - `backoff`: no socket; the timer starts the next attempt. Leaves to `connecting`, `closed`.
 * - `closed`: final: by the owner, or because the server will not have us.
 *
 * Each attempt has a generation; events of an earlier one are dropped.
 */
type State =
  | {
      readonly name: "connecting";
      readonly attempt: number;
      readonly link: Link;
      readonly transport: Transport;
      readonly timer: Timer;
    }
  | {
      readonly name: "ready" | "draining";
      readonly link: Link;
      readonly session: Session;
      readonly welcome: Welcome;
      readonly since: number;
      readonly attempt: number;
    }
  | { readonly name: "backoff"; readonly attempt: number; readonly timer: Timer; readonly cause: FarcallError }
  | { readonly name: "closed"; readonly cause: FarcallError };

export class Connection {
  readonly url: string;
  readonly #options: ConnectionOptions;
  #state: State | undefined;
  #generation = 0;
  #wanted = false;
  /** Resolves when the socket of a closed connection is really gone. */
  #socketGone: Promise<void> = Promise.resolve();

  constructor(options: ConnectionOptions) {
    this.url = options.url;
    this.#options = options;
  }

  get state(): State["name"] {
    return this.#state?.name ?? "connecting";
  }

  /** The session that takes calls now, if there is one. */
  get session(): Session | undefined {
    return this.#state?.name === "ready" ? this.#state.session : undefined;
  }

  /** Why there is no connection, as far as known. */
  get cause(): FarcallError | undefined {
    return this.#state?.name === "backoff" || this.#state?.name === "closed" ? this.#state.cause : undefined;
  }

  start(): void {
    if (this.#state === undefined) this.#connect(0);
  }

  /** Whether calls wait for this connection: it then keeps the process alive while it is not up. */
  want(wanted: boolean): void {
    this.#wanted = wanted;
    this.#keepAlive();
  }

  /** Calls that wait for an answer settle with `cause`; no further attempt is made. Resolves when the socket is gone. */
  close(cause: FarcallError): Promise<void> {
    const state = this.#state;
    if (state?.name === "closed") return this.#socketGone;
    this.#leave(cause);
    if (state?.name === "ready" || state?.name === "draining") {
      state.session.end(cause);
      const writer = state.link.outbox.frame(8);
      writer.byte(0x93);
      writer.byte(kinds.goodbye);
      writer.uint(0);
      writer.byte(0xa0);
      state.link.close(closeCodes.normal, "");
    } else if (state?.name === "connecting") {
      state.transport.terminate();
    }
    return this.#socketGone;
  }

  #connect(attempt: number): void {
    const { clock, wheel, heartbeat, connector, connectTimeoutMs, events, url } = this.#options;
    const generation = ++this.#generation;
    const isCurrent = (): boolean => generation === this.#generation;
    let gone!: () => void;
    this.#socketGone = new Promise((resolve) => {
      gone = resolve;
    });
    let link: Link | undefined;
    const handlers: TransportEvents = {
      open: () => {
        if (isCurrent()) this.#hello();
      },
      message: (bytes) => link?.message(bytes),
      drained: () => link?.outbox.drained(),
      closed: (info) => {
        gone();
        link?.transportClosed(info);
      },
    };
    const timer = clock.setTimeout(() => {
      if (!isCurrent() || this.#state?.name !== "connecting") return;
      this.#state.transport.terminate();
      this.#lost({ code: 1006, reason: `no welcome within ${connectTimeoutMs} ms` });
    }, connectTimeoutMs);
    const transport = connector(url, handlers);
    link = new Link({
      transport,
      clock,
      wheel,
      heartbeat,
      events: {
        frame: (frame) => {
          if (isCurrent()) this.#receive(frame);
        },
        waiting: () =>
          isCurrent() &&
          (this.#state?.name === "ready" || this.#state?.name === "draining") &&
          this.#state.session.waitingCalls > 0,
        fault: (error) => events.fault(error),
        closed: (info) => {
          if (isCurrent()) this.#lost(info);
        },
      },
    });
    this.#state = { name: "connecting", attempt, link, transport, timer };
    this.#keepAlive();
    events.changed();
    events.connecting(attempt);
  }

  #hello(): void {
    if (this.#state?.name !== "connecting") return;
    const { limits, agent, contracts } = this.#options;
    const { outbox } = this.#state.link;
    const map = encodeHandshake({ minor: minorVersion, agent, limits, contracts: contracts() });
    const writer = outbox.frame(8 + map.length);
    writer.byte(0x92);
    writer.byte(kinds.hello);
    writer.raw(map, 0, map.length);
    outbox.flush();
  }

  #receive(frame: Frame): void {
    const state = this.#state;
    switch (state?.name) {
      case "connecting":
        if (frame.kind !== kinds.welcome) throw new ProtocolError(`a frame of kind ${frame.kind} before welcome`);
        return this.#ready(state, parseWelcome(frame.map));
      case "ready":
      case "draining":
        if (frame.kind !== kinds.goodbye) return state.session.receive(frame);
        if (state.name === "ready") {
          this.#state = { ...state, name: "draining" };
          this.#options.events.changed();
          this.#options.events.draining(frame.reason);
        }
        return;
      default:
        return;
    }
  }

  #ready(state: State & { name: "connecting" }, welcome: Welcome): void {
    const { clock, wheel, limits, events } = this.#options;
    const { link, attempt } = state;
    state.timer.cancel();
    const session = new Session({
      role: "opener",
      link,
      clock,
      wheel,
      limits,
      peer: welcome.limits,
      waiting: (some) => (some ? link.hurry() : link.relax()),
      released: () => events.released(),
    });
    this.#state = { name: "ready", link, session, welcome, since: clock.now(), attempt };
    // Nothing waits yet: an idle socket keeps no process alive.
    link.relax();
    events.changed();
    events.ready();
  }

  /** The socket or the attempt is gone: settle what was under way, and try again unless that is pointless. */
  #lost(info: CloseInfo): void {
    const state = this.#state;
    if (state === undefined || state.name === "closed" || state.name === "backoff") return;
    const { clock, random, reconnect, events } = this.#options;
    const what = state.name === "connecting" ? "could not connect to" : "lost the connection to";
    const why = [info.reason, info.code === 1006 ? "" : `close code ${info.code}`].filter(Boolean).join(", ");
    const cause = new FarcallError("UNAVAILABLE", `${what} ${this.url}${why === "" ? "" : `: ${why}`}`, {
      executed: "no",
      cause: info.cause,
    });
    if (stopsReconnecting(info.code)) {
      this.#leave(cause);
      events.closed(cause);
    } else {
      if (state.name === "connecting") state.timer.cancel();
      const stable = state.name !== "connecting" && clock.now() - state.since >= reconnect.stableMs;
      const attempt = stable ? 0 : state.attempt + 1;
      const delayMs = backoffMs(Math.max(0, attempt - 1), reconnect, random);
      this.#generation++;
      const timer = clock.setTimeout(() => this.#connect(attempt), delayMs);
      this.#state = { name: "backoff", attempt, timer, cause };
      this.#keepAlive();
      events.changed();
      events.reconnecting({ delayMs, attempt, cause });
    }
    if (state.name === "ready" || state.name === "draining") state.session.end(cause);
  }

  #leave(cause: FarcallError): void {
    const state = this.#state;
    if (state?.name === "connecting" || state?.name === "backoff") state.timer.cancel();
    this.#generation++;
    this.#state = { name: "closed", cause };
    this.#options.events.changed();
  }

  #keepAlive(): void {
    const state = this.#state;
    if (state?.name !== "connecting" && state?.name !== "backoff") return;
    if (this.#wanted) state.timer.ref();
    else state.timer.unref();
    if (state.name !== "connecting") return;
    if (this.#wanted) state.transport.ref();
    else state.transport.unref();
  }
}
