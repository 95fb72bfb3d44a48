import type { Clock } from "../clock.js";
import { type Code, codes, executedToNumber } from "../code.js";
import { copyEncoded, type Encoded } from "../codec.js";
import type { ErrorContent } from "../error.js";
import { kinds } from "../frame.js";
import { fixedLimits } from "../limits.js";
import { encodeMetadata, type Metadata } from "../metadata.js";
import type { Outbox } from "../outbox.js";
import { announcementType } from "../parse-frame.js";
import { clip, encodeErrorHead } from "./error-frame.js";
import type { MethodRef } from "./method-ref.js";
import type { OutgoingCall } from "./outgoing-call.js";
import type { LargeItem } from "./send-stream.js";

/** Writes the numbered frames of one session into its outbox; large payloads are announced and sent in chunks. */
export class FrameSender {
  readonly #outbox: Outbox;
  readonly #clock: Clock;
  readonly #numbers = new Map<MethodRef, number>();
  /** When the peer was told the time; `Infinity` when it is never told. */
  #toldTimeAt: number;

  constructor(outbox: Outbox, clock: Clock, tellsTime: boolean) {
    this.#toldTimeAt = tellsTime ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    this.#outbox = outbox;
    this.#clock = clock;
  }

  /** Whether there is a number for this method. */
  canName(method: MethodRef): boolean {
    return this.#numbers.size < fixedLimits.methods || this.#numbers.has(method);
  }

  /** A call with its arguments, or with their announcement. Its method is named before its first call. */
  call(call: OutgoingCall, args: Encoded): void {
    const { id, head } = call;
    const now = this.#clock.now();
    if (now - this.#toldTimeAt >= tellTimeMs) this.#tellTime(now);
    const method = this.#number(call.method);
    const left = Math.max(1, Math.ceil(call.deadline - now));
    // Thirty years are no deadline.
    const timeoutMs = left > longestTimeoutMs ? 0 : left;
    const writer = this.#outbox.frame(40 + (head?.length ?? 0) + args.end - args.start);
    writer.byte(0x96);
    writer.byte(kinds.call);
    writer.uint(id);
    writer.uint(method);
    writer.uint(timeoutMs);
    if (head === undefined) writer.byte(0xc0);
    else writer.raw(head, 0, head.length);
    writer.raw(args.bytes, args.start, args.end);
    this.#outbox.wrote();
  }

  /** The callee can then tell a call that comes late, however long it was on its way. */
  #tellTime(now: number): void {
    this.#toldTimeAt = now;
    const writer = this.#outbox.frame(16);
    writer.byte(0x92);
    writer.byte(kinds.time);
    writer.uint(Math.max(0, Math.floor(now)));
  }

