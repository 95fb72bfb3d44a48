import { isDeepStrictEqual } from "node:util";
import { factsOf } from "../facts.js";
import type { DeskClient } from "../gen/market.js";
import type { Order, OrderEvent, Rejection } from "../market.js";
import { type Check, count } from "../report.js";
import { Trader } from "../trader.js";

/** Holds one long conversation with the desk, then goes through it again with the file in hand. */
export function ordersCheck(desk: DeskClient): Check {
  return {
    name: "orders",
    kind: "bidirectional",
    async run() {
      const trader = new Trader();
      for await (const event of desk.trade(trader.orders(), { timeoutMs: 20_000 })) trader.hear(event);
      const { sent, events, busiest } = trader;
      const expected = replay(sent);
      const at = expected.findIndex((event, index) => !isDeepStrictEqual(events[index], event));
      const wrong: string[] = [];
      if (at >= 0)
        wrong.push(`event ${at + 1} must be ${JSON.stringify(expected[at])}, the server says ${JSON.stringify(events[at])}`);
      if (events.length !== expected.length) wrong.push(`${events.length} events came for ${sent.length} orders and the closing`);
      if (busiest < 2) wrong.push("the server answered only when asked one by one, so nothing was ever in flight together");
      return {
        calls: 1,
        messages: 1 + sent.length + events.length,
        checked: `${count(sent.length, "order")}, up to ${busiest} in flight; every fill, refusal and position`,
        wrong,
      };
    },
  };
}

/** What the desk has to say to these orders, by the file alone. */
function replay(orders: readonly Order[]): OrderEvent[] {
  const events: OrderEvent[] = [];
  const positions: Record<string, number> = {};
  let cash = 0;
  for (const { id, symbol, side, units, limit, date } of orders) {
    const price = factsOf(symbol).find((fact) => fact.date.getTime() === date.getTime())?.price;
    const held = positions[symbol] ?? 0;
    let reason: Rejection | undefined;
    if (price === undefined) reason = "no price";
    else if ((side === "buy" && price > limit) || (side === "sell" && price < limit)) reason = "beyond limit";
    else if (side === "sell" && held < units) reason = "not enough units";
    if (price === undefined || reason !== undefined) {
      events.push({ type: "rejected", id, reason: reason ?? "no price", position: held });
      continue;
    }
    const position = side === "buy" ? held + units : held - units;
    positions[symbol] = position;
    cash = side === "buy" ? cash - units * price : cash + units * price;
    events.push({ type: "filled", id, price, position, cash });
  }
  const filled = events.filter((event) => event.type === "filled").length;
  return [...events, { type: "closed", filled, rejected: events.length - filled, positions, cash }];
}
