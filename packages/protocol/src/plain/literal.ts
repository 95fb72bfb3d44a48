import type { LiteralValue } from "../schema/shape.js";
import { type Input, misfit } from "./input.js";

/** Reads one of a few scalars. On the wire, an integer stands for a bigint too. */
export function literalReader(values: ReadonlySet<LiteralValue>): (input: Input) => LiteralValue {
  return (input) => {
    const value = readScalar(input);
    if (values.has(value)) return value;
    if (typeof value === "number" && Number.isInteger(value)) {
      const big = BigInt(value);
      if (values.has(big)) return big;
    }
    throw misfit;
  };
}

function readScalar(input: Input): LiteralValue {
  switch (input.next()) {
    case "string":
      return input.string();
    case "boolean":
      return input.boolean();
    case "integer":
    case "float":
      return input.numeric();
    case "bigint":
      return input.bigint();
    default:
      throw misfit;
  }
}
