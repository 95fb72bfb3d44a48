import { isDeepStrictEqual } from "node:util";
import { factsOf, stocks } from "../facts.js";
import type { PricesClient } from "../gen/market.js";
import type { Entry } from "../market.js";
import { type Check, day } from "../report.js";

interface Wanted {
  readonly symbol: string;
  readonly from?: Date;
  readonly to?: Date;
}

/** Each symbol from its first day to its last, and the index through the crisis of 2008. */
const wanted: readonly Wanted[] = [
  ...[...stocks, "SP500"].map((symbol) => ({ symbol })),
  { symbol: "SP500", from: new Date("2007-10-09"), to: new Date("2009-03-09") },
  { symbol: "SP500", from: new Date("2020-01-01") },
];

/** Reads several histories at once, and compares each with the file, entry by entry. */
export function historyCheck(prices: PricesClient): Check {
  return {
    name: "history",
    kind: "server stream",
    async run() {
      const answers = await Promise.all(wanted.map((one) => read(prices, one)));
      return {
        calls: wanted.length,
        messages: wanted.length + answers.reduce((sum, { entries }) => sum + entries.length, 0),
        checked: "each symbol whole, two stretches of the index; every entry, in order",
        wrong: answers.flatMap(({ one, entries }) => compare(one, entries)),
      };
    },
  };
}

async function read(prices: PricesClient, one: Wanted): Promise<{ one: Wanted; entries: Entry[] }> {
  const entries: Entry[] = [];
  for await (const entry of prices.history(one.symbol, one.from, one.to, { timeoutMs: 10_000 })) entries.push(entry);
  return { one, entries };
}

function compare({ symbol, from, to }: Wanted, entries: readonly Entry[]): string[] {
  const expected = factsOf(symbol)
    .filter(({ date }) => (from === undefined || date >= from) && (to === undefined || date <= to))
    .map(({ date, price, volume }): Entry => ({ date, price, ...(volume === undefined ? {} : { volume }) }));
  if (expected.length === 0) return [`the check itself is wrong: there are no days of ${symbol} to compare`];
  const at = expected.findIndex((entry, index) => !isDeepStrictEqual(entries[index], entry));
  if (at >= 0)
    return [`${symbol}: entry ${at + 1} of ${expected.length} is ${show(expected[at])}, the server says ${show(entries[at])}`];
  return entries.length === expected.length ? [] : [`${symbol}: ${entries.length} entries came, the file has ${expected.length}`];
}

function show(entry: Entry | undefined): string {
  return entry === undefined ? "nothing" : `${day(entry.date)} ${entry.price}`;
}
