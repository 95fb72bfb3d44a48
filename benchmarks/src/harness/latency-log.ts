import { createHistogram } from "node:perf_hooks";

const chunkLength = 65_536;
/** About 4.3 seconds. Whatever takes longer counts as that. */
const maxNanoseconds = 2 ** 32 - 1;

/**
 * Every latency of one window. Adding is one array store, so that what is measured is not the measuring:
 * the histogram is filled after the window has closed.
 */
export class LatencyLog {
  readonly #full: Uint32Array[] = [];
  #chunk = new Uint32Array(chunkLength);
  #used = 0;

  get count(): number {
    return this.#full.length * chunkLength + this.#used;
  }

  add(latencyMs: number): void {
    if (this.#used === chunkLength) {
      this.#full.push(this.#chunk);
      this.#chunk = new Uint32Array(chunkLength);
      this.#used = 0;
    }
    this.#chunk[this.#used++] = Math.min(latencyMs * 1e6, maxNanoseconds);
  }

  percentiles(): { readonly p50Us: number; readonly p99Us: number } {
    const histogram = createHistogram({ lowest: 1, highest: maxNanoseconds, figures: 3 });
    for (const chunk of [...this.#full, this.#chunk.subarray(0, this.#used)]) {
      for (const nanoseconds of chunk) histogram.record(Math.max(1, nanoseconds));
    }
    return { p50Us: histogram.percentile(50) / 1_000, p99Us: histogram.percentile(99) / 1_000 };
  }
}
