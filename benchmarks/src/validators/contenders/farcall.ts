import type { Contender } from "../contender.js";
import { OrderSchema } from "../gen/contract.js";

const packages = ["@farcall/protocol"];

export const farcall: readonly Contender[] = [
  { name: "farcall is", packages, isBare: true, check: (value) => (OrderSchema.is(value) ? 0 : 1) },
  {
    name: "farcall is, then explain",
    packages,
    check: (value) => (OrderSchema.is(value) ? 0 : OrderSchema.explain(value).length),
  },
  {
    name: "farcall ~standard",
    packages,
    check: (value) => OrderSchema["~standard"].validate(value).issues?.length ?? 0,
  },
];
