// Are generated checks as fast as ajv's on valid values, ten times as fast as zod's, and no slower than zod in saying what is wrong?
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { machineFacts } from "./harness/facts.js";
import { median } from "./harness/summary.js";
import { heldBounds } from "./validators/bounds.js";
import type { Contender } from "./validators/contender.js";
import { ajv } from "./validators/contenders/ajv.js";
import { arktype } from "./validators/contenders/arktype.js";
import { farcall } from "./validators/contenders/farcall.js";
import { valibot } from "./validators/contenders/valibot.js";
import { zod } from "./validators/contenders/zod.js";
import { type Cell, measure, ratio } from "./validators/measure.js";
import { faults, orders, spoilt, verdicts } from "./validators/values.js";

const question =
  "Are generated checks as fast as ajv's on valid values, ten times as fast as zod's, and no slower than zod in saying what is wrong?";
const usage = `Options:
  --rounds <n>   how often everything is measured (15)
  --ms <n>       length of one measured cell (50)
  --json <file>  write facts and rates there too`;

const contenders: readonly Contender[] = [...farcall, ...ajv, ...zod, ...valibot, ...arktype];
const cases = [{ name: "valid", values: orders }, ...faults.map((fault) => ({ name: fault.name, values: spoilt(fault) }))];

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "15" },
    ms: { type: "string", default: "50" },
    json: { type: "string" },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (options.help) console.log(`${question}\n\n${usage}`);
else process.exitCode = answer({ rounds: whole("--rounds", options.rounds), cellMs: whole("--ms", options.ms) });

/** 0, or 1 when a bound does not hold. */
function answer(plan: { readonly rounds: number; readonly cellMs: number }): number {
  const facts = machineFacts(contenders.flatMap(({ packages }) => packages));
  const versions = Object.entries(facts.packages).map(([name, version]) => `${name} ${version}`);
  console.log(question);
  console.log(
    `${facts.cores} x ${facts.cpu}, load ${facts.loadBefore.toFixed(1)} before, node ${facts.node}, ${versions.join(", ")}`,
  );
  agree();
  console.log(
    `all agree on ${verdicts.length} values; ${plan.rounds} rounds of ${plan.cellMs} ms per cell, interleaved; medians\n`,
  );
  const cells = measure(contenders, cases, plan);
  console.log(table(cells));
  const bounds = heldBounds(cells);
  console.log(bounds.map(({ line, holds }) => `${holds ? "holds " : "BROKEN"}  ${line}`).join("\n"));
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify({ question, facts, plan, cells }, null, 2)}\n`);
  return bounds.every(({ holds }) => holds) ? 0 : 1;
}

/** Whoever checks less is faster for nothing. */
function agree(): void {
  for (const { what, value, isValid } of verdicts) {
    for (const { name, check } of contenders) {
      if ((check(value) === 0) !== isValid)
        throw new Error(`${name} takes a ${isValid ? "" : "non-"}order for the opposite: ${what}`);
    }
  }
}

/** Thousands of checks a second, and beside them how many times zod's. */
function table(cells: readonly Cell[]): string {
  const width = Math.max(...contenders.map(({ name }) => name.length)) + 2;
  const lines = contenders.map(({ name }) => {
    const figures = cases.map((one) => {
      const rates = cells.find((cell) => cell.contender === name && cell.case === one.name)?.rates ?? [];
      const kops = Math.round(median(rates) / 1_000).toLocaleString("en-US");
      return `${kops} (${ratio(cells, one.name, name, "zod safeParse").toFixed(1)})`.padStart(18);
    });
    return name.padEnd(width) + figures.join("");
  });
  const head = "k checks/s (x zod)".padEnd(width) + cases.map(({ name }) => name.padStart(18)).join("");
  return `${[head, ...lines].join("\n")}\n`;
}

function whole(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new RangeError(`${option} must be a whole number from 1, got ${JSON.stringify(text)}`);
  return value;
}
