/** Memory that writers fill one batch after another. Never written twice: a socket may still hold earlier batches. */
interface Slab {
  readonly bytes: Uint8Array;
  position: number;
}

const slabBytes = 256 * 1024;
/** A slab with less room than this is left to the garbage collector. */
const leastRoom = 4096;

/** What a writer begins with when another one has the slab: most batches are small. */
const smallBytes = 2048;

/** The slab nobody writes into right now; a second writer in the same turn begins small. */
let spare: Slab | undefined = { bytes: new Uint8Array(slabBytes), position: 0 };

const nothing = new Uint8Array(0);

function borrow(): Slab {
  const slab = spare;
  spare = undefined;
  return slab ?? { bytes: new Uint8Array(smallBytes), position: 0 };
}

function giveBack(slab: Slab): void {
  if (slab.bytes.length < slabBytes) return;
  const isFull = slab.bytes.length - slab.position < leastRoom;
  spare = isFull || slab.bytes.length > slabBytes ? { bytes: new Uint8Array(slabBytes), position: 0 } : slab;
}

const utf8 = new TextEncoder();

/**
 * Writes frames back to back into borrowed memory. Holds no memory while empty, so an idle connection costs nothing.
 */
export class FrameWriter {
  #slab: Slab | undefined;
  #start = 0;
  #position = 0;
  #bytes: Uint8Array = nothing;

  /** Bytes written since the last `take`. */
  get length(): number {
    return this.#position - this.#start;
  }

  /** Makes sure that `size` more bytes fit. Called once per frame, with its envelope and payload. */
  reserve(size: number): void {
    if (this.#slab === undefined) {
      this.#slab = borrow();
      this.#bytes = this.#slab.bytes;
      this.#start = this.#position = this.#slab.position;
    }
    if (this.#position + size <= this.#bytes.length) return;
    const written = this.#bytes.subarray(this.#start, this.#position);
    const needed = written.length + size;
    const grown = this.#bytes.length >= slabBytes ? slabBytes : this.#bytes.length * 4;
    const bytes = new Uint8Array(Math.max(grown, written.length > 0 ? needed * 2 : needed));
    bytes.set(written);
    this.#slab = { bytes, position: 0 };
    this.#bytes = bytes;
    this.#position = written.length;
    this.#start = 0;
  }

  byte(value: number): void {
    this.#bytes[this.#position++] = value;
  }

  /** Replaces a byte written earlier, counted from the start of the batch. */
  patch(offset: number, value: number): void {
    this.#bytes[this.#start + offset] = value;
  }

  uint(value: number): void {
    const bytes = this.#bytes;
    if (value < 0x80) {
      bytes[this.#position++] = value;
    } else if (value < 0x100) {
      bytes[this.#position++] = 0xcc;
      bytes[this.#position++] = value;
    } else if (value < 0x10000) {
      bytes[this.#position++] = 0xcd;
      bytes[this.#position++] = value >> 8;
      bytes[this.#position++] = value;
    } else if (value < 0x100000000) {
      bytes[this.#position++] = 0xce;
      this.#uint32(value);
    } else {
      bytes[this.#position++] = 0xcf;
      this.#uint32(Math.floor(value / 0x100000000));
      this.#uint32(value % 0x100000000);
    }
  }

  /** Encoded bytes, as they are. */
  raw(bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (length <= 64) {
      const target = this.#bytes;
      let position = this.#position;
      for (let i = start; i < end; i++) target[position++] = bytes[i] as number;
      this.#position = position;
    } else {
      this.#bytes.set(bytes.subarray(start, end), this.#position);
      this.#position += length;
    }
  }

  /** A short string; reserve three bytes for each of its characters and five more. */
  string(text: string): void {
    const encoded = utf8.encode(text);
    const length = encoded.length;
    if (length < 32) this.byte(0xa0 | length);
    else if (length < 0x100) {
      this.byte(0xd9);
      this.byte(length);
    } else {
      this.byte(0xda);
      this.byte(length >> 8);
      this.byte(length);
    }
    this.raw(encoded, 0, length);
  }

  /** The batch, and an empty writer. The bytes are the caller's; nobody writes them again. */
  take(): Uint8Array {
    const batch = this.#bytes.subarray(this.#start, this.#position);
    const slab = this.#slab;
    if (slab !== undefined) {
      slab.position = this.#position;
      giveBack(slab);
      this.#slab = undefined;
      this.#bytes = nothing;
      this.#start = this.#position = 0;
    }
    return batch;
  }

  #uint32(value: number): void {
    const bytes = this.#bytes;
    bytes[this.#position++] = value >>> 24;
    bytes[this.#position++] = value >>> 16;
    bytes[this.#position++] = value >>> 8;
    bytes[this.#position++] = value;
  }
}
