/** Stock keeping. @service */
export interface Inventory {
  /** Units on hand; `NOT_FOUND` when nobody knows the sku. @idempotent @timeout 5s */
  stock(sku: string): Promise<number>;
  /** Takes units off the shelf, and says how many are left. @timeout 5s */
  take(sku: string, units: number): Promise<number>;
  /** Everything on the shelf, one by one. */
  list(): AsyncIterable<Item>;
}

export interface Item {
  sku: string;
  units: number;
}
