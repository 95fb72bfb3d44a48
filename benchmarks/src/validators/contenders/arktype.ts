import { type } from "arktype";
import type { Contender } from "../contender.js";

const order = type({
  id: "string",
  placed: "string",
  currency: "'EUR' | 'USD' | 'GBP'",
  customer: {
    id: "number",
    name: "string",
    email: "string",
    address: { street: "string", city: "string", zip: "string", country: "string" },
  },
  items: type({
    sku: "3 <= string <= 32",
    units: "1 <= number.integer <= 1000",
    price: "number >= 0",
    "discount?": "number",
  }).array(),
  payment: type({ kind: "'card'", number: "string", month: "1 <= number.integer <= 12", year: "number" })
    .or({ kind: "'transfer'", iban: "string", bic: "string | null" })
    .or({ kind: "'voucher'", codes: "string[]", remaining: "number" }),
  labels: "Record<string, string>",
  isGift: "boolean",
  "note?": "string",
});

const packages = ["arktype"];

export const arktype: readonly Contender[] = [
  { name: "arktype allows", packages, isBare: true, check: (value) => (order.allows(value) ? 0 : 1) },
  {
    name: "arktype",
    packages,
    check: (value) => {
      const result = order(value);
      return result instanceof type.errors ? result.length : 0;
    },
  },
];
