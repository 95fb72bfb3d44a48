import { readIndex, readStocks } from "./csv.js";
import type { Entry } from "./market.js";

/** All prices the server knows, by symbol, each list in the order of its dates. */
export class Book {
  readonly #entries = new Map<string, Entry[]>();

  /** Reads the data files. */
  static read(): Book {
    const book = new Book();
    for (const { symbol, date, price } of readStocks()) book.#add(symbol, { date, price });
    for (const { date, close, volume } of readIndex()) book.#add("SP500", { date, price: close, volume });
    for (const entries of book.#entries.values()) entries.sort((a, b) => a.date.getTime() - b.date.getTime());
    return book;
  }

  /** Every entry of a symbol, oldest first; `undefined` when the symbol is not known. */
  entries(symbol: string): readonly Entry[] | undefined {
    return this.#entries.get(symbol);
  }

  /** What a symbol cost on one day, if the data says. */
  price(symbol: string, date: Date): number | undefined {
    return this.#entries.get(symbol)?.find((entry) => entry.date.getTime() === date.getTime())?.price;
  }

  #add(symbol: string, entry: Entry): void {
    const entries = this.#entries.get(symbol);
    if (entries === undefined) this.#entries.set(symbol, [entry]);
    else entries.push(entry);
  }
}
