export interface Money {
  amount: bigint;
  currency: "EUR" | "USD";
}
