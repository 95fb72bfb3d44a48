import { isDeepStrictEqual } from "node:util";
import type { CallOptions } from "@farcall/client";
import { factsOf, stockFacts } from "../facts.js";
import type { DeskClient, PricesClient } from "../gen/market.js";
import type { Entry } from "../market.js";
import { oneOf, type Random } from "../random.js";
import type { Method } from "../records.js";
import { day } from "../report.js";

const tickerLength = 10;

/** Makes calls whose arguments are drawn by lot, and holds each answer against the data. */
export class Asker {
  readonly #prices: PricesClient;
  readonly #desk: DeskClient;
  readonly #random: Random;

  constructor(prices: PricesClient, desk: DeskClient, random: Random) {
    this.#prices = prices;
    this.#desk = desk;
    this.#random = random;
  }

  /** 65 % quotes, 30 % orders, 5 % tickers. */
  nextMethod(): Method {
    const lot = this.#random();
    return lot < 0.65 ? "quote" : lot < 0.95 ? "place" : "ticker";
  }

  /** Resolves to what is wrong with the answer, if anything. @throws FarcallError when the call fails. */
  async ask(method: Method, id: number, options: CallOptions): Promise<string | undefined> {
    const { symbol, date, price } = oneOf(stockFacts, this.#random);
    switch (method) {
      case "quote": {
        const quote = await this.#prices.quote(symbol, date, options);
        return differs({ symbol, date, price }, { symbol: quote.symbol, date: quote.date, price: quote.price });
      }
      case "place": {
        const order = { id, symbol, side: "buy", units: 10, limit: price, date } as const;
        return differs({ id, price }, await this.#desk.place(order, options));
      }
      case "ticker": {
        const entries: Entry[] = [];
        for await (const entry of this.#prices.ticker(symbol, date, tickerLength, options)) entries.push(entry);
        const facts = factsOf(symbol).filter((fact) => fact.date >= date);
        const expected = facts.slice(0, tickerLength).map((fact) => ({ date: fact.date, price: fact.price }));
        return differs(expected, entries, `${symbol} from ${day(date)}: `);
      }
    }
  }
}

function differs<T>(expected: T, said: T, what = ""): string | undefined {
  if (isDeepStrictEqual(said, expected)) return undefined;
  return `${what}the file has ${JSON.stringify(expected)}, the server says ${JSON.stringify(said)}`;
}
