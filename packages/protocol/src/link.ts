import { Allowance } from "./allowance.js";
import { Arrears } from "./arrears.js";
import { type BacklogOptions, defaultBacklog, StallWatch } from "./backlog.js";
import type { Clock } from "./clock.js";
import { closeCodes, ProtocolError } from "./close-code.js";
import { sendPong } from "./control-frame.js";
import type { DeadlineWheel } from "./deadline-wheel.js";
import { type Frame, kinds, type Load } from "./frame.js";
import { Heartbeat, type HeartbeatOptions } from "./heartbeat.js";
import type { LoopMonitor } from "./loop-monitor.js";
import { Outbox } from "./outbox.js";
import { FrameReader } from "./parse-frame.js";
import { Transit } from "./transit.js";
import type { CloseInfo, Transport } from "./transport.js";

/** What a pong tells. */
export interface PongInfo {
  /** What the peer says of itself. */
  readonly load: Load | undefined;
  /** From our ping to this pong, in milliseconds; absent when it answers an older ping than the last. */
  readonly rttMs: number | undefined;
}

/** What the owner of a link hears. */
export interface LinkEvents {
  /** The first frame, and then every frame but ping and pong. May throw `ProtocolError`: the connection then closes with its code. */
  frame(frame: Frame): void;
  /** Whether a call waits for the peer; decides how soon silence counts. */
  waiting(): boolean;
  /** Any sign of life from the peer. */
  heard?(): void;
  /** The peer does not answer (`true`), or has been heard again. */
  suspect?(isSuspect: boolean): void;
  /** A ping of ours was answered. */
  pong?(pong: PongInfo): void;
  /** Our own code threw while it handled a frame: a bug of ours, to be reported. The connection closes. */
  fault(error: unknown): void;
  /** The end, once. */
  closed(info: CloseInfo): void;
}

export interface LinkOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly wheel: DeadlineWheel;
  readonly heartbeat: HeartbeatOptions;
  /** Default: `defaultBacklog`. */
  readonly backlog?: BacklogOptions;
  /** With it, what arrives after our own process stood still is known to be old. Absent: nothing is. */
  readonly monitor?: LoopMonitor;
  /** What pongs say of this side. Absent: nothing. */
  readonly load?: () => Load;
  readonly events: LinkEvents;
}

/** Signs of life a peer may send unasked: this many at once, and this many a second in the long run. */
const pings = { burst: 20, perSecond: 5 };
/** A peer whose calls come late is pinged at most this often, in milliseconds. */
const doubtMs = 1_000;
/** A peer that goes on talking after the close is dropped after this many messages; some may have been under way. */
const mostAfterClose = 1_000;

/**
 * One open socket, as frames: batches out, strict parsing in, liveness. Both sides of every connection stand on one.
 * Whatever the peer sends, only this connection can end from it.
 */
export class Link {
  readonly outbox: Outbox;
  readonly #transport: Transport;
  readonly #events: LinkEvents;
  readonly #heartbeat: Heartbeat;
  #closed = false;
  #greeted = false;
  readonly #load: (() => Load) | undefined;
  readonly #arrears: Arrears | undefined;
  readonly #transit = new Transit();
  readonly #clock: Clock;
  #nonce = 0;
  /** When the last ping of ours was sent. */
  #pingedAt = 0;
  readonly #pingAllowance: Allowance;
  readonly #stall: StallWatch;
  /** Pings of ours that may still be answered. */
  #pingsOut = 0;
  #afterClose = 0;

