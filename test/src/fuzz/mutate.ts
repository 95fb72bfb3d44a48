/** A small generator of numbers in [0, 1) that gives the same ones for the same seed (mulberry32). */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Bytes that mean something as a length, a header or a number. */
const telling = [
  0x00, 0x01, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc4, 0xc6, 0xc7, 0xc9, 0xcf, 0xd4, 0xd6, 0xd8, 0xd9,
];
const tellingToo = [0xdb, 0xdc, 0xdd, 0xde, 0xdf, 0xff];
const bytes = [...telling, ...tellingToo];

/** Damages valid messages, in ways that leave much of them intact. */
export class Mutator {
  readonly #random: () => number;
  readonly #corpus: readonly Uint8Array[];

  constructor(seed: number, corpus: readonly Uint8Array[]) {
    this.#random = mulberry32(seed);
    this.#corpus = corpus;
  }

  below(bound: number): number {
    return Math.floor(this.#random() * bound);
  }

  /** One to three damages to `message`, which stays as it is. */
  mutate(message: Uint8Array): Uint8Array {
    let damaged: Uint8Array = message.slice();
    for (let left = 1 + this.below(3); left > 0; left--) damaged = this.#damage(damaged);
    return damaged;
  }

  #damage(message: Uint8Array): Uint8Array {
    const { length } = message;
    if (length === 0) return this.#noise();
    const at = this.below(length);
    switch (this.below(9)) {
      case 0:
        message[at] = (message[at] as number) ^ (1 << this.below(8));
        return message;
      case 1:
        return message.subarray(0, at);
      case 2:
        return this.#splice(message.subarray(0, at), this.#other());
      case 3:
        message[at] = bytes[this.below(bytes.length)] as number;
        return message;
      case 4:
        for (let i = at; i < Math.min(at + 4, length); i++) message[i] = 0xff;
        return message;
      case 5:
        return this.#join(message, message);
      case 6:
        return this.#join(this.#other(), message);
      case 7:
        return this.#join(message.subarray(0, at), this.#noise(), message.subarray(at));
      default:
        return this.below(8) === 0
          ? this.#noise()
          : this.#join(message.subarray(0, at), message.subarray(Math.min(at + 1 + this.below(4), length)));
    }
  }

  #other(): Uint8Array {
    return this.#corpus[this.below(this.#corpus.length)] as Uint8Array;
  }

  #splice(head: Uint8Array, other: Uint8Array): Uint8Array {
    return this.#join(head, other.subarray(this.below(other.length)));
  }

  #noise(): Uint8Array {
    return Uint8Array.from({ length: 1 + this.below(16) }, () => this.below(256));
  }

  #join(...parts: readonly Uint8Array[]): Uint8Array {
    const joined = new Uint8Array(
      Math.min(
        131_072,
        parts.reduce((sum, part) => sum + part.length, 0),
      ),
    );
    let position = 0;
    for (const part of parts) {
      const piece = part.subarray(0, joined.length - position);
      joined.set(piece, position);
      position += piece.length;
    }
    return joined;
  }
}
