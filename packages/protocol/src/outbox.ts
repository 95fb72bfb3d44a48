import { BulkSender } from "./bulk-sender.js";
import type { Clock } from "./clock.js";
import { FrameWriter } from "./frame-writer.js";
import { fixedLimits } from "./limits.js";
import type { Transport } from "./transport.js";

/** Above this, batches wait here instead of in the socket, so that urgent frames stay quick. */
const socketBufferBytes = 1024 * 1024;

/**
 * What leaves on one connection. Frames written in one turn of the event loop leave in one message; a lone frame pays
 * nothing for it. When the socket is full, batches wait here in order, and urgent frames (ping, pong, credit) pass them.
 */
export class Outbox {
  /** Large messages, which wait for everything else. */
  readonly bulk: BulkSender;
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #writer = new FrameWriter();
  readonly #urgent = new FrameWriter();
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  readonly #roomWanted: (() => void)[] = [];
  #scheduled = false;
  #closed = false;
  #openItemId = 0;
  #openItemOffset = 0;
  #openItemCount = 0;
  readonly #flush = (): void => {
    this.#scheduled = false;
    this.flush();
  };

  constructor(transport: Transport, clock: Clock) {
    this.#transport = transport;
    this.#clock = clock;
    this.bulk = new BulkSender(transport, clock);
  }

  /** Bytes that a close would drop. What is in the open batch or with the transport still goes out. */
  get heldBytes(): number {
    return this.#waitingBytes + this.bulk.pendingBytes;
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
  wrote(): void {
    if (this.#writer.length >= fixedLimits.batchBytes) this.flush();
    else if (!this.#scheduled) {
      this.#scheduled = true;
      this.#clock.defer(this.#flush);
    }
  }

  /** Sends what there is, as far as the socket takes it. */
  flush(): void {
    this.#openItemId = 0;
    if (this.#closed) return;
    if (this.#urgent.length > 0) this.#transport.send(this.#urgent.take());
    if (this.#writer.length > 0) {
      const batch = this.#writer.take();
      if (this.#waiting.length === 0 && this.#transport.bufferedBytes < socketBufferBytes) this.#transport.send(batch);
      else {
        this.#waiting.push(batch);
        this.#waitingBytes += batch.length;
      }
    }
    this.bulk.announced();
    if (this.#waiting.length === 0) this.bulk.pump();
  }

  /** The socket has room again. */
  drained(): void {
    if (this.#closed) return;
    let sent = 0;
    while (sent < this.#waiting.length && this.#transport.bufferedBytes < socketBufferBytes) {
      const batch = this.#waiting[sent++] as Uint8Array;
      this.#waitingBytes -= batch.length;
      this.#transport.send(batch);
    }
    if (sent > 0) this.#waiting = this.#waiting.slice(sent);
    if (this.#waiting.length > 0) return;
    this.bulk.pump();
    if (this.#roomWanted.length > 0 && this.#transport.bufferedBytes < socketBufferBytes) this.#tellRoom();
  }

  /** Whether a sender that can wait should: the socket has more than it takes. */
  get isCongested(): boolean {
    return !this.#closed && (this.#waiting.length > 0 || this.#transport.bufferedBytes >= socketBufferBytes);
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
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#writer.take();
    this.#urgent.take();
    this.bulk.close();
  }

  /** A frame that would take the batch beyond its length starts a new one. */
  #makeRoom(size: number): void {
    if (this.#writer.length > 0 && this.#writer.length + size > fixedLimits.batchBytes) this.flush();
  }
}
