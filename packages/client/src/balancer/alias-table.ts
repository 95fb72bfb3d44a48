import type { Random } from "@farcall/protocol";

/** Draws an index by weight in constant time, however many there are (the alias method of Walker and Vose). */
export class AliasTable {
  /** How much of column `i` is its own; the rest belongs to `#alias[i]`. */
  readonly #own: Float64Array;
  readonly #alias: Uint32Array;

  /** Takes time in proportion to the number of weights. Each is above 0. */
  constructor(weights: readonly number[]) {
    const count = weights.length;
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    this.#own = Float64Array.from(weights, (weight) => (weight * count) / total);
    this.#alias = Uint32Array.from(weights, (_, index) => index);
    const poor: number[] = [];
    const rich: number[] = [];
    this.#own.forEach((share, index) => void (share < 1 ? poor : rich).push(index));
    while (poor.length > 0 && rich.length > 0) {
      const taker = poor.pop() as number;
      const giver = rich.at(-1) as number;
      this.#alias[taker] = giver;
      const left = (this.#own[giver] as number) - (1 - (this.#own[taker] as number));
      this.#own[giver] = left;
      if (left < 1) poor.push(rich.pop() as number);
    }
    // What rounding left over owns its whole column.
    for (const index of [...poor, ...rich]) this.#own[index] = 1;
  }

  draw(random: Random): number {
    const point = random() * this.#own.length;
    const column = Math.floor(point);
    return point - column < (this.#own[column] as number) ? column : (this.#alias[column] as number);
  }
}
