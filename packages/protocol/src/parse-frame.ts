import { ProtocolError } from "./close-code.js";
import { codeFromNumber, executedFromNumber } from "./code.js";
import { readDrain, readHealth, readLoad } from "./control-frame.js";
import { type Frame, firstIgnorableKind, kinds, type Payload } from "./frame.js";
import { fixedLimits } from "./limits.js";
import { scan } from "./scan.js";

/** Extension type that stands for a payload that follows in chunks. */
export const announcementType = 0x63;

const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * Reads the frames of one message, in order, from untrusted bytes. Envelopes are read here, byte by byte; payloads are
 * scanned and handed on undecoded. Unknown ignorable frames are skipped.
 */
export class FrameReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #position = 0;

  constructor(message: Uint8Array) {
    this.#bytes = message;
    this.#end = message.length;
    if (message.length === 0) throw new ProtocolError("an empty message");
  }

  /** The next frame, or `undefined` after the last. @throws ProtocolError */
  next(): Frame | undefined {
    while (this.#position < this.#end) {
      const start = this.#position;
      const count = this.#arrayHeader();
      const kind = this.#byte();
      if (kind >= firstIgnorableKind && kind < 0x80) {
        this.#position = scan(this.#bytes, start, this.#end, 0);
        continue;
      }
      return this.#frame(kind, count);
    }
    return undefined;
  }

  #frame(kind: number, count: number): Frame {
    switch (kind) {
      case kinds.call:
        expectCount("call", count, 6);
        return {
          kind,
          id: this.#uint(),
          method: this.#uint(),
          timeoutMs: this.#uint(),
          head: this.#optional(),
          args: this.#message(),
        };
      case kinds.result:
        expectCount("result", count, 3);
        return { kind, id: this.#uint(), value: this.#message() };
      case kinds.item: {
        if (count < 3) throw new ProtocolError(`an item frame of ${count} elements`);
        const id = this.#uint();
        const values: Payload[] = [];
        if (count - 2 > this.#end - this.#position)
          throw new ProtocolError("an item frame declares more values than it has bytes");
        for (let i = 2; i < count; i++) values.push(this.#message());
        if (count > 3 && values.some((value) => value.announced > 0))
          throw new ProtocolError("an announcement among other items");
        return { kind, id, values };
      }
      case kinds.chunk:
        expectCount("chunk", count, 3);
        return { kind, id: this.#uint(), bytes: this.#chunk() };
      case kinds.headers:
      case kinds.trailers:
        expectCount("metadata", count, 3);
        return { kind, id: this.#uint(), metadata: this.#payload() };
      case kinds.end:
        expectCount("end", count, 2);
        return { kind, id: this.#uint() };
      case kinds.credit:
        expectCount("credit", count, 3);
        return { kind, id: this.#uint(), total: this.#uint() };
      case kinds.cancel:
        expectCount("cancel", count, 3);
        return { kind, id: this.#uint(), code: codeFromNumber(this.#uint()) };
      case kinds.error:
        expectCount("error", count, 6);
        return {
          kind,
          id: this.#uint(),
          code: codeFromNumber(this.#uint()),
          executed: executedFromNumber(this.#uint()),
          message: this.#string(fixedLimits.errorMessageBytes, "an error message"),
          head: this.#optional(),
        };
      case kinds.method:
        expectCount("method", count, 5);
        return {
          kind,
          number: this.#uint(),
          service: this.#name("a service name"),
          method: this.#name("a method name"),
          fingerprint: this.#string(64, "a fingerprint"),
        };
      case kinds.ping:
        expectCount("ping", count, 2);
        return { kind, nonce: this.#uint() };
      case kinds.pong: {
        expectCount("pong", count, 3);
        const nonce = this.#uint();
        const load = this.#optional();
        return { kind, nonce, load: load && readLoad(load) };
      }
      case kinds.drain:
        expectCount("drain", count, 3);
        return readDrain(this.#uint(), this.#payload());
      case kinds.health:
        expectCount("health", count, 2);
        return { kind, services: readHealth(this.#payload()) };
      case kinds.time:
        expectCount("time", count, 2);
        return { kind, sentAt: this.#uint() };
      case kinds.goodbye:
        expectCount("goodbye", count, 3);
        return { kind, lastCallId: this.#uint(), reason: this.#string(256, "a goodbye reason") };
      case kinds.hello:
      case kinds.welcome:
        expectCount("handshake", count, 2);
        return { kind, map: this.#payload() };
      default:
        throw new ProtocolError(`unknown frame kind ${kind}`);
    }
  }

  #byte(): number {
    if (this.#position >= this.#end) throw new ProtocolError("a frame runs beyond the end of its message");
    return this.#bytes[this.#position++] as number;
  }

  #bigEndian(size: number): number {
    let value = 0;
    for (let i = 0; i < size; i++) value = value * 256 + this.#byte();
    return value;
  }

  #arrayHeader(): number {
    const token = this.#byte();
    if (token >= 0x90 && token < 0xa0) return token & 0x0f;
    if (token === 0xdc) return this.#bigEndian(2);
    if (token === 0xdd) return this.#bigEndian(4);
    throw new ProtocolError(`a frame starts with 0x${token.toString(16)}, not with an array`);
  }

  #uint(): number {
    const token = this.#byte();
    if (token < 0x80) return token;
    if (token === 0xcc) return this.#byte();
    if (token === 0xcd) return this.#bigEndian(2);
    if (token === 0xce) return this.#bigEndian(4);
    if (token === 0xcf) {
      const value = this.#bigEndian(8);
      if (value <= Number.MAX_SAFE_INTEGER) return value;
      throw new ProtocolError("an envelope number beyond 2^53 - 1");
    }
    throw new ProtocolError(`0x${token.toString(16)} where an unsigned integer is expected`);
  }

  #string(maxBytes: number, what: string): string {
    const token = this.#byte();
    const length =
      token >= 0xa0 && token < 0xc0
        ? token & 0x1f
        : token === 0xd9
          ? this.#byte()
          : token === 0xda
            ? this.#bigEndian(2)
            : token === 0xdb
              ? this.#bigEndian(4)
              : -1;
    if (length < 0) throw new ProtocolError(`0x${token.toString(16)} where ${what} is expected`);
    if (length > maxBytes) throw new ProtocolError(`${what} of ${length} bytes; at most ${maxBytes}`);
    if (this.#position + length > this.#end) throw new ProtocolError(`${what} runs beyond the end of its message`);
    const bytes = this.#bytes.subarray(this.#position, this.#position + length);
    this.#position += length;
    try {
      return utf8.decode(bytes);
    } catch {
      throw new ProtocolError(`${what} is not UTF-8`);
    }
  }

  #name(what: string): string {
    const name = this.#string(fixedLimits.nameBytes, what);
    if (name === "") throw new ProtocolError(`${what} that is empty`);
    return name;
  }

  #payload(): Payload {
    const start = this.#position;
    const end = scan(this.#bytes, start, this.#end, 1);
    this.#position = end;
    return { bytes: this.#bytes, start, end, announced: 0, isOwn: false };
  }

  /** A payload that may be announced instead: fixext 4 of type 0x63. */
  #message(): Payload {
    const start = this.#position;
    if (this.#bytes[start] !== 0xd6 || this.#bytes[start + 1] !== announcementType) return this.#payload();
    this.#position += 2;
    const announced = this.#bigEndian(4);
    if (announced === 0) throw new ProtocolError("an empty message is announced");
    return { bytes: this.#bytes, start, end: start, announced, isOwn: false };
  }

  #chunk(): Uint8Array {
    const token = this.#byte();
    const length = token === 0xc4 ? this.#byte() : token === 0xc5 ? this.#bigEndian(2) : token === 0xc6 ? this.#bigEndian(4) : 0;
    if (length === 0 || length > fixedLimits.chunkBytes)
      throw new ProtocolError(`a chunk must be a binary of 1 to ${fixedLimits.chunkBytes} bytes`);
    const end = this.#position + length;
    if (end > this.#end) throw new ProtocolError("a chunk runs beyond the end of its message");
    const bytes = this.#bytes.subarray(this.#position, end);
    this.#position = end;
    return bytes;
  }

  #optional(): Payload | undefined {
    if (this.#position < this.#end && this.#bytes[this.#position] === 0xc0) {
      this.#position++;
      return undefined;
    }
    return this.#payload();
  }
}

function expectCount(what: string, count: number, expected: number): void {
  if (count !== expected) throw new ProtocolError(`a ${what} frame of ${count} elements; expected ${expected}`);
}
