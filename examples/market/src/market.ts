/** Prices as they were, day by day. @service market.Prices */
export interface Prices {
  /** What one share cost on one day of the data; `NOT_FOUND` when there is no such symbol or day. @idempotent @timeout 5s */
  quote(symbol: string, date: Date): Promise<Quote>;
}

export interface Quote {
  symbol: string;
  date: Date;
  price: number;
  /** The price one entry earlier; the first entry of a symbol has none. */
  previous?: number;
}
