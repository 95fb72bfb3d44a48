import type { Socket } from "node:net";
import type { Clock, Random, Timer } from "@farcall/protocol";
import { type Faults, noFaults } from "./rule.js";

/** Bytes on their way, or what comes after the last of them. */
interface Parcel {
  readonly content: Buffer | "end" | "reset";
  /** When the last byte of it had left the sender. */
  readonly sentAt: number;
  delayMs: number;
}

export interface PipeOptions {
  readonly source: Socket;
  readonly sink: Socket;
  readonly clock: Clock;
  readonly random: Random;
  /** The source is not read while this much is kept. */
  readonly maxBufferedBytes: number;
  /** As many bytes as were allowed have passed. */
  readonly cut: () => void;
}

/** A throttled link takes this much of a second at once. */
const sliceSeconds = 0.02;

/**
 * One direction of a connection, as a network: a link that takes so many bytes a second, and the way to the other end,
 * which takes its time. Ends travel like bytes, behind them.
 */
export class Pipe {
  readonly #options: PipeOptions;
  #faults = noFaults;
  /** Read, and not yet taken by the link. */
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  /** Ends that were read behind it. */
  #ends: ("end" | "reset")[] = [];
  #linkFreeAt = 0;
  readonly #underWay: Parcel[] = [];
  #underWayBytes = 0;
  #passed = 0;
  #left = noFaults.cutAfterBytes;
  #isSinkFull = false;
  #timer: Timer | undefined;
  #stopped = false;

  constructor(options: PipeOptions) {
    this.#options = options;
    const { source, sink } = options;
    let ended = false;
    source.on("data", (bytes: Buffer) => {
      if (this.#stopped) return;
      // A link that was idle has saved up nothing.
      if (this.#waiting.length === 0) this.#linkFreeAt = Math.max(this.#linkFreeAt, options.clock.now());
      this.#waiting.push(bytes);
      this.#waitingBytes += bytes.length;
      this.#pump();
    });
    source.on("end", () => {
      ended = true;
      this.#ends.push("end");
      this.#pump();
    });
    source.on("close", (hadError) => {
      if (ended && !hadError) return;
      this.#ends.push("reset");
      this.#pump();
    });
    sink.on("drain", () => {
      this.#isSinkFull = false;
      this.#pump();
    });
    // Nobody is left to wait for: what comes is thrown away.
    sink.on("close", () => {
      this.#isSinkFull = false;
      this.#pump();
    });
  }

  /** Bytes handed to the sink. */
  get passed(): number {
    return this.#passed;
  }

  /** Changes the fields that are given, also for what is under way. */
  change(faults: Partial<Faults>): void {
    const { clock } = this.#options;
    this.#faults = { ...this.#faults, ...faults };
    this.#left = faults.cutAfterBytes ?? this.#left;
    if (faults.delayMs !== undefined || faults.jitterMs !== undefined) {
      for (const parcel of this.#underWay) parcel.delayMs = this.#delay();
    }
    this.#linkFreeAt = clock.now();
    if (this.#left === 0) this.#options.cut();
    else this.#pump();
  }

  /** Nothing moves from here on. */
  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#options.source.pause();
    this.#waiting = [];
    this.#underWay.length = 0;
  }

  #pump(): void {
    if (this.#stopped) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    if (!this.#faults.blackHole) {
      this.#load();
      this.#deliver();
      if (this.#stopped) return;
      this.#schedule();
    }
    const { source, maxBufferedBytes } = this.#options;
    const isBusy =
      this.#faults.blackHole ||
      this.#isSinkFull ||
      this.#waitingBytes > 0 ||
      this.#waitingBytes + this.#underWayBytes >= maxBufferedBytes;
    if (isBusy) source.pause();
    else source.resume();
  }

  /** What waits goes onto the link, as fast as that takes it. */
  #load(): void {
    const { bytesPerSecond } = this.#faults;
    const now = this.#options.clock.now();
    const most = Math.max(1, Math.floor(bytesPerSecond * sliceSeconds));
    while (this.#waiting.length > 0 && this.#linkFreeAt <= now) {
      const content = this.#take(most);
      this.#linkFreeAt += (content.length / bytesPerSecond) * 1_000;
      this.#underWay.push({ content, sentAt: this.#linkFreeAt, delayMs: this.#delay() });
      this.#underWayBytes += content.length;
    }
    if (this.#waiting.length > 0) return;
    for (const content of this.#ends.splice(0)) {
      this.#underWay.push({ content, sentAt: Math.max(now, this.#linkFreeAt), delayMs: this.#delay() });
    }
  }

  #take(most: number): Buffer {
    const first = this.#waiting[0] as Buffer;
    const content = first.subarray(0, most);
    if (content.length === first.length) this.#waiting.shift();
    else this.#waiting[0] = first.subarray(most);
    this.#waitingBytes -= content.length;
    return content;
  }

  #delay(): number {
    return this.#faults.delayMs + this.#options.random() * this.#faults.jitterMs;
  }

  /** What is due goes to the sink, in order, while that takes it. */
  #deliver(): void {
    const now = this.#options.clock.now();
    for (let parcel = this.#underWay[0]; parcel !== undefined; parcel = this.#underWay[0]) {
      if (this.#isSinkFull || this.#stopped || parcel.sentAt + parcel.delayMs > now) return;
      this.#underWay.shift();
      if (typeof parcel.content !== "string") this.#write(parcel.content);
      else if (parcel.content === "end") this.#options.sink.end();
      else reset(this.#options.sink);
    }
  }

  #write(content: Buffer): void {
    const { sink, cut } = this.#options;
    this.#underWayBytes -= content.length;
    if (sink.destroyed || sink.writableEnded) return;
    const bytes = content.subarray(0, this.#left);
    this.#passed += bytes.length;
    this.#left -= bytes.length;
    if (this.#left > 0) this.#isSinkFull = !sink.write(bytes);
    else {
      // Not before they are out: a reset takes along what the system has not sent yet.
      sink.write(bytes, () => cut());
      this.stop();
    }
  }

  #schedule(): void {
    const { clock } = this.#options;
    const first = this.#underWay[0];
    const dueAt = first === undefined || this.#isSinkFull ? Number.POSITIVE_INFINITY : first.sentAt + first.delayMs;
    const at = Math.min(dueAt, this.#waiting.length > 0 ? this.#linkFreeAt : Number.POSITIVE_INFINITY);
    if (at < Number.POSITIVE_INFINITY) this.#timer = clock.setTimeout(() => this.#pump(), at - clock.now());
  }
}

/** Ends a socket with RST where there is a connection to reset. */
export function reset(socket: Socket): void {
  // While a FIN is on its way the system refuses to reset.
  if (socket.connecting || socket.pending || socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
