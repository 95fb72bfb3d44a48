import { median } from "../harness/summary.js";
import type { Contender } from "./contender.js";

/** What is checked, over and over. */
export interface Case {
  readonly name: string;
  readonly values: readonly unknown[];
}

export interface Cell {
  readonly contender: string;
  readonly case: string;
  /** Checks per second of processor time, one for each round. */
  readonly rates: readonly number[];
}

export interface Plan {
  readonly rounds: number;
  /** Processor time of one contender on one case in one round: what others take of the machine does not count. */
  readonly cellMs: number;
}

/**
 * All contenders take a case one right after the other in every round, and each round starts with another one, so that a slow
 * phase of the machine meets them all. Two rounds before the first are for the engine, and not counted.
 */
export function measure(contenders: readonly Contender[], cases: readonly Case[], { rounds, cellMs }: Plan): Cell[] {
  const cells = contenders.flatMap((contender) => cases.map((one) => ({ contender, case: one, rates: [] as number[] })));
  for (let round = -2; round < rounds; round++) {
    for (const one of cases) {
      const mine = cells.filter((cell) => cell.case === one);
      for (let i = 0; i < mine.length; i++) {
        const cell = mine[(i + round + mine.length) % mine.length] as (typeof cells)[number];
        const rate = rateOf(cell.contender, one, cellMs);
        if (round >= 0) cell.rates.push(rate);
      }
    }
  }
  return cells.map((cell) => ({ contender: cell.contender.name, case: cell.case.name, rates: cell.rates }));
}

function rateOf({ check, name }: Contender, { values, name: what }: Case, cellMs: number): number {
  const expected = passOver(check, values);
  const began = process.cpuUsage();
  let passes = 0;
  let tookMs = 0;
  do {
    for (let i = 0; i < 10; i++) {
      if (passOver(check, values) !== expected) throw new Error(`${name} changed its mind about ${what}`);
    }
    passes += 10;
    const { user, system } = process.cpuUsage(began);
    tookMs = (user + system) / 1_000;
  } while (tookMs < cellMs);
  return (passes * values.length * 1_000) / tookMs;
}

function passOver(check: (value: unknown) => number, values: readonly unknown[]): number {
  let problems = 0;
  for (const value of values) problems += check(value);
  return problems;
}

/** How many times faster `contender` is than `other`, by round; its median. */
export function ratio(cells: readonly Cell[], what: string, contender: string, other: string): number {
  const ratesOf = (name: string): readonly number[] => {
    const found = cells.find((cell) => cell.contender === name && cell.case === what);
    if (found === undefined) throw new RangeError(`nobody measured ${name} on ${what}`);
    return found.rates;
  };
  const others = ratesOf(other);
  return median(ratesOf(contender).map((rate, round) => rate / (others[round] as number)));
}
