import { FarcallError } from "@farcall/server";
import type { Book } from "./book.js";
import type { PricesHandler } from "./gen/market.js";

/** Serves the prices of a book. */
export function pricesFrom(book: Book): PricesHandler {
  return {
    quote(symbol, date) {
      const entries = book.entries(symbol);
      if (entries === undefined) throw new FarcallError("NOT_FOUND", `no symbol ${symbol}`);
      const at = entries.findIndex((entry) => entry.date.getTime() === date.getTime());
      const entry = entries[at];
      if (entry === undefined) throw new FarcallError("NOT_FOUND", `no price of ${symbol} on ${date.toISOString().slice(0, 10)}`);
      const previous = entries[at - 1]?.price;
      return { symbol, date, price: entry.price, ...(previous === undefined ? {} : { previous }) };
    },
  };
}
