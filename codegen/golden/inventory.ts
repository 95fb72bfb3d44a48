// The contract behind the golden file. After a change of the generator that is meant:
// node packages/cli/bin/farcall.js gen codegen/golden/inventory.ts --out codegen/golden/gen
import type { Money } from "./money.js";

/** Stock keeping. @service shop.Inventory */
export interface Inventory {
  /** Units on hand. @idempotent @timeout 5s */
  stock(sku: string): Promise<number>;
  /**
   * Takes units out of stock.
   *
   * @exactlyOnce
   * @param order what to take, and for whom
   */
  reserve(order: Order, urgent?: boolean): Promise<Reservation>;
  watch(skus?: string[]): AsyncIterable<StockChange>;
  /** @timeout none */
  load(source: string, items: AsyncIterable<Item>): Promise<LoadSummary>;
  talk(lines: AsyncIterable<string>): AsyncIterable<string>;
  /** @deprecated use stock */
  count(sku: string): Promise<number | null>;
  categories(root: Category): Promise<void>;
}

export interface Order {
  sku: string;
  units: number;
  note?: string;
  placed: Date;
  price: Money;
  lines: readonly { sku: string; serials: bigint[] }[];
  labels: Record<string, string>;
  photo: Uint8Array | null;
}

export type Reservation = { state: "held"; until: Date } | { state: "refused"; reason: Reason };
export type Reason = "unknown" | "sold out" | "closed";
export type Item = [sku: string, units: number, note?: string];

export interface StockChange {
  sku: string;
  units: number;
}

export interface LoadSummary {
  loaded: number;
  failed: string[];
}

export interface Category {
  name: string;
  parent?: Category;
  children: Category[];
}
