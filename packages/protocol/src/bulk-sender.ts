import type { Clock } from "./clock.js";
import type { Encoded } from "./codec.js";
import { kinds } from "./frame.js";
import { fixedLimits } from "./limits.js";
import type { Transport } from "./transport.js";

/** With more than this in the socket no further chunk is handed over. */
const socketBytes = 16 * 1024;
/** Messages up to this size are through in a moment; longer ones travel in finer pieces, so that others slip in between. */
const shortBytes = 1024 * 1024;
const shortChunkBytes = 32 * 1024;
const longChunkBytes = 8 * 1024;
/** What is kept under way to begin with, and the least, however slow the peer. */
const firstWindow = 128 * 1024;
const leastWindow = 2 * longChunkBytes;
/** Chunks that take this many times the quickest one to be credited are standing in a queue somewhere. */
const queueing = 2;

/** One large message on its way: chunk messages back to back in memory of its own, ready to be sent. */
interface Transfer {
  readonly id: number;
  readonly messages: Uint8Array;
  readonly headerBytes: number;
  readonly chunkBytes: number;
  /** Where the next chunk message begins. */
  position: number;
  /** The frame that announces it has left. */
  isAnnounced: boolean;
  /** The last chunk has been handed over, or the transfer was cancelled. */
  readonly done: () => void;
}

/** Somebody who waits for one of the few places. */
interface Waiting {
  readonly id: number | undefined;
  readonly bytes: number;
  readonly begin: () => void;
}

/** A chunk that has been sent and not credited. */
interface UnderWay {
  readonly total: number;
  readonly sentAt: number;
}

/**
 * Sends large messages in chunks, a few messages at a time and in turn, so that what is small and urgent never waits
 * long. How much is under way follows the peer: it grows while chunks are credited about as quickly as the quickest ever
 * was, shrinks when they begin to queue, and stays within the credit the peer gave. (The idea of TCP Vegas: Brakmo and
 * Peterson, 1994.)
 */
export class BulkSender {
  readonly #transport: Transport;
  readonly #clock: Clock;
  /** Announced, a limited number. */
  #active: Transfer[] = [];
  #waiting: Waiting[] = [];
  #turn = 0;
  #firstCredit = 0;
  #credit = 0;
  #sent = 0;
  #sentChunks = 0;
  #taken = 0;
  #window = firstWindow;
  #quickestMs = Number.POSITIVE_INFINITY;
  #underWay: UnderWay[] = [];
  #pendingBytes = 0;

  constructor(transport: Transport, clock: Clock) {
    this.#transport = transport;
    this.#clock = clock;
  }

  /** Bytes that have not been handed to the socket. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Chunks that have been handed to the socket. */
  get sentChunks(): number {
    return this.#sentChunks;
  }

  /** Bytes of chunks that have been handed to the socket. */
  get sentBytes(): number {
    return this.#sent;
  }

  /** What the peer lets us have under way, as it said in its greeting. */
  start(credit: number): void {
    this.#firstCredit = this.#credit = credit;
  }

  /** Whether one more message may be announced now. */
  get hasRoom(): boolean {
    return this.#active.length < fixedLimits.transfers;
  }

  /**
   * Calls `begin` when there is room for a message of `bytes`. `id` names the call, if it has one already.
   * @returns how to stop waiting.
   */
  wait(id: number | undefined, bytes: number, begin: () => void): () => void {
    const one = { id, bytes, begin };
    this.#waiting.push(one);
    this.#pendingBytes += bytes;
    return () => {
      const at = this.#waiting.indexOf(one);
      if (at === -1) return;
      this.#waiting.splice(at, 1);
      this.#pendingBytes -= bytes;
    };
  }

  /** Takes over (by copy) the payload of a message that is being announced. `done` is called at its end, whatever the end. */
  begin(id: number, payload: Encoded, done: () => void): void {
    const { messages, headerBytes, chunkBytes } = layOut(id, payload);
    this.#pendingBytes += messages.length;
    this.#active.push({ id, messages, headerBytes, chunkBytes, position: 0, isAnnounced: false, done });
  }

