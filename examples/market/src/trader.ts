import { type Fact, factsOf, stocks } from "./facts.js";
import type { Order, OrderEvent } from "./market.js";

/** Orders whose answer may be outstanding at once. */
const maxInFlight = 8;

/**
 * A trader who buys what fell and sells what it got a year later. It talks while it listens: up to eight orders are on
 * their way at a time, and an answer decides what comes next.
 */
export class Trader {
  /** In the order they were sent. */
  readonly sent: Order[] = [];
  /** In the order they came. */
  readonly events: OrderEvent[] = [];
  /** Most orders that were ever under way together. */
  busiest = 0;
  readonly #waiting: Order[] = [];
  #answered = 0;
  #wake: () => void = () => {};
  #nextId = 1;

  constructor() {
    for (const symbol of stocks) {
      // A limit at the price of the month before: filled when the price fell.
      for (const [before, fact] of pairs(factsOf(symbol))) this.#order("buy", fact, before.price);
    }
    const [first] = factsOf("SP500");
    if (first === undefined) throw new Error("there is no index to trade");
    this.#order("buy", { ...first, date: new Date("2000-01-01") }, 10_000); // New Year: no price
    this.#order("buy", { ...first, symbol: "NOPE" }, 10_000);
    this.#order("sell", first, 0); // nothing to sell
  }

  /** The half of the conversation that goes to the server. Ends when everything is answered. */
  async *orders(): AsyncGenerator<Order> {
    while (this.#waiting.length > 0 || this.#answered < this.sent.length) {
      const order = this.sent.length - this.#answered < maxInFlight ? this.#waiting.shift() : undefined;
      if (order === undefined) {
        await new Promise<void>((resolve) => (this.#wake = resolve));
        continue;
      }
      this.sent.push(order);
      this.busiest = Math.max(this.busiest, this.sent.length - this.#answered);
      yield order;
    }
  }

  /** The half that comes back. */
  hear(event: OrderEvent): void {
    this.events.push(event);
    if (event.type !== "closed") this.#answered++;
    const order = event.type === "filled" ? this.sent.find(({ id }) => id === event.id) : undefined;
    if (order?.side === "buy") this.#sellLater(order);
    this.#wake();
  }

  #sellLater({ symbol, date, limit }: Order): void {
    const later = factsOf(symbol).filter((fact) => fact.date > date)[11];
    if (later !== undefined) this.#order("sell", later, limit);
  }

  #order(side: Order["side"], { symbol, date }: Fact, limit: number): void {
    this.#waiting.push({ id: this.#nextId++, symbol, side, units: 10, limit, date });
  }
}

function pairs(facts: readonly Fact[]): (readonly [Fact, Fact])[] {
  return facts.slice(1).map((fact, at) => [facts[at] as Fact, fact] as const);
}
