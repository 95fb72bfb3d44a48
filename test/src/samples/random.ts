import { mulberry32 } from "../fuzz/mutate.js";

/** Choices that are the same for the same seed. */
export class Random {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = mulberry32(seed);
  }

  /** A whole number from 0 to below `bound`. */
  below(bound: number): number {
    return Math.floor(this.#next() * bound);
  }

  chance(probability: number): boolean {
    return this.#next() < probability;
  }

  pick<T>(list: readonly T[]): T {
    if (list.length === 0) throw new Error("nothing to choose from");
    return list[this.below(list.length)] as T;
  }

  /** As many results of `make` as chance will have it, at most `most`. */
  some<T>(most: number, make: () => T): T[] {
    return Array.from({ length: this.below(most + 1) }, make);
  }
}

/** Replays a run: `FARCALL_SEED`, printed when something fails. Without it every run is another one. */
export const seed = Number(process.env.FARCALL_SEED ?? Math.floor(Math.random() * 2 ** 32));

/** Runs `body`, and names the seed beside whatever it throws. */
export async function seeded(body: () => Promise<void> | void, used = seed): Promise<void> {
  try {
    await body();
  } catch (error) {
    if (error instanceof Error) error.message += `\n  replay with FARCALL_SEED=${used}`;
    throw error;
  }
}

/** `count` in a normal run; `FARCALL_LONG=1` asks for ten times as much. */
export function times(count: number): number {
  return process.env.FARCALL_LONG === "1" ? count * 10 : count;
}
