import { z } from "zod";
import type { Contender } from "../contender.js";

const order = z.object({
  id: z.string(),
  placed: z.string(),
  currency: z.enum(["EUR", "USD", "GBP"]),
  customer: z.object({
    id: z.number(),
    name: z.string(),
    email: z.string(),
    address: z.object({ street: z.string(), city: z.string(), zip: z.string(), country: z.string() }),
  }),
  items: z.array(
    z.object({
      sku: z.string().min(3).max(32),
      units: z.int().min(1).max(1_000),
      price: z.number().min(0),
      discount: z.number().optional(),
    }),
  ),
  payment: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("card"), number: z.string(), month: z.int().min(1).max(12), year: z.number() }),
    z.object({ kind: z.literal("transfer"), iban: z.string(), bic: z.string().nullable() }),
    z.object({ kind: z.literal("voucher"), codes: z.array(z.string()), remaining: z.number() }),
  ]),
  labels: z.record(z.string(), z.string()),
  isGift: z.boolean(),
  note: z.string().optional(),
});

export const zod: readonly Contender[] = [
  { name: "zod safeParse", packages: ["zod"], check: (value) => order.safeParse(value).error?.issues.length ?? 0 },
];
