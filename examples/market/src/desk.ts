import type { Book } from "./book.js";
import type { DeskHandler } from "./gen/market.js";
import type { Order, OrderEvent, Rejection } from "./market.js";

/** Trades on the prices of a book. Each call is an account of its own, which ends with it. */
export function deskOn(book: Book): DeskHandler {
  return {
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
