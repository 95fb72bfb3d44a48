import { readIndex } from "../csv.js";
import { indexFacts } from "../facts.js";
import type { PricesClient } from "../gen/market.js";
import type { Day } from "../market.js";
import { type Check, count, day } from "../report.js";

/** Uploads the whole index file, row by row, and compares the server's summary with the file. */
export function importCheck(prices: PricesClient): Check {
  return {
    name: "import",
    kind: "client stream",
    async run() {
      const rows = readIndex();
      const summary = await prices.summarize(oneByOne(rows), { timeoutMs: 10_000 });
      const { days, first, last, close, volume } = summary;
      const closes = indexFacts.map((fact) => fact.close).sort((a, b) => a - b);
      const dates = indexFacts.map((fact) => fact.date.getTime()).sort((a, b) => a - b);
      const mean = closes.reduce((sum, value) => sum + value, 0) / closes.length;
      const traded = indexFacts.reduce((sum, fact) => sum + BigInt(fact.volume), 0n);
      const wrong = [
        ...differs("days", days, closes.length),
        ...differs("first day", day(first), day(new Date(dates[0] ?? Number.NaN))),
        ...differs("last day", day(last), day(new Date(dates.at(-1) ?? Number.NaN))),
        ...differs("lowest close", close.min, closes[0]),
        ...differs("highest close", close.max, closes.at(-1)),
        // The sums run in different orders, so their last digits may differ.
        ...differs("mean close", close.mean.toFixed(6), mean.toFixed(6)),
        ...differs("volume", volume, traded),
      ];
      return {
        calls: 1,
        messages: rows.length + 2,
        checked: `${count(days, "day")}, ${day(first)} to ${day(last)}, mean close ${close.mean.toFixed(2)}`,
        wrong,
      };
    },
  };
}

async function* oneByOne(rows: readonly Day[]): AsyncGenerator<Day> {
  yield* rows;
}

function differs<T extends string | number | bigint>(what: string, said: T, expected: T | undefined): string[] {
  return said === expected ? [] : [`${what}: the file has ${expected}, the server says ${said}`];
}
