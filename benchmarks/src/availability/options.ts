import { parseArgs } from "node:util";
import { type FaultName, faultNames } from "./faults/fault.js";
import { type FrameworkName, frameworkNames } from "./frameworks/index.js";
import { fastPlan, fullPlan, type Plan } from "./plan.js";

export interface Options {
  readonly frameworks: readonly FrameworkName[];
  readonly faults: readonly FaultName[];
  readonly plan: Plan;
  readonly seed: number;
  /** Each with the next seed. */
  readonly rounds: number;
  readonly keep: boolean;
  readonly json: string | undefined;
}

export const usage = `Options:
  --only <name,name>   these frameworks: ${frameworkNames.join(", ")} (all)
  --fault <name,name>  these faults: ${faultNames.join(", ")} (all)
  --fast               shorter faults, for a first look and for CI
  --rounds <n>         do everything so often, with one seed after the other, and show ranges (1)
  --seed <n>           which calls are orders, and which server suffers (from the clock)
  --keep               keep the logs of every run, and say where
  --json <file>        write everything there too`;

/** @throws TypeError or RangeError that quotes what is wrong. */
export function parseOptions(args: readonly string[]): Options | "help" {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string" },
      fault: { type: "string" },
      fast: { type: "boolean", default: false },
      seed: { type: "string" },
      rounds: { type: "string", default: "1" },
      keep: { type: "boolean", default: false },
      json: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return "help";
  return {
    frameworks: names("--only", values.only, frameworkNames),
    faults: names("--fault", values.fault, faultNames),
    plan: values.fast ? fastPlan : fullPlan,
    seed: values.seed === undefined ? Date.now() % 1_000_000 : whole("--seed", values.seed, 0),
    rounds: whole("--rounds", values.rounds, 1),
    keep: values.keep,
    json: values.json,
  };
}

function whole(option: string, text: string, min: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < min)
    throw new RangeError(`${option} must be a whole number from ${min}, got ${JSON.stringify(text)}`);
  return value;
}

/** In the order of `known`. */
function names<T extends string>(option: string, text: string | undefined, known: readonly T[]): readonly T[] {
  if (text === undefined) return known;
  const asked = text.split(",");
  const stranger = asked.find((name) => !known.some((one) => one === name));
  if (stranger !== undefined)
    throw new RangeError(`${option}: there is no ${JSON.stringify(stranger)}; there are ${known.join(", ")}`);
  return known.filter((name) => asked.includes(name));
}
