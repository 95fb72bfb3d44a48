import { BulkSender } from "./bulk-sender.js";
import type { Clock } from "./clock.js";
import { FrameWriter } from "./frame-writer.js";
import { fixedLimits } from "./limits.js";
import type { Transport } from "./transport.js";

/** Above this, batches wait here instead of in the socket, so that urgent frames stay quick. */
const socketBufferBytes = 1024 * 1024;

/**
 * A batch that grows to this length leaves before the turn ends: the peer works on it while this side goes on writing.
 * docs/decisions/0028-long-batches-leave-early.md has what that is worth.
 */
const eagerBatchBytes = 8 * 1024;

/** The same for a batch that ends with an answer: its callers wait for nothing else. */
const eagerAnswerBytes = 1024;

/**
 * What leaves on one connection. Frames written in one turn of the event loop leave in one message; a lone frame pays
 * nothing for it. When the socket is full, batches wait here in order, and urgent frames (ping, pong, credit) pass them.
 */
export class Outbox {
  /** Large messages, which wait for everything else. */
  readonly bulk: BulkSender;
  /** With more than this waiting for the peer, whatever makes more of it waits too. */
  readonly maxBacklogBytes: number;
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #writer = new FrameWriter();
  readonly #urgent = new FrameWriter();
  readonly #changed: () => void;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  readonly #roomWanted: (() => void)[] = [];
  #sentBytes = 0;
  /** Bytes of batches, urgent ones apart: those that were finished, and how far they have been handed over. */
  #batchedBytes = 0;
  #handedBytes = 0;
  #overfull = false;
  #relieved: (() => void)[] = [];
  #scheduled = false;
  #closed = false;
  #openItemId = 0;
  #openItemOffset = 0;
  #openItemCount = 0;
  readonly #flush = (): void => {
    this.#scheduled = false;
    this.flush();
  };

  /** `changed` is called whenever bytes have been handed over, or may have begun to wait. */
  constructor(transport: Transport, clock: Clock, maxBacklogBytes: number, changed: () => void) {
    this.#transport = transport;
    this.#clock = clock;
    this.maxBacklogBytes = maxBacklogBytes;
    this.#changed = changed;
    this.bulk = new BulkSender(transport, clock);
  }

  /** Bytes that a close would drop. What is in the open batch or with the transport still goes out. */
  get heldBytes(): number {
    return this.#waitingBytes + this.bulk.pendingBytes;
  }

  /** Bytes that have not reached the network. */
  get queuedBytes(): number {
    return this.#writer.length + this.#urgent.length + this.heldBytes + this.#transport.bufferedBytes;
  }

  /** Bytes that the network has taken. */
  get takenBytes(): number {
    return this.#sentBytes + this.bulk.sentBytes - this.#transport.bufferedBytes;
  }

  /** More than `maxBacklogBytes` waits, until `onRelief`. */
  get isOverfull(): boolean {
    return this.#overfull || this.bulk.pendingBytes > this.maxBacklogBytes;
  }

  /** Calls `run` once, when there is room again. */
  onRelief(run: () => void): void {
    this.#relieved.push(run);
  }

  /** Where the next frame begins among all that are written, urgent ones apart. */
  get position(): number {
    return this.#batchedBytes + this.#writer.length;
  }

  /** Whether the frame that begins at `position`, or a part of it, has been handed to the network. */
  wasHandedOver(position: number): boolean {
    return position < this.#handedBytes;
  }

  /** A writer with room for a frame of `size` bytes. Call `wrote` after the frame. */
  frame(size: number): FrameWriter {
    this.#openItemId = 0;
    this.#makeRoom(size);
    this.#writer.reserve(size);
    return this.#writer;
  }

  /**
   * A writer that stands where one more value of an item frame of call `id` goes: inside the frame just written if it is of
   * the same call, else in a new one.
   */
  item(id: number, size: number): FrameWriter {
    const writer = this.#writer;
    this.#makeRoom(size + 16);
    writer.reserve(size + 16);
    if (this.#openItemId === id && this.#openItemCount < 0xffff) {
      this.#openItemCount++;
      writer.patch(this.#openItemOffset + 1, this.#openItemCount >> 8);
      writer.patch(this.#openItemOffset + 2, this.#openItemCount);
    } else {
      this.#openItemId = id;
      this.#openItemOffset = writer.length;
      this.#openItemCount = 3;
      writer.byte(0xdc);
      writer.byte(0);
      writer.byte(3);
      writer.byte(19);
      writer.uint(id);
    }
    return writer;
  }

  /** A writer for a frame that may overtake others. Call `wrote` after the frame. */
  urgent(size: number): FrameWriter {
    if (this.#waiting.length === 0) return this.frame(size);
    this.#urgent.reserve(size);
    return this.#urgent;
  }

  /** A frame has been written: it leaves at the end of this turn, or now if the batch is long enough. */
  wrote(eagerBytes = eagerBatchBytes): void {
    if (this.#writer.length >= eagerBytes) this.flush();
    else if (!this.#scheduled) {
      this.#scheduled = true;
      this.#clock.defer(this.#flush);
    }
  }

  /** The frame that has been written is an answer. */
  answered(): void {
    this.wrote(eagerAnswerBytes);
  }

  /** Sends what there is, as far as the socket takes it. */
  flush(): void {
    this.#openItemId = 0;
    if (this.#closed) return;
    if (this.#urgent.length > 0) this.#send(this.#urgent.take());
    if (this.#writer.length > 0) {
      const batch = this.#writer.take();
      this.#batchedBytes += batch.length;
      if (this.#waiting.length === 0 && this.#transport.bufferedBytes < socketBufferBytes) this.#handOver(batch);
      else {
        this.#waiting.push(batch);
        this.#waitingBytes += batch.length;
      }
    }
    this.bulk.announced();
    if (this.#waiting.length === 0) this.bulk.pump();
    this.#judge();
  }

  /** The socket has room again. */
  drained(): void {
    if (this.#closed) return;
    let sent = 0;
    while (sent < this.#waiting.length && this.#transport.bufferedBytes < socketBufferBytes) {
      const batch = this.#waiting[sent++] as Uint8Array;
      this.#waitingBytes -= batch.length;
      this.#handOver(batch);
    }
    if (sent > 0) this.#waiting = this.#waiting.slice(sent);
    if (this.#waiting.length === 0) this.bulk.pump();
    this.#judge();
  }

  /** Whether a sender that can wait should: the socket has more than it takes, or too much waits for it. */
  get isCongested(): boolean {
    const isFull = this.#waiting.length > 0 || this.#transport.bufferedBytes >= socketBufferBytes;
    return !this.#closed && (isFull || this.isOverfull);
  }

  /** Resolves when there is room again, or no connection any more. */
  room(): Promise<void> {
    return new Promise((resolve) => this.#roomWanted.push(resolve));
  }

  #tellRoom(): void {
    for (const resolve of this.#roomWanted.splice(0)) resolve();
  }

  /** Drops what waits; nothing is sent any more. */
  close(): void {
    this.#closed = true;
    this.#tellRoom();
    this.#relieved = [];
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#writer.take();
    this.#urgent.take();
    this.bulk.close();
  }

  #handOver(batch: Uint8Array): void {
    if (this.#transport.isClosing !== true) this.#handedBytes += batch.length;
    this.#send(batch);
  }

  #send(batch: Uint8Array): void {
    this.#sentBytes += batch.length;
    this.#transport.send(batch);
  }

  #judge(): void {
    this.#overfull = this.queuedBytes > this.maxBacklogBytes;
    this.#changed();
    if (this.#roomWanted.length > 0 && !this.isCongested) this.#tellRoom();
    if (this.#relieved.length === 0 || this.isOverfull) return;
    for (const run of this.#relieved.splice(0)) run();
  }

  /** A frame that would take the batch beyond its length starts a new one. */
  #makeRoom(size: number): void {
    if (this.#writer.length > 0 && this.#writer.length + size > fixedLimits.batchBytes) this.flush();
  }
}
