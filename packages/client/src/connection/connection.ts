import {
  type Clock,
  type CloseInfo,
  type Connector,
  capabilities,
  type DeadlineWheel,
  type DrainFrame,
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
} from "@farcall/protocol";
import { backoffMs, type ReconnectOptions } from "./backoff.js";
import { Live } from "./live.js";

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

/** A server that has asked for our last call says what it accepted 10 s later at the latest; we do not wait for ever. */
const lastCallPatienceMs = 15_000;

/**
 * One peer, one socket for new calls at a time.
 *
 * - `connecting`: dialled; neither open nor welcomed. Leaves to `ready`, `backoff`, `closed`.
 * - `ready`: welcomed; calls may be sent. Leaves to `backoff`, `closed`.
 * - `backoff`: no socket for new calls; the timer starts the next attempt. Leaves to `connecting`, `closed`.
 * - `closed`: final: by the owner, or because the server will not have us.
 *
 * A server that leaves keeps the calls it has: its socket is set aside (`#leaving`) until they have ended and it hangs up.
 * Behind one address there may be other servers, so the next attempt does not wait for that: after a goodbye it follows the
 * backoff, after a drain the bounds that the server names in its second phase.
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
  | {
      readonly name: "backoff";
      readonly attempt: number;
      readonly timer: Timer;
      readonly cause: FarcallError;
      /** The connection whose server will say when to come back. */
      readonly awaits: Live | undefined;
    }
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

  /** Whether the server says that it serves `service` now; what it has said nothing about is well. */
  isWell(service: string): boolean {
    return this.#state?.name !== "ready" || this.#state.live.isWell(service);
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
      for (const live of [...(state?.name === "ready" ? [state.live] : []), ...this.#leaving]) live.hangUp(cause);
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
          if (live !== undefined && this.#leaving.delete(live)) this.#left(live, info);
          else if (isCurrent()) this.#lost(info);
        },
      },
    });
  }

  #hello(): void {
    if (this.#state?.name !== "connecting") return;
    const { limits, agent, contracts } = this.#options;
    const { outbox } = this.#state.link;
    const map = encodeHandshake({ minor: minorVersion, agent, capabilities, limits, contracts: contracts() });
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
    const live = new Live({ link, session, welcome, since: clock.now() });
    this.#state = { name: "ready", live, attempt };
    // Nothing waits yet: an idle socket keeps no process alive.
    link.relax();
    events.changed();
    events.ready();
    return live;
  }

  /** @throws ProtocolError */
  #receive(live: Live, frame: Frame): void {
    if (frame.kind === kinds.goodbye) this.#goodbye(live, frame.lastCallId, frame.reason);
    else if (frame.kind === kinds.drain && live.speaks("drain")) this.#drain(live, frame);
    else if (frame.kind === kinds.health && live.speaks("health")) {
      if (live.hear(frame.services)) this.#options.events.changed();
    } else live.session.receive(frame);
  }

  /** The server leaves in two phases. @throws ProtocolError */
  #drain(live: Live, frame: DrainFrame): void {
    live.enterDrain(frame.phase);
    if (frame.phase === 1) {
      if (this.#isReady(live)) {
        this.#leaving.add(live);
        const cause = this.#causeOf({ code: 1001, reason: "the server is leaving" }, "lost the connection to");
        this.#wait({ attempt: 0, delayMs: lastCallPatienceMs, cause, awaits: live });
        this.#options.events.draining("the server is leaving");
      }
      live.answerDrain(this.#refusal());
      return;
    }
    const state = this.#state;
    if (state?.name === "backoff" && state.awaits === live) {
      const { reconnect, random, events } = this.#options;
      const { cause } = state;
      const minMs = Math.min(frame.reconnectMinMs, reconnect.capMs);
      const delayMs = minMs + random() * (Math.min(frame.reconnectMaxMs, reconnect.capMs) - minMs);
      this.#wait({ attempt: 0, delayMs, cause });
      events.reconnecting({ delayMs, attempt: 0, cause });
    }
    live.session.refusedAbove(frame.lastCallId, this.#refusal());
  }

  /** The server takes no more calls on this socket: those it has go on there, the others go elsewhere. */
  #goodbye(live: Live, lastCallId: number, reason: string): void {
    const why = { code: 1001, reason: reason === "" ? "the server is leaving" : reason };
    if (this.#isReady(live)) {
      this.#leaving.add(live);
      this.#retry(why, 0);
      this.#options.events.draining(reason);
    } else this.#stopAwaiting(live, why);
    // After a drain this has been said already.
    if (!live.hasLastCall) live.session.refusedAbove(lastCallId, this.#refusal());
  }

  /** A server that was leaving has hung up. */
  #left(live: Live, info: CloseInfo): void {
    this.#stopAwaiting(live, info);
    live.session.end(this.#causeOf(info, "lost the connection to"));
    this.#options.events.changed();
  }

  /** Whatever the server of `live` meant to say about coming back, it will not. */
  #stopAwaiting(live: Live, info: CloseInfo): void {
    if (this.#state?.name === "backoff" && this.#state.awaits === live) this.#retry(info, 0);
  }

  #isReady(live: Live): boolean {
    return this.#state?.name === "ready" && this.#state.live === live;
  }

  #refusal(): FarcallError {
    return new FarcallError("UNAVAILABLE", `${this.url} is leaving`, { executed: "no" });
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
    const { random, reconnect, events } = this.#options;
    const wasReady = this.#state?.name === "ready" || (this.#state?.name === "backoff" && this.#state.awaits !== undefined);
    const cause = this.#causeOf(info, wasReady ? "lost the connection to" : "could not connect to");
    const delayMs = backoffMs(Math.max(0, attempt - 1), reconnect, random);
    this.#wait({ attempt, delayMs, cause });
    events.reconnecting({ delayMs, attempt, cause });
  }

  /** No socket for new calls until `delayMs` have passed. */
  #wait(options: {
    readonly attempt: number;
    readonly delayMs: number;
    readonly cause: FarcallError;
    readonly awaits?: Live;
  }): void {
    const { attempt, delayMs, cause, awaits } = options;
    if (this.#state?.name === "backoff") this.#state.timer.cancel();
    this.#generation++;
    const timer = this.#options.clock.setTimeout(() => this.#connect(attempt), delayMs);
    this.#state = { name: "backoff", attempt, timer, cause, awaits };
    this.#keepAlive();
    this.#options.events.changed();
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
