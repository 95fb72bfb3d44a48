import { writeFileSync } from "node:fs";
import { constants } from "node:os";
import { contenders } from "../contenders/index.js";
import type { Contender } from "./contender.js";
import { machineFacts } from "./facts.js";
import { type Options, parseOptions, usage } from "./options.js";
import { assertPlaceable } from "./placement.js";
import { runRounds } from "./rounds.js";
import { summarize } from "./summary.js";
import { formatFacts, formatTable } from "./table.js";
import { killAll } from "./worker-process.js";

/** One question, as its file asks it. */
export interface Question {
  readonly question: string;
  readonly workload: string;
  /** The contender that ratios refer to. */
  readonly floor: string;
}

/** The whole of a benchmark program: options in, table out, and no process left behind. */
export async function benchmark(question: Question): Promise<void> {
  process.on("exit", killAll);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
  try {
    const options = parseOptions(process.argv.slice(2));
    if (options === "help") process.stdout.write(`${question.question}\n\n${usage}\n`);
    else await answer(question, options);
  } catch (error) {
    process.stderr.write(`${describe(error)}\n`);
    process.exit(1);
  }
}

async function answer({ question, workload, floor }: Question, options: Options): Promise<void> {
  assertPlaceable(options.placement);
  const chosen = await choose(floor, options.only);
  const titles = new Map(chosen.map((contender) => [contender.name, contender.title]));
  const facts = machineFacts(chosen.flatMap((contender) => contender.packages));
  process.stdout.write(`${question}\n\n${formatFacts(facts)}\n`);
  const plan = {
    workload,
    contenders: [...titles.keys()],
    outstanding: options.outstanding,
    rounds: options.rounds,
    placement: options.placement,
    durationMs: options.seconds * 1_000,
    warmUpMs: options.warmUpSeconds * 1_000,
  };
  process.stdout.write(
    `${plan.rounds} rounds of ${options.seconds} s per cell, cores: ${plan.placement}; medians; ratios to ${floor} in the same round\n`,
  );
  const cells = await runRounds(plan, (text) => process.stderr.write(`${text}\n`));
  const summary = summarize(cells, floor);
  process.stdout.write(`\n${formatTable(summary, titles)}\n`);
  if (options.json !== undefined) {
    writeFileSync(options.json, `${JSON.stringify({ question, facts, floor, plan, summary, cells }, null, 2)}\n`);
  }
}

/** The floor first, then the others in their listed order. */
async function choose(floor: string, only: readonly string[] | undefined): Promise<Contender[]> {
  for (const name of only ?? []) {
    if (contenders.has(name)) continue;
    throw new RangeError(`--only: no contender is named ${JSON.stringify(name)}; there are ${[...contenders.keys()].join(", ")}`);
  }
  const names = [...contenders.keys()].filter((name) => name === floor || only === undefined || only.includes(name));
  return Promise.all(names.map((name) => (contenders.get(name) as () => Promise<Contender>)()));
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}\n  ${describe(error.cause)}`;
}
