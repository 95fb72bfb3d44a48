import { parseArgs } from "node:util";

export interface Options {
  /** Decides which calls are made, and which server is struck. */
  readonly seed: number;
  /** Shorter faults. */
  readonly fast: boolean;
}

export const usage = `npm start -- [options]
  --seed <n>  which calls are made, and which server is struck; the same for the same seed (from the clock)
  --fast      shorter faults: 20 seconds in all`;

/** @throws TypeError or RangeError that quotes what is wrong. */
export function parseOptions(args: readonly string[]): Options | "help" {
  const { values } = parseArgs({
    args: [...args],
    options: { seed: { type: "string" }, fast: { type: "boolean", default: false }, help: { type: "boolean", short: "h" } },
  });
  if (values.help === true) return "help";
  const seed = values.seed === undefined ? Date.now() % 1_000_000 : Number(values.seed || Number.NaN);
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new RangeError(`--seed must be a whole number from 0, got ${JSON.stringify(values.seed)}`);
  return { seed, fast: values.fast };
}
