import type { ObjectShape, Shape, TupleShape } from "../schema/shape.js";

/** The properties of an object by what a message has to hold. */
export interface TravellingProperties {
  readonly required: readonly (readonly [name: string, shape: Shape])[];
  readonly optional: readonly (readonly [name: string, shape: Shape])[];
}

/** What may be `undefined`, as an `unknown` may, may be missing: to the program and to its check the two are the same. */
export function travelling({ required, optional }: ObjectShape): TravellingProperties {
  // Entries, not look-ups by name: a property may be called `constructor`.
  const declared = Object.entries(required);
  return {
    required: declared.filter(([, shape]) => !maybeUndefined(shape)),
    optional: [...declared.filter(([, shape]) => maybeUndefined(shape)), ...Object.entries(optional)],
  };
}

/** How many elements a message has to hold, for the same reason. */
export function leastElements({ elements, required }: TupleShape): number {
  let least = required;
  while (least > 0 && maybeUndefined(elements[least - 1] as Shape)) least--;
  return least;
}

function maybeUndefined(shape: Shape): boolean {
  if (shape.kind === "ref") return maybeUndefined(shape.resolve());
  return shape.kind === "any" || shape.kind === "undefined" || (shape.kind === "union" && shape.arms.some(maybeUndefined));
}