  /** Everything that was written before now has left, announcements included. */
  announced(): void {
    for (const transfer of this.#active) transfer.isAnnounced = true;
  }

  /** Forgets the messages of a call that has ended. */
  cancel(id: number): void {
    if (this.#pendingBytes === 0) return;
    for (const one of this.#waiting) if (one.id === id) this.#pendingBytes -= one.bytes;
    this.#waiting = this.#waiting.filter((one) => one.id !== id);
    for (const transfer of this.#active.filter((one) => one.id === id)) this.#end(transfer);
  }

  /** The peer has taken in chunks and lets `total` bytes be sent; a total that is not higher is a repeat. */
  credited(total: number): void {
    if (total <= this.#credit) return;
    this.#credit = total;
    this.#taken = total - this.#firstCredit;
    let newest: UnderWay | undefined;
    let count = 0;
    for (const chunk of this.#underWay) {
      if (chunk.total > this.#taken) break;
      newest = chunk;
      count++;
    }
    this.#underWay = this.#underWay.slice(count);
    if (newest === undefined) return;
    const tookMs = this.#clock.now() - newest.sentAt;
    this.#quickestMs = Math.min(this.#quickestMs, tookMs);
    if (tookMs > this.#quickestMs * queueing) this.#window = Math.max(leastWindow, this.#window - longChunkBytes);
    else this.#window += longChunkBytes;
  }

  /** Hands chunks over, one of each message in turn, as far as socket, window and credit allow. */
  pump(): void {
    if (this.#active.length === 0) return;
    while (this.#transport.bufferedBytes < socketBytes) {
      const ready = this.#active.filter((one) => one.isAnnounced);
      const transfer = ready[this.#turn++ % ready.length];
      if (transfer === undefined) return;
      const end = Math.min(transfer.position + transfer.headerBytes + transfer.chunkBytes, transfer.messages.length);
      const size = end - transfer.position - transfer.headerBytes;
      const underWay = this.#sent - this.#taken;
      if (this.#sent + size > this.#credit || (underWay > 0 && underWay + size > this.#window)) return;
      const message = transfer.messages.subarray(transfer.position, end);
      transfer.position = end;
      this.#pendingBytes -= message.length;
      this.#sent += size;
      this.#sentChunks++;
      this.#underWay.push({ total: this.#sent, sentAt: this.#clock.now() });
      this.#transport.send(message);
      if (end === transfer.messages.length) this.#end(transfer);
    }
  }

  /** Drops everything. */
  close(): void {
    this.#waiting = [];
    this.#pendingBytes = 0;
    this.#active = [];
  }

  #end(transfer: Transfer): void {
    this.#pendingBytes = Math.max(0, this.#pendingBytes - transfer.messages.length + transfer.position);
    this.#active = this.#active.filter((one) => one !== transfer);
    transfer.done();
    while (this.hasRoom) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#pendingBytes -= next.bytes;
      next.begin();
    }
  }
}

/** Copies a payload once, leaving room for the header of a chunk frame before each piece. */
function layOut(id: number, payload: Encoded): Pick<Transfer, "messages" | "headerBytes" | "chunkBytes"> {
  const length = payload.end - payload.start;
  const chunkBytes = length > shortBytes ? longChunkBytes : shortChunkBytes;
  const header = chunkHeader(id);
  const count = Math.ceil(length / chunkBytes);
  const messages = new Uint8Array(length + count * header.length);
  let position = 0;
  for (let start = payload.start; start < payload.end; start += chunkBytes) {
    const size = Math.min(chunkBytes, payload.end - start);
    messages.set(header, position);
    new DataView(messages.buffer).setUint32(position + header.length - 4, size);
    messages.set(payload.bytes.subarray(start, start + size), position + header.length);
    position += header.length + size;
  }
  return { messages, headerBytes: header.length, chunkBytes };
}

/** `[24, id, bin 32 …]` up to and including the length, which is filled in for each chunk. Ids take their 64-bit form. */
function chunkHeader(id: number): Uint8Array {
  const header = new Uint8Array(2 + 9 + 5);
  const view = new DataView(header.buffer);
  header[0] = 0x93;
  header[1] = kinds.chunk;
  header[2] = 0xcf;
  view.setBigUint64(3, BigInt(id));
  header[11] = 0xc6;
  return header;
}
