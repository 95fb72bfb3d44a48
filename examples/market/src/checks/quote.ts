import { type Fact, stockFacts } from "../facts.js";
import type { PricesClient } from "../gen/market.js";
import { type Check, day } from "../report.js";

/** Asks for every price in the stocks file at once, and compares each with its line. */
export function quoteCheck(prices: PricesClient): Check {
  return {
    name: "quote",
    kind: "unary",
    async run() {
      const answers = await Promise.all(
        stockFacts.map(async (fact, at) => {
          const quote = await prices.quote(fact.symbol, fact.date);
          const before = stockFacts[at - 1];
          const previous = before?.symbol === fact.symbol ? before.price : undefined;
          const same =
            quote.symbol === fact.symbol &&
            quote.date.getTime() === fact.date.getTime() &&
            quote.price === fact.price &&
            quote.previous === previous;
          return same ? [] : [differs(fact, quote.price, quote.previous, previous)];
        }),
      );
      return {
        calls: stockFacts.length,
        messages: 2 * stockFacts.length,
        checked: "every price in stocks.csv, all asked at once",
        wrong: answers.flat(),
      };
    },
  };
}

function differs(fact: Fact, price: number, previous: number | undefined, expected: number | undefined): string {
  const { symbol, date } = fact;
  return `${symbol} on ${day(date)} is ${fact.price} after ${expected}, the server says ${price} after ${previous}`;
}
