/** What every validator checks: a nested order whose payment is one of three kinds. @service */
export interface Shop {
  place(order: Order): Promise<void>;
}

export interface Order {
  id: string;
  placed: string;
  currency: "EUR" | "USD" | "GBP";
  customer: Customer;
  items: Item[];
  payment: Card | Transfer | Voucher;
  labels: Record<string, string>;
  isGift: boolean;
  note?: string;
}

export interface Customer {
  id: number;
  name: string;
  email: string;
  address: Address;
}

export interface Address {
  street: string;
  city: string;
  zip: string;
  country: string;
}

export interface Item {
  /** @minLength 3 @maxLength 32 */
  sku: string;
  /** @type uint32 @minimum 1 @maximum 1000 */
  units: number;
  /** @minimum 0 */
  price: number;
  discount?: number;
}

export interface Card {
  kind: "card";
  number: string;
  /** @type int32 @minimum 1 @maximum 12 */
  month: number;
  year: number;
}

export interface Transfer {
  kind: "transfer";
  iban: string;
  bic: string | null;
}

export interface Voucher {
  kind: "voucher";
  codes: string[];
  remaining: number;
}
