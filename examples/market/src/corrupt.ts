import type { DeskHandler, PricesHandler } from "./gen/market.js";

/** Which of the server's answers is made wrong on purpose, to show that the checks notice. */
export const faults = ["quote", "history", "import", "orders", "silence"] as const;
export type Fault = (typeof faults)[number];

export function parseFault(text: string | undefined): Fault | undefined {
  if (text === undefined || text === "") return undefined;
  const fault = faults.find((one) => one === text);
  if (fault === undefined) throw new Error(`MARKET_CORRUPT=${text} is none of ${faults.join(", ")}`);
  return fault;
}

/** The same prices, but for one answer. With `silence`, no quote is ever answered. */
export function corruptPrices(prices: PricesHandler, fault: Fault | undefined): PricesHandler {
  switch (fault) {
    case "quote":
      return {
        ...prices,
        async quote(symbol, date, ctx) {
          const quote = await prices.quote(symbol, date, ctx);
          const chosen = symbol === "IBM" && date.toISOString().startsWith("2005-06");
          return chosen ? { ...quote, price: quote.price + 0.01 } : quote;
        },
      };
    case "history":
      return {
        ...prices,
        async *history(symbol, from, to, ctx) {
          let at = 0;
          for await (const entry of prices.history(symbol, from, to, ctx)) if (symbol !== "SP500" || at++ !== 100) yield entry;
        },
      };
    case "import":
      return {
        ...prices,
        async summarize(days, ctx) {
          const summary = await prices.summarize(days, ctx);
          return { ...summary, volume: summary.volume + 1n };
        },
      };
    case "silence":
      return {
        ...prices,
        quote: (_symbol, _date, { signal }) => new Promise((_, reject) => signal.addEventListener("abort", reject)),
      };
    default:
      return prices;
  }
}

/** The same desk, but for the position in one event. */
export function corruptDesk(desk: DeskHandler, fault: Fault | undefined): DeskHandler {
  if (fault !== "orders") return desk;
  return {
    ...desk,
    async *trade(orders, ctx) {
      for await (const event of desk.trade(orders, ctx)) {
        yield event.type === "filled" && event.id === 20 ? { ...event, position: event.position + 1 } : event;
      }
    },
  };
}
