import { type Cell, ratio } from "./measure.js";
import { faults } from "./values.js";

/** `contender` has to be `times` as fast as `other`. */
interface Bound {
  readonly case: string;
  readonly contender: string;
  readonly other: string;
  readonly times: number;
}

const bounds: readonly Bound[] = [
  { case: "valid", contender: "farcall is", other: "ajv standalone", times: 1 },
  { case: "valid", contender: "farcall is", other: "zod safeParse", times: 10 },
  ...faults.flatMap(({ name }) =>
    ["farcall is, then explain", "farcall ~standard"].map(
      (contender): Bound => ({ case: name, contender, other: "zod safeParse", times: 1 }),
    ),
  ),
];

/** One line for each bound, and whether it holds. */
export function heldBounds(cells: readonly Cell[]): readonly { readonly line: string; readonly holds: boolean }[] {
  return bounds.map(({ case: what, contender, other, times }) => {
    const found = ratio(cells, what, contender, other);
    const line = `${what}: ${contender} / ${other} = ${found.toFixed(2)} (asked for: at least ${times})`;
    return { line, holds: found >= times };
  });
}
