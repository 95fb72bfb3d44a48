/** Buckets of one octave: a quantile is right to within a fifth. */
const perOctave = 4;
const bucketCount = 80;
/** After so many samples the older ones count half. */
const halfLife = 1_000;
/** So many samples say something about the slowest hundredth. */
const leastSamples = 20;

/** How long the recent calls of one method took: a histogram with buckets that widen, in which old samples fade. */
export class RecentLatency {
  readonly #counts = new Float64Array(bucketCount);
  #total = 0;
  #sinceHalved = 0;
  #p99: number | undefined;
  #p99Age = 0;

  add(ms: number): void {
    const bucket = Math.max(0, Math.min(bucketCount - 1, Math.floor(perOctave * Math.log2(Math.max(ms, 0.125) * 8))));
    (this.#counts[bucket] as number)++;
    this.#total++;
    if (++this.#sinceHalved < halfLife) return;
    this.#sinceHalved = 0;
    this.#total = 0;
    for (let i = 0; i < bucketCount; i++) {
      this.#counts[i] = (this.#counts[i] as number) / 2;
      this.#total += this.#counts[i] as number;
    }
  }

  /** What 99 of 100 recent calls stayed below, in milliseconds; `undefined` while too little is known. */
  get p99Ms(): number | undefined {
    if (this.#total < leastSamples) return undefined;
    // Looked up anew now and then: it is asked for with every call.
    if (this.#p99 === undefined || ++this.#p99Age >= 64) {
      this.#p99Age = 0;
      this.#p99 = this.#quantile(0.99);
    }
    return this.#p99;
  }

  #quantile(share: number): number {
    let left = this.#total * (1 - share);
    for (let i = bucketCount - 1; i > 0; i--) {
      left -= this.#counts[i] as number;
      if (left < 0) return 2 ** ((i + 1) / perOctave) / 8;
    }
    return 2 ** (1 / perOctave) / 8;
  }
}
