import { type Input, misfit } from "./input.js";
import type { Read } from "./readers.js";

/** What a reader has made of the bytes at a position; `undefined` when they are a misfit. */
type Outcome = { readonly value: unknown; readonly end: number } | undefined;

/** While arms are tried: what unions inside them have read so far. One value is read at a time: no reader calls out. */
let outcomes: Map<Read, Map<number, Outcome>> | undefined;

/**
 * The same reader, which reads what stands at one position only once while the arms around it are tried in turn. Each arm
 * reads the unions inside it, and those read theirs: else each level took twice as long as the next, and sixty for ever.
 */
export function once(read: Read): Read {
  return (input) => {
    if (outcomes === undefined) {
      outcomes = new Map();
      try {
        return read(input);
      } finally {
        outcomes = undefined;
      }
    }
    let known = outcomes.get(read);
    if (known === undefined) {
      known = new Map();
      outcomes.set(read, known);
    }
    const begin = input.position;
    if (!known.has(begin)) known.set(begin, outcomeOf(read, input));
    const outcome = known.get(begin);
    if (outcome === undefined) throw misfit;
    input.position = outcome.end;
    return outcome.value;
  };
}

function outcomeOf(read: Read, input: Input): Outcome {
  try {
    const value = read(input);
    return { value, end: input.position };
  } catch (error) {
    if (error !== misfit) throw error;
    return undefined;
  }
}
