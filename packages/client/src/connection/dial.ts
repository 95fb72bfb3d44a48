import {
  type Clock,
  type CloseInfo,
  type Connector,
  capabilities,
  type DeadlineWheel,
  encodeHandshake,
  type Frame,
  type HeartbeatOptions,
  kinds,
  type Limits,
  Link,
  minorVersion,
  ProtocolError,
  parseWelcome,
  Session,
  speaks,
  type Timer,
  type Transport,
  type TransportEvents,
} from "@farcall/protocol";
import { Live, type LiveOwner } from "./live.js";

export interface DialOptions {
  readonly url: string;
  /** The host's name, where the URL has only its address. */
  readonly serverName: string | undefined;
  readonly connector: Connector;
  readonly clock: Clock;
  readonly wheel: DeadlineWheel;
  readonly limits: Limits;
  readonly heartbeat: HeartbeatOptions;
  /** Longest time from dialling to welcome, in milliseconds. */
  readonly connectTimeoutMs: number;
  readonly agent: string;
  /** Fingerprints of the services this client knows, when asked. */
  readonly contracts: () => Readonly<Record<string, string>>;
}

/** What becomes of an attempt: one of the two, once; nothing after `cancel`. */
export interface DialEvents {
  welcomed(live: Live): void;
  lost(info: CloseInfo): void;
  /** Our own code threw while it handled a frame. */
  fault(error: unknown): void;
}

/** One attempt to connect: from dialling, over name, address, TCP, TLS and upgrade, to the server's welcome. */
export class Dial {
  /** Resolves when the socket is gone, welcomed or not. */
  readonly gone: Promise<void>;
  readonly #options: DialOptions;
  readonly #events: DialEvents;
  readonly #owner: LiveOwner;
  #transport: Transport | undefined;
  #link: Link | undefined;
  #timer: Timer | undefined;
  #live: Live | undefined;
  /** The attempt has come to its end: events of its socket mean nothing to it any more. */
  #isOver = false;
  #socketGone!: () => void;

  constructor(options: DialOptions, events: DialEvents, owner: LiveOwner) {
    this.#options = options;
    this.#events = events;
    this.#owner = owner;
    this.gone = new Promise((resolve) => {
      this.#socketGone = resolve;
    });
  }

  start(): void {
    // Given up by whoever heard that it was about to begin.
    if (this.#isOver) return;
    const { clock, connector, connectTimeoutMs, url, serverName } = this.#options;
    const events: TransportEvents = {
      open: () => this.#hello(),
      message: (bytes) => this.#link?.message(bytes),
      pinged: () => this.#link?.pinged(),
      drained: () => this.#link?.outbox.drained(),
      closed: (info) => {
        this.#socketGone();
        this.#link?.transportClosed(info);
      },
    };
    try {
      this.#transport = connector(url, events, { serverName });
    } catch (error) {
      // A connector that cannot even begin will not do better later, but it may: addresses are resolved in there too.
      this.#socketGone();
      const reason = error instanceof Error ? error.message : "the connector threw";
      return this.#lost({ code: 1006, reason, cause: error });
    }
    this.#link = this.#makeLink(this.#transport);
    // Whoever waits for a connection keeps the process alive; an attempt alone does not.
    this.#transport.unref();
    this.#timer = clock.setTimeout(() => {
      this.#transport?.terminate();
      this.#lost({ code: 1006, reason: `no welcome within ${connectTimeoutMs} ms` });
    }, connectTimeoutMs);
    this.#timer.unref();
  }

  /** Gives the attempt up. */
  cancel(): void {
    if (this.#isOver) return;
    this.#end();
    if (this.#transport === undefined) this.#socketGone();
    else this.#transport.terminate();
  }

  #makeLink(transport: Transport): Link {
    const { clock, wheel, heartbeat } = this.#options;
    return new Link({
      transport,
      clock,
      wheel,
      heartbeat,
      events: {
        frame: (frame) => {
          if (this.#live !== undefined) this.#live.receive(frame);
          else if (!this.#isOver) this.#welcome(frame);
        },
        waiting: () => this.#live?.isWaiting === true,
        heard: () => this.#live?.heard(),
        suspect: (isSuspect) => this.#live?.suspect(isSuspect),
        pong: ({ load }) => this.#live?.reported(load),
        fault: (error) => this.#events.fault(error),
        closed: (info) => {
          if (this.#live !== undefined) this.#live.closed(info);
          else this.#lost(info);
        },
      },
    });
  }

  #hello(): void {
    if (this.#isOver || this.#link === undefined) return;
    const { limits, agent, contracts } = this.#options;
    const { outbox } = this.#link;
    const map = encodeHandshake({ minor: minorVersion, agent, capabilities, limits, contracts: contracts() });
    const writer = outbox.frame(8 + map.length);
    writer.byte(0x92);
    writer.byte(kinds.hello);
    writer.raw(map, 0, map.length);
    outbox.flush();
  }

  /** @throws ProtocolError */
  #welcome(frame: Frame): void {
    if (frame.kind !== kinds.welcome) throw new ProtocolError(`a frame of kind ${frame.kind} before welcome`);
    const welcome = parseWelcome(frame.map);
    const { clock, wheel, limits } = this.#options;
    const link = this.#link as Link;
    const session = new Session({
      role: "opener",
      link,
      clock,
      wheel,
      limits,
      peer: welcome.limits,
      tellsTime: speaks(welcome, "time"),
      waiting: (some) => link.hold(some),
      awaiting: (some) => link.expect(some),
      released: () => live.released(),
    });
    const live = new Live({ link, session, welcome, clock, owner: this.#owner });
    this.#live = live;
    this.#end();
    // Nothing waits yet: an idle socket keeps no process alive.
    link.hold(false);
    this.#events.welcomed(live);
  }

  #lost(info: CloseInfo): void {
    if (this.#isOver) return;
    this.#end();
    this.#events.lost(info);
  }

  #end(): void {
    this.#isOver = true;
    this.#timer?.cancel();
  }
}
