import { FarcallError } from "@farcall/server";
import type { Book } from "./book.js";
import { exchangeAnswers } from "./exchange.js";
import type { DeskHandler } from "./gen/market.js";
import type { Order, OrderEvent, Rejection } from "./market.js";

/** Trades on the prices of a book. Each call of `trade` is an account of its own, which ends with it. */
export function deskOn(book: Book): DeskHandler {
  return {
    async place({ id, symbol, date, side, limit }) {
      await exchangeAnswers();
      const price = book.price(symbol, date);
      if (price === undefined) throw new FarcallError("NOT_FOUND", `no price of ${symbol} on ${date.toISOString().slice(0, 10)}`);
      if (side === "buy" ? price > limit : price < limit)
        throw new FarcallError("FAILED_PRECONDITION", `order ${id}: ${price} is beyond the limit of ${limit}`);
      return { id, price };
    },

    async *trade(orders) {
      const account = new Account();
      for await (const order of orders) yield account.place(order, book.price(order.symbol, order.date));
      yield account.close();
    },
  };
}

class Account {
  readonly #positions = new Map<string, number>();
  #cash = 0;
  #filled = 0;
  #rejected = 0;

  /** Decides an order at the `price` of its day. */
  place({ id, symbol, side, units, limit }: Order, price: number | undefined): OrderEvent {
    const position = this.#positions.get(symbol) ?? 0;
    const rejected = (reason: Rejection): OrderEvent => {
      this.#rejected++;
      return { type: "rejected", id, reason, position };
    };
    if (price === undefined) return rejected("no price");
    if (side === "buy" ? price > limit : price < limit) return rejected("beyond limit");
    if (side === "sell" && units > position) return rejected("not enough units");
    const signed = side === "buy" ? units : -units;
    this.#positions.set(symbol, position + signed);
    this.#cash -= signed * price;
    this.#filled++;
    return { type: "filled", id, price, position: position + signed, cash: this.#cash };
  }

  close(): OrderEvent {
    const positions = Object.fromEntries(this.#positions);
    return { type: "closed", filled: this.#filled, rejected: this.#rejected, positions, cash: this.#cash };
  }
}
