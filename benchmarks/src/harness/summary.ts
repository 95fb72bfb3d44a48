import type { Cell } from "./rounds.js";

/** The rounds of one contender at one load, condensed. */
export interface Row {
  readonly contender: string;
  readonly outstanding: number;
  readonly callsPerSecond: number;
  /** Calls per second over the floor's, both taken in the same round. */
  readonly ratio: Spread;
  readonly p50Us: number;
  readonly p99Us: number;
  /** CPU microseconds per call, user and system. */
  readonly clientCpuUs: number;
  readonly serverCpuUs: number;
}

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Every figure is the median over the rounds, so that one bad phase of the machine decides nothing. */
export function summarize(cells: readonly Cell[], floor: string): Row[] {
  const rows: Row[] = [];
  for (const outstanding of unique(cells.map((cell) => cell.outstanding))) {
    const atLoad = cells.filter((cell) => cell.outstanding === outstanding);
    const floorRates = new Map(atLoad.filter((cell) => cell.contender === floor).map((cell) => [cell.round, rate(cell)]));
    for (const contender of unique(cells.map((cell) => cell.contender)).sort(floorFirst(floor))) {
      const mine = atLoad.filter((cell) => cell.contender === contender);
      const ratios = mine.map((cell) => rate(cell) / (floorRates.get(cell.round) ?? Number.NaN));
      const medianOf = (figure: (cell: Cell) => number): number => median(mine.map(figure));
      rows.push({
        contender,
        outstanding,
        callsPerSecond: medianOf(rate),
        ratio: { median: median(ratios), min: Math.min(...ratios), max: Math.max(...ratios) },
        p50Us: medianOf((cell) => cell.sample.p50Us),
        p99Us: medianOf((cell) => cell.sample.p99Us),
        clientCpuUs: medianOf((cell) => cell.sample.cpuUs / cell.sample.made),
        serverCpuUs: medianOf((cell) => cell.sample.serverCpuUs / cell.sample.made),
      });
    }
  }
  return rows;
}

function rate({ sample }: Cell): number {
  return (sample.counted * 1_000) / sample.windowMs;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}

function floorFirst(floor: string): (a: string, b: string) => number {
  return (a, b) => Number(b === floor) - Number(a === floor);
}
