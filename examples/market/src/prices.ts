import { FarcallError } from "@farcall/server";
import type { Book } from "./book.js";
import { exchangeAnswers, tick } from "./exchange.js";
import type { PricesHandler } from "./gen/market.js";
import type { Entry } from "./market.js";

/** Serves the prices of a book. */
export function pricesFrom(book: Book): PricesHandler {
  return {
    async quote(symbol, date) {
      await exchangeAnswers();
      const entries = known(book, symbol);
      const at = entries.findIndex((entry) => entry.date.getTime() === date.getTime());
      const entry = entries[at];
      if (entry === undefined) throw new FarcallError("NOT_FOUND", `no price of ${symbol} on ${date.toISOString().slice(0, 10)}`);
      const previous = entries[at - 1]?.price;
      return { symbol, ...entry, ...(previous === undefined ? {} : { previous }) };
    },

    async *history(symbol, from, to) {
      const first = from?.getTime() ?? Number.NEGATIVE_INFINITY;
      const last = to?.getTime() ?? Number.POSITIVE_INFINITY;
      for (const entry of known(book, symbol)) {
        if (entry.date.getTime() >= first && entry.date.getTime() <= last) yield entry;
      }
    },

    async *ticker(symbol, from, count) {
      const entries = known(book, symbol).filter((entry) => entry.date >= from);
      for (const entry of entries.slice(0, count)) {
        yield entry;
        await tick();
      }
    },

    async summarize(days) {
      let count = 0;
      let [min, max, sum, volume] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0n];
      let first: Date | undefined;
      let last: Date | undefined;
      for await (const { date, close, volume: traded } of days) {
        count++;
        min = Math.min(min, close);
        max = Math.max(max, close);
        sum += close;
        volume += BigInt(traded);
        if (first === undefined || date < first) first = date;
        if (last === undefined || date > last) last = date;
      }
      if (first === undefined || last === undefined) throw new FarcallError("INVALID_ARGUMENT", "there was no day to sum up");
      return { days: count, first, last, close: { min, max, mean: sum / count }, volume };
    },
  };
}

function known(book: Book, symbol: string): readonly Entry[] {
  const entries = book.entries(symbol);
  if (entries === undefined) throw new FarcallError("NOT_FOUND", `no symbol ${symbol}`);
  return entries;
}
