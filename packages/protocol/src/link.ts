import { Allowance } from "./allowance.js";
import { type BacklogOptions, defaultBacklog, StallWatch } from "./backlog.js";
import type { Clock } from "./clock.js";
import { closeCodes, ProtocolError } from "./close-code.js";
import type { DeadlineWheel } from "./deadline-wheel.js";
import { type Frame, kinds } from "./frame.js";
import { Heartbeat, type HeartbeatOptions } from "./heartbeat.js";
import { Outbox } from "./outbox.js";
import { FrameReader } from "./parse-frame.js";
import type { CloseInfo, Transport } from "./transport.js";

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
  readonly events: LinkEvents;
}

/** Signs of life a peer may send unasked: this many at once, and this many a second in the long run. */
const pings = { burst: 20, perSecond: 5 };
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
  #nonce = 0;
  readonly #pingAllowance: Allowance;
  readonly #stall: StallWatch;
  /** Pings of ours that may still be answered. */
  #pingsOut = 0;
  #afterClose = 0;

  constructor(options: LinkOptions) {
    this.#transport = options.transport;
    this.#events = options.events;
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

  /** How long ago the peer was last heard, in milliseconds. */
  get silenceMs(): number {
    return this.#heartbeat.silenceMs;
  }

  /** Asks the peer for a sign of life, now. */
  ask(): void {
    this.#heartbeat.ask();
  }

  /** A call has begun to wait for the peer. */
  hurry(): void {
    this.#heartbeat.hurry();
    this.#transport.ref();
  }

  /** Nothing waits for the peer: the socket alone need not keep the process alive. */
  relax(): void {
    this.#transport.unref();
  }

  /** One message from the transport. */
  message(bytes: Uint8Array): void {
    if (this.#closed) return this.#afterEnd();
    this.#heartbeat.heard();
    this.#events.heard?.();
    try {
      const reader = new FrameReader(bytes);
      for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
        if (!this.#greeted) {
          // The handshake comes first, before any ping: the owner refuses everything else.
          this.#greeted = true;
          this.#events.frame(frame);
        } else if (frame.kind === kinds.ping) this.#pong(frame.nonce);
        else if (frame.kind === kinds.pong) this.#ponged(frame.nonce);
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
    this.#pingsOut++;
    const writer = this.outbox.urgent(16);
    writer.byte(0x92);
    writer.byte(kinds.ping);
    writer.uint(this.#nonce);
    this.outbox.wrote();
  }

  #pong(nonce: number): void {
    if (!this.#pingAllowance.take()) throw new ProtocolError("too many pings", closeCodes.tooManyFrames);
    const writer = this.outbox.urgent(24);
    writer.byte(0x93);
    writer.byte(kinds.pong);
    writer.uint(nonce);
    writer.byte(0xc0);
    this.outbox.wrote();
  }

  #ponged(nonce: number): void {
    if (nonce === this.#nonce) this.#heartbeat.ponged();
    if (this.#pingsOut > 0) this.#pingsOut--;
    else if (!this.#pingAllowance.take()) throw new ProtocolError("too many pongs", closeCodes.tooManyFrames);
  }
}
