import type { CallRecord, Method } from "../records.js";
import type { Figures } from "./messages.js";

const recentMs = 1_000;

/** Every call that has ended, and what the last second was like. */
export class Tally {
  readonly records: CallRecord[] = [];
  readonly #failed: Record<Method, number> = { quote: 0, place: 0, ticker: 0 };
  #recent: { readonly at: number; readonly record: CallRecord; readonly server: string | undefined }[] = [];

  add(record: CallRecord, server: string | undefined): void {
    this.records.push(record);
    this.#recent.push({ at: performance.now(), record, server });
    if (record.code !== "OK") this.#failed[record.method]++;
  }

  figures(): Omit<Figures, "calls" | "endpoints"> {
    const since = performance.now() - recentMs;
    this.#recent = this.#recent.filter(({ at }) => at >= since);
    const answers: Record<string, number> = {};
    for (const { server } of this.#recent) if (server !== undefined) answers[server] = (answers[server] ?? 0) + 1;
    const quotes = this.#recent.filter(({ record }) => record.method === "quote").map(({ record }) => record.ms);
    return {
      failed: this.#failed,
      recent: { calls: this.#recent.length, answers, p50: percentile(quotes, 0.5), p99: percentile(quotes, 0.99) },
    };
  }
}

/** The value that a `part` of all values does not exceed; 0 when there are none. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? 0;
}
