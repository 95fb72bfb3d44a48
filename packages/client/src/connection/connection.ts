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

/** A welcomed socket and what runs on it. */
interface Live {
  readonly link: Link;
  readonly session: Session;
  readonly welcome: Welcome;
  readonly since: number;
}

/**
 * One peer, one socket for new calls at a time.
 *
 * - `connecting`: dialled; neither open nor welcomed. Leaves to `ready`, `backoff`, `closed`.
 * - `ready`: welcomed; calls may be sent. Leaves to `backoff`, `closed`.
 * - `backoff`: no socket for new calls; the timer starts the next attempt. Leaves to `connecting`, `closed`.
 * - `closed`: final: by the owner, or because the server will not have us.
 *
 * A server that says goodbye keeps the calls it has: its socket is set aside (`#leaving`) until they have ended and it
 * hangs up, while the next attempt begins at once: behind one address there may be other servers.
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
  | { readonly name: "ready"; readonly live: Live; readonly attempt: number }
  | { readonly name: "backoff"; readonly attempt: number; readonly timer: Timer; readonly cause: FarcallError }
  | { readonly name: "closed"; readonly cause: FarcallError };

export class Connection {
  readonly url: string;
  readonly #options: ConnectionOptions;
  #state: State | undefined;
  readonly #leaving = new Set<Live>();
  #generation = 0;
  #wanted = false;
  /** Sockets that are not gone yet, closing ones included. */
  readonly #sockets = new Set<Promise<void>>();

  constructor(options: ConnectionOptions) {
    this.url = options.url;
    this.#options = options;
  }

  get state(): State["name"] | "draining" {
    const name = this.#state?.name ?? "connecting";
    return name !== "ready" && name !== "closed" && this.#leaving.size > 0 ? "draining" : name;
  }

  /** The session that takes calls now, if there is one. */
  get session(): Session | undefined {
    return this.#state?.name === "ready" ? this.#state.live.session : undefined;
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

  /** Calls that wait for an answer settle with `cause`; no further attempt is made. Resolves when every socket is gone. */
  async close(cause: FarcallError): Promise<void> {
    const state = this.#state;
    if (state?.name !== "closed") {
      this.#leave(cause);
      if (state?.name === "connecting") state.transport.terminate();
      for (const live of [...(state?.name === "ready" ? [state.live] : []), ...this.#leaving]) hangUp(live, cause);
      this.#leaving.clear();
    }
    await Promise.all(this.#sockets);
  }

  #connect(attempt: number): void {
    const { clock, connector, connectTimeoutMs, events, url } = this.#options;
    const generation = ++this.#generation;
    const isCurrent = (): boolean => generation === this.#generation;
    let gone!: () => void;
    const socket = new Promise<void>((resolve) => {
      gone = resolve;
    });
    let link: Link | undefined;
    let transport: Transport;
    try {
      transport = connector(url, {
        open: () => {
          if (isCurrent()) this.#hello();
        },
        message: (bytes) => link?.message(bytes),
        pinged: () => link?.pinged(),
        drained: () => link?.outbox.drained(),
        closed: (info) => {
          this.#sockets.delete(socket);
          gone();
          link?.transportClosed(info);
        },
      });
    } catch (error) {
      // A connector that cannot even begin will not do better later, but it may: addresses are resolved in there too.
      this.#retry(
        { code: 1006, reason: error instanceof Error ? error.message : "the connector threw", cause: error },
        attempt + 1,
      );
      return;
    }
    this.#sockets.add(socket);
    link = this.#link(transport, isCurrent);
    const timer = clock.setTimeout(() => {
      if (!isCurrent() || this.#state?.name !== "connecting") return;
      transport.terminate();
      this.#lost({ code: 1006, reason: `no welcome within ${connectTimeoutMs} ms` });
    }, connectTimeoutMs);
    this.#state = { name: "connecting", attempt, link, transport, timer };
    this.#keepAlive();
    events.changed();
    events.connecting(attempt);
  }

  /** The frames of one attempt. Until it is welcomed they are ours; from then on most belong to its session. */
  #link(transport: Transport, isCurrent: () => boolean): Link {
    const { clock, wheel, heartbeat, events } = this.#options;
    let live: Live | undefined;
    return new Link({
      transport,
      clock,
      wheel,
      heartbeat,
      events: {
        frame: (frame) => {
          if (live !== undefined) this.#receive(live, frame);
          else if (isCurrent()) live = this.#welcomed(frame);
        },
        waiting: () => live !== undefined && live.session.waitingCalls > 0,
        fault: (error) => events.fault(error),
        closed: (info) => {
          if (live !== undefined && this.#leaving.delete(live)) {
            live.session.end(this.#causeOf(info, "lost the connection to"));
            events.changed();
          } else if (isCurrent()) this.#lost(info);
        },
      },
    });
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

  /** @throws ProtocolError */
  #welcomed(frame: Frame): Live | undefined {
    const state = this.#state;
    if (state?.name !== "connecting") return undefined;
    if (frame.kind !== kinds.welcome) throw new ProtocolError(`a frame of kind ${frame.kind} before welcome`);
    const welcome = parseWelcome(frame.map);
    const { clock, wheel, limits, events } = this.#options;
    const { link, attempt, timer } = state;
    timer.cancel();
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
    const live: Live = { link, session, welcome, since: clock.now() };
    this.#state = { name: "ready", live, attempt };
    // Nothing waits yet: an idle socket keeps no process alive.
    link.relax();
    events.changed();
    events.ready();
    return live;
  }

  /** @throws ProtocolError */
  #receive(live: Live, frame: Frame): void {
    if (frame.kind === kinds.goodbye) this.#setAside(live, frame.lastCallId, frame.reason);
    else live.session.receive(frame);
  }

  /** The server takes no more calls on this socket: those it has go on there, the others go elsewhere. */
  #setAside(live: Live, lastCallId: number, reason: string): void {
    const state = this.#state;
    if (state?.name !== "ready" || state.live !== live) return;
    this.#leaving.add(live);
    this.#retry({ code: 1001, reason: reason === "" ? "the server is leaving" : reason }, 0);
    this.#options.events.draining(reason);
    live.session.refusedAbove(lastCallId, new FarcallError("UNAVAILABLE", `${this.url} is leaving`, { executed: "no" }));
  }

  /** The socket or the attempt is gone: settle what was under way, and try again unless that is pointless. */
  #lost(info: CloseInfo): void {
    const state = this.#state;
    if (state?.name !== "connecting" && state?.name !== "ready") return;
    const { clock, reconnect, events } = this.#options;
    const isReady = state.name === "ready";
    if (state.name === "connecting") state.timer.cancel();
    const cause = this.#causeOf(info, isReady ? "lost the connection to" : "could not connect to");
    if (stopsReconnecting(info.code)) {
      this.#leave(cause);
      events.closed(cause);
    } else {
      const isStable = state.name === "ready" && clock.now() - state.live.since >= reconnect.stableMs;
      this.#retry(info, isStable ? 0 : state.attempt + 1);
    }
    if (state.name === "ready") state.live.session.end(cause);
  }

  #retry(info: CloseInfo, attempt: number): void {
    const { clock, random, reconnect, events } = this.#options;
    const cause = this.#causeOf(info, this.#state?.name === "ready" ? "lost the connection to" : "could not connect to");
    const delayMs = backoffMs(Math.max(0, attempt - 1), reconnect, random);
    this.#generation++;
    const timer = clock.setTimeout(() => this.#connect(attempt), delayMs);
    this.#state = { name: "backoff", attempt, timer, cause };
    this.#keepAlive();
    events.changed();
    events.reconnecting({ delayMs, attempt, cause });
  }

  #causeOf(info: CloseInfo, what: string): FarcallError {
    const why = [info.reason, info.code === 1006 ? "" : `close code ${info.code}`].filter(Boolean).join(", ");
    return new FarcallError("UNAVAILABLE", `${what} ${this.url}${why === "" ? "" : `: ${why}`}`, {
      executed: "no",
      cause: info.cause,
    });
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

/** Says goodbye and closes; what waits for an answer settles with `cause`. */
function hangUp({ link, session }: Live, cause: FarcallError): void {
  session.end(cause);
  const writer = link.outbox.frame(8);
  writer.byte(0x93);
  writer.byte(kinds.goodbye);
  writer.uint(0);
  writer.byte(0xa0);
  link.close(closeCodes.normal, "");
}
