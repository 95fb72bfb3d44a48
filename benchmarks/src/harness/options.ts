import { parseArgs } from "node:util";
import { type Placement, placements } from "./placement.js";

export interface Options {
  readonly seconds: number;
  readonly rounds: number;
  readonly warmUpSeconds: number;
  readonly outstanding: readonly number[];
  /** Contenders beside the floor. */
  readonly only: readonly string[] | undefined;
  readonly placement: Placement;
  readonly json: string | undefined;
}

export const usage = `Options:
  --seconds <n>        length of one measured cell (2)
  --rounds <n>         how often every cell is measured (7)
  --warmup <n>         seconds per contender and load before the first round (2)
  --outstanding <n,n>  calls in flight (1,64,1024)
  --only <name,name>   these contenders, and the floor
  --cores <where>      the two processes of a pair: any, apart, together (any)
  --json <file>        write facts, samples and summary there too`;

/** @throws TypeError or RangeError that quotes what is wrong. */
export function parseOptions(args: readonly string[]): Options | "help" {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: "string", default: "2" },
      rounds: { type: "string", default: "7" },
      warmup: { type: "string", default: "2" },
      outstanding: { type: "string", default: "1,64,1024" },
      only: { type: "string" },
      cores: { type: "string", default: "any" },
      json: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return "help";
  return {
    seconds: positive("--seconds", values.seconds),
    rounds: count("--rounds", values.rounds),
    warmUpSeconds: positive("--warmup", values.warmup),
    outstanding: values.outstanding.split(",").map((text) => count("--outstanding", text)),
    only: values.only?.split(","),
    placement: oneOf("--cores", values.cores, placements),
    json: values.json,
  };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 3_600))
    throw new RangeError(`${name} must be more than 0 and at most 3600, got ${JSON.stringify(text)}`);
  return value;
}

function count(name: string, text: string): number {
  const value = positive(name, text.trim());
  if (!Number.isInteger(value)) throw new RangeError(`${name} must be a whole number, got ${JSON.stringify(text)}`);
  return value;
}

function oneOf<T extends string>(name: string, text: string, allowed: readonly T[]): T {
  const found = allowed.find((value) => value === text);
  if (found === undefined) throw new RangeError(`${name} must be one of ${allowed.join(", ")}, got ${JSON.stringify(text)}`);
  return found;
}