  constructor(options: LinkOptions) {
    this.#transport = options.transport;
    this.#events = options.events;
    this.#clock = options.clock;
    this.#load = options.load;
    if (options.monitor !== undefined) this.#arrears = new Arrears(options.monitor, options.clock, () => this.#ask());
    const { maxBacklogBytes, stallTimeoutMs } = options.backlog ?? defaultBacklog;
    this.outbox = new Outbox(options.transport, options.clock, maxBacklogBytes, () => this.#stall.watch());
    this.#pingAllowance = new Allowance(options.clock, pings);
    const { outbox } = this;
    this.#stall = new StallWatch(
      stallTimeoutMs,
      {
        get queuedBytes() {
          return outbox.queuedBytes;
        },
        get takenBytes() {
          return outbox.takenBytes;
        },
        stalled: () => this.#drop(`the peer took nothing of ${outbox.queuedBytes} bytes for ${stallTimeoutMs} ms`),
      },
      options.clock,
      options.wheel,
    );
    this.#heartbeat = new Heartbeat(
      options.heartbeat,
      {
        isCurious: options.events.pong !== undefined,
        waiting: () => this.#events.waiting(),
        ping: () => this.#ping(),
        suspect: (isSuspect) => this.#events.suspect?.(isSuspect),
        dead: (silenceMs) => this.#drop(`nothing heard for ${Math.round(silenceMs)} ms`),
      },
      options.clock,
      options.wheel,
    );
  }

  get address(): string {
    return this.#transport.address;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Whether what is sent now can still leave. */
  get isOpen(): boolean {
    return !this.#closed && this.#transport.isClosing !== true;
  }

  /** How long ago the peer was last heard, in milliseconds. */
  get silenceMs(): number {
    return this.#heartbeat.silenceMs;
  }

  /** Asks the peer for a sign of life, now. */
  ask(): void {
    this.#heartbeat.ask();
  }

  /** The peer's clock showed this when it sent what comes now. */
  toldTime(sentAt: number): void {
    const now = this.#clock.now();
    this.#transit.heard(sentAt, now);
    // Late, or a clock that has stood still? What follows the answer tells.
    if (this.#transit.lateMs(now) > 0 && now - this.#pingedAt >= doubtMs) this.#heartbeat.ask();
  }

  /**
   * How many milliseconds older than it looks a frame may be that arrives now: the network or our own process stood still.
   * Known for certain where the peer tells its time, guessed on the safe side else.
   */
  get arrearsMs(): number {
    return this.#transit.isKnown ? this.#transit.lateMs(this.#clock.now()) : (this.#arrears?.ageMs ?? 0);
  }

  /** Whether the peer owes an answer: silence counts sooner then. */
  expect(some: boolean): void {
    if (some) this.#heartbeat.hurry();
    else this.#heartbeat.relax();
  }

  /** Whether this socket alone keeps the process alive. */
  hold(isHeld: boolean): void {
    if (isHeld) this.#transport.ref();
    else this.#transport.unref();
  }

  /** One message from the transport. */
  message(bytes: Uint8Array): void {
    if (this.#closed) return this.#afterEnd();
    this.#heartbeat.heard();
    this.#events.heard?.();
    if (this.#greeted) this.#arrears?.arrived();
    try {
      const reader = new FrameReader(bytes);
      for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
        if (!this.#greeted) {
          // The handshake comes first, before any ping: the owner refuses everything else.
          this.#greeted = true;
          this.#events.frame(frame);
        } else if (frame.kind === kinds.ping) this.#pong(frame.nonce);
        else if (frame.kind === kinds.pong) this.#ponged(frame.nonce, frame.load);
        else this.#events.frame(frame);
        if (this.#closed) return;
      }
    } catch (error) {
      if (error instanceof ProtocolError) return this.close(error.closeCode, error.message);
      this.#events.fault(error);
      this.close(closeCodes.internalError, "internal error");
    }
  }

  /** A ping or pong of the carrier itself. */
  pinged(): void {
    if (this.#closed) return this.#afterEnd();
    this.#heartbeat.heard();
    if (!this.#pingAllowance.take()) this.close(closeCodes.tooManyFrames, "too many pings");
  }

  /** The transport has ended. */
  transportClosed(info: CloseInfo): void {
    this.#end(info);
  }

  /** Sends what is waiting, then closes. The owner hears `closed` at once, and nothing after it. */
  close(code: number, reason: string): void {
    if (this.#closed) return;
    this.outbox.flush();
    this.#transport.close(code, reason);
    this.#end({ code, reason });
  }

  #end(info: CloseInfo): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#heartbeat.stop();
    this.#stall.stop();
    this.outbox.close();
    this.#events.closed(info);
  }

  #drop(reason: string): void {
    if (this.#closed) return;
    this.#transport.terminate();
    this.#end({ code: 1006, reason });
  }

  #afterEnd(): void {
    if (++this.#afterClose === mostAfterClose) this.#transport.terminate();
  }

  #ping(): void {
    this.#nonce = (this.#nonce + 1) % 0x10000;
    this.#pingedAt = this.#clock.now();
    this.#pingsOut++;
    const writer = this.outbox.urgent(16);
    writer.byte(0x92);
    writer.byte(kinds.ping);
    writer.uint(this.#nonce);
    this.outbox.wrote();
  }

  #ask(): number {
    this.#heartbeat.ask();
    return this.#nonce;
  }

  #pong(nonce: number): void {
    if (!this.#pingAllowance.take()) throw new ProtocolError("too many pings", closeCodes.tooManyFrames);
    sendPong(this.outbox, nonce, this.#load?.());
  }

  #ponged(nonce: number, load: Load | undefined): void {
    if (nonce === this.#nonce) this.#heartbeat.ponged();
    this.#arrears?.ponged(nonce);
    if (nonce === this.#nonce) this.#transit.ponged(this.#pingedAt);
    this.#events.pong?.({ load, rttMs: nonce === this.#nonce ? this.#clock.now() - this.#pingedAt : undefined });
    if (this.#pingsOut > 0) this.#pingsOut--;
    else if (!this.#pingAllowance.take()) throw new ProtocolError("too many pongs", closeCodes.tooManyFrames);
  }
}
