import { Pair, type PairSample } from "./pair.js";
import type { Placement } from "./placement.js";

/** What to measure. */
export interface Plan {
  readonly workload: string;
  /** Names of contenders; all of them run in every round. */
  readonly contenders: readonly string[];
  readonly outstanding: readonly number[];
  readonly rounds: number;
  readonly placement: Placement;
  /** Length of one measured cell. */
  readonly durationMs: number;
  /** Per contender and number of outstanding calls, once, before the first round. */
  readonly warmUpMs: number;
}

/** One contender, at one load, in one round. */
export interface Cell {
  readonly contender: string;
  readonly outstanding: number;
  readonly round: number;
  readonly sample: PairSample;
}

/** Run before each cell and not counted: the others had the machine in between. */
const leadInMs = 300;

/**
 * Measures every cell of the plan. Within a round all contenders take the same load one right after the other, so that
 * a slow phase of the machine meets them all; each round starts with another contender. `onRound` hears progress.
 */
export async function runRounds(plan: Plan, onRound: (text: string) => void): Promise<Cell[]> {
  const pairs: Pair[] = [];
  const cells: Cell[] = [];
  try {
    for (const contender of plan.contenders) {
      const pair = new Pair(contender, plan.placement);
      pairs.push(pair);
      await pair.open();
    }
    onRound("warm-up");
    for (const outstanding of plan.outstanding) {
      for (const pair of pairs) await measure(pair, plan, { outstanding, durationMs: plan.warmUpMs });
    }
    for (let round = 0; round < plan.rounds; round++) {
      onRound(`round ${round + 1} of ${plan.rounds}`);
      for (const outstanding of plan.outstanding) {
        for (const pair of rotated(pairs, round)) {
          await measure(pair, plan, { outstanding, durationMs: leadInMs });
          const sample = await measure(pair, plan, { outstanding, durationMs: plan.durationMs });
          cells.push({ contender: pair.contender, outstanding, round, sample });
        }
      }
    }
  } finally {
    await Promise.all(pairs.map((pair) => pair.close()));
  }
  return cells;
}

async function measure(pair: Pair, plan: Plan, load: { outstanding: number; durationMs: number }): Promise<PairSample> {
  try {
    return await pair.run(plan.workload, load);
  } catch (cause) {
    throw new Error(`${pair.contender} failed at ${plan.workload}, ${load.outstanding} outstanding`, { cause });
  }
}

function rotated<T>(items: readonly T[], by: number): T[] {
  const start = by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}
