import * as v from "valibot";
import type { Contender } from "../contender.js";

const order = v.object({
  id: v.string(),
  placed: v.string(),
  currency: v.picklist(["EUR", "USD", "GBP"]),
  customer: v.object({
    id: v.number(),
    name: v.string(),
    email: v.string(),
    address: v.object({ street: v.string(), city: v.string(), zip: v.string(), country: v.string() }),
  }),
  items: v.array(
    v.object({
      sku: v.pipe(v.string(), v.minLength(3), v.maxLength(32)),
      units: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000)),
      price: v.pipe(v.number(), v.minValue(0)),
      discount: v.optional(v.number()),
    }),
  ),
  payment: v.variant("kind", [
    v.object({
      kind: v.literal("card"),
      number: v.string(),
      month: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(12)),
      year: v.number(),
    }),
    v.object({ kind: v.literal("transfer"), iban: v.string(), bic: v.nullable(v.string()) }),
    v.object({ kind: v.literal("voucher"), codes: v.array(v.string()), remaining: v.number() }),
  ]),
  labels: v.record(v.string(), v.string()),
  isGift: v.boolean(),
  note: v.optional(v.string()),
});

export const valibot: readonly Contender[] = [
  { name: "valibot safeParse", packages: ["valibot"], check: (value) => v.safeParse(order, value).issues?.length ?? 0 },
];