  /** Sends one item. @returns what it costs. `onTheWay` is called once nothing of it is left here, if that takes longer. */
  item(id: number, value: Encoded, large: LargeItem): number {
    const length = value.end - value.start;
    if (length > fixedLimits.chunkBytes) {
      large.started();
      this.#sendLarge(
        id,
        value,
        (announced) => this.#writeItem(id, announced),
        () => large.sent(),
      );
    } else this.#writeItem(id, value);
    return length + fixedLimits.itemOverheadBytes;
  }

  /** `sent` is called once nothing of a large one is left here. */
  result(id: number, value: Encoded, sent: () => void): void {
    if (value.end - value.start > fixedLimits.chunkBytes) {
      this.#sendLarge(id, value, (announced) => this.#writeResult(id, announced), sent);
    } else this.#writeResult(id, value);
  }

  #writeItem(id: number, value: Encoded): void {
    const outbox = this.#outbox;
    const isAnnouncement = value.bytes === announcementBytes;
    const writer = isAnnouncement ? outbox.frame(16 + announcementBytes.length) : outbox.item(id, value.end - value.start);
    if (isAnnouncement) {
      writer.byte(0x93);
      writer.byte(kinds.item);
      writer.uint(id);
    }
    writer.raw(value.bytes, value.start, value.end);
    outbox.wrote();
  }

  #writeResult(id: number, value: Encoded): void {
    const writer = this.#outbox.frame(16 + value.end - value.start);
    writer.byte(0x93);
    writer.byte(kinds.result);
    writer.uint(id);
    writer.raw(value.bytes, value.start, value.end);
    this.#outbox.answered();
  }

  /** Announces a large payload and has it sent in chunks, at once or when there is room. */
  #sendLarge(id: number, payload: Encoded, announce: (announced: Encoded) => void, done: () => void): void {
    const { bulk } = this.#outbox;
    const begin = (value: Encoded): void => {
      announce(announcement(value));
      bulk.begin(id, value, done);
      this.#outbox.wrote();
    };
    if (bulk.hasRoom) return begin(payload);
    const kept = ownEncoded(payload);
    bulk.wait(id, kept.end, () => begin(kept));
  }

  metadata(kind: typeof kinds.headers | typeof kinds.trailers, id: number, metadata: Metadata): void {
    const flat = encodeMetadata(metadata);
    const writer = this.#outbox.frame(16 + flat.end - flat.start);
    writer.byte(0x93);
    writer.byte(kind);
    writer.uint(id);
    writer.raw(flat.bytes, flat.start, flat.end);
    this.#outbox.wrote();
  }

  end(id: number): void {
    const writer = this.#outbox.frame(16);
    writer.byte(0x92);
    writer.byte(kinds.end);
    writer.uint(id);
    this.#outbox.wrote();
  }

  cancel(id: number, code: Code): void {
    const writer = this.#outbox.frame(16);
    writer.byte(0x93);
    writer.byte(kinds.cancel);
    writer.uint(id);
    writer.uint(codes[code]);
    this.#outbox.wrote();
  }

  credit(id: number, total: number): void {
    const writer = this.#outbox.urgent(24);
    writer.byte(0x93);
    writer.byte(kinds.credit);
    writer.uint(id);
    writer.uint(total);
    this.#outbox.wrote();
  }

  error(id: number, error: ErrorContent, maxMessageBytes: number): void {
    const message = clip(error.message, fixedLimits.errorMessageBytes);
    const head = encodeErrorHead(error, Math.min(maxMessageBytes, fixedLimits.errorHeadBytes));
    const writer = this.#outbox.frame(32 + message.length * 3 + (head?.length ?? 0));
    writer.byte(0x96);
    writer.byte(kinds.error);
    writer.uint(id);
    writer.uint(codes[error.code]);
    writer.uint(executedToNumber(error.executed));
    writer.string(message);
    if (head === undefined) writer.byte(0xc0);
    else writer.raw(head, 0, head.length);
    this.#outbox.wrote();
  }

  #number(method: MethodRef): number {
    const known = this.#numbers.get(method);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(method, number);
    const { fingerprint } = method.descriptor;
    const writer = this.#outbox.frame(48 + (method.service.length + method.name.length + fingerprint.length) * 3);
    writer.byte(0x95);
    writer.byte(kinds.method);
    writer.uint(number);
    writer.string(method.service);
    writer.string(method.name);
    writer.string(fingerprint);
    return number;
  }
}

const longestTimeoutMs = 1e12;
/** While there are calls, the peer is told the time at most this often, in milliseconds. */
const tellTimeMs = 100;

/** A payload in memory of its own. */
export function ownEncoded(encoded: Encoded): Encoded {
  const bytes = copyEncoded(encoded);
  return { bytes, start: 0, end: bytes.length };
}

const announcementBytes = new Uint8Array(6);

/** What stands in a frame in place of a large payload. Valid until the next one. */
export function announcement(payload: Encoded): Encoded {
  announcementBytes[0] = 0xd6;
  announcementBytes[1] = announcementType;
  new DataView(announcementBytes.buffer).setUint32(2, payload.end - payload.start);
  return { bytes: announcementBytes, start: 0, end: announcementBytes.length };
}
