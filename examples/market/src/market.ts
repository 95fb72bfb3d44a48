/** Prices as they were, day by day. The symbol `SP500` is the index. @service market.Prices */
export interface Prices {
  /** What a symbol cost on one day; `NOT_FOUND` when the data has no such symbol or day. @idempotent @timeout 5s */
  quote(symbol: string, date: Date): Promise<Quote>;
  /** Every entry of a symbol, oldest first; `from` and `to` belong to it. Without them: from the first, to the last. */
  history(symbol: string, from?: Date, to?: Date): AsyncIterable<Entry>;
  /** What a ticker brought in its time: `count` entries from a day on, one after the other, 20 ms apart. */
  ticker(symbol: string, from: Date, count: number): AsyncIterable<Entry>;
  /** Sums up the days that the caller uploads, one by one. */
  summarize(days: AsyncIterable<Day>): Promise<Summary>;
}

export interface Entry {
  date: Date;
  price: number;
  /** Shares traded; the data has it for the index only. */
  volume?: number;
}

export interface Quote extends Entry {
  symbol: string;
  /** The price one entry earlier; the first entry of a symbol has none. */
  previous?: number;
}

/** One trading day of the index. */
export interface Day {
  date: Date;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
}

export interface Summary {
  days: number;
  first: Date;
  last: Date;
  close: { min: number; max: number; mean: number };
  /** Exact, however many days there are. */
  volume: bigint;
}

/** Trades on past prices. @service market.Desk */
export interface Desk {
  /**
   * Fills one order at the price of its day; `FAILED_PRECONDITION` when that is beyond the limit. Not idempotent: placed
   * twice, it is filled twice. @timeout 5s
   */
  place(order: Order): Promise<Fill>;
  /** An account for as long as the call lasts: orders go in, each is answered at once, in its turn. */
  trade(orders: AsyncIterable<Order>): AsyncIterable<OrderEvent>;
}

export type Side = "buy" | "sell";

export interface Order {
  id: number;
  symbol: string;
  side: Side;
  units: number;
  /** The worst price that is acceptable. */
  limit: number;
  /** The day whose price decides. */
  date: Date;
}

export interface Fill {
  id: number;
  price: number;
}

export type OrderEvent =
  | { type: "filled"; id: number; price: number; position: number; cash: number }
  | { type: "rejected"; id: number; reason: Rejection; position: number }
  /** The last event, after the last order. */
  | { type: "closed"; filled: number; rejected: number; positions: Record<string, number>; cash: number };

export type Rejection = "no price" | "beyond limit" | "not enough units";
