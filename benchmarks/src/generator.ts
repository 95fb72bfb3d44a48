// How long does the generator take on 500 methods, cold and after an edit of one file, beside tsc on the same files?
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createGenerator, type GenerateResult } from "@farcall/codegen";
import { asTypeScript } from "./contract-of-500/typescript.js";
import { machineFacts } from "./harness/facts.js";
import { median } from "./harness/summary.js";
import { compilers, tsconfig } from "./toolchain/compilers.js";
import { Folder } from "./toolchain/folder.js";
import { IncrementalCheck } from "./toolchain/incremental.js";
import { costOf } from "./toolchain/process-cost.js";

/** What has to hold, in milliseconds. */
const coldBoundMs = 6_000;
const warmBoundMs = 300;

const { values: options } = parseArgs({
  options: { rounds: { type: "string", default: "7" }, edits: { type: "string", default: "20" } },
});
const rounds = Number(options.rounds);
const edits = Number(options.edits);

const { files, inputs } = asTypeScript();
const folder = new Folder("generator");
folder.write({ ...files, "tsconfig.json": tsconfig(inputs) });

/** What is edited, how many generated files change by it, and the files after the nth edit. */
type Kind = readonly [name: string, written: number, edit: (nth: number) => Readonly<Record<string, string>>];

const kinds: readonly Kind[] = [
  [
    "a property of one contract renamed",
    1,
    (nth) => edited(inputs[nth % inputs.length] ?? "", "limit: number", `limit${nth}: number`),
  ],
  [
    "a method added to one contract",
    1,
    (nth) =>
      edited(inputs[nth % inputs.length] ?? "", / \{\n {2}\/\*\*/, ` {\n  another${nth}(id: string): Promise<number>;\n  /**`),
  ],
  [
    "a property of a shared type renamed",
    inputs.length,
    (nth) => edited("shared/folders.ts", "version: number", `version${nth}: number`),
  ],
];

const { cpu, cores, node, loadBefore, packages } = machineFacts(["typescript", "typescript6"]);
console.log(
  `${cores} x ${cpu}, load ${loadBefore.toFixed(1)} before; node ${node}, typescript ${Object.values(packages).join(" and ")}`,
);
console.log(
  `500 methods in ${inputs.length} files; ${rounds} cold rounds, ${edits} edits of each kind; medians (lowest..highest)\n`,
);

const cold = await coldRounds();
const warm = await warmRounds();
const ok = [
  holds(`farcall gen, cold, whole process, at most ${coldBoundMs} ms`, cold, coldBoundMs),
  holds(`one file edited, at most ${warmBoundMs} ms`, warm, warmBoundMs),
];
process.exitCode = ok.every(Boolean) ? 0 : 1;

/** Every command in a process of its own, one after the other; the median of the generator. */
async function coldRounds(): Promise<number> {
  const cli = fileURLToPath(new URL("../../packages/cli/bin/farcall.js", import.meta.url));
  const commands = {
    "farcall gen": [cli, "gen", ...inputs, "--out", "gen"],
    "tsc 7 --noEmit": [compilers[7], "--noEmit", "-p", "."],
    "tsc 6 --noEmit": [compilers[6], "--noEmit", "-p", "."],
  } as const;
  const ms = new Map<string, number[]>();
  const memory = new Map<string, number[]>();
  for (let round = 0; round < rounds; round++) {
    for (const [name, [script, ...args]] of Object.entries(commands)) {
      const cost = await costOf(script, args, folder.path);
      ms.set(name, [...(ms.get(name) ?? []), cost.ms]);
      if (cost.peakMiB !== undefined) memory.set(name, [...(memory.get(name) ?? []), cost.peakMiB]);
    }
  }
  const own = ms.get("farcall gen") ?? [];
  console.log("cold, a process each".padEnd(34), "ms".padStart(20), "MiB".padStart(6), "gen / it".padStart(9));
  for (const [name, times] of ms) {
    const ratio = median(own.map((one, round) => one / (times[round] ?? 0)));
    const peak = memory.get(name);
    console.log(
      name.padEnd(34),
      range(times).padStart(20),
      (peak === undefined ? "-" : median(peak).toFixed(0)).padStart(6),
      ratio.toFixed(2).padStart(9),
    );
  }
  return median(own);
}

/** Edits in one process, each first seen by the generator, then by the compiler; the median of the generator. */
async function warmRounds(): Promise<number> {
  const generator = createGenerator();
  const check = new IncrementalCheck(join(folder.path, "tsconfig.json"));
  const request = { inputs, outDir: "gen", cwd: folder.path };
  const generate = async (): Promise<{ ms: number; result: GenerateResult }> => {
    const began = performance.now();
    const result = await generator.generate(request);
    return { ms: performance.now() - began, result };
  };
  const first = await generate();
  check.run();
  console.log(`\nthe first run in this process: ${first.ms.toFixed(0)} ms\n`);
  console.log("after an edit".padEnd(34), "ms".padStart(20), "tsc 6, incremental".padStart(20), "gen / it".padStart(9));
  const medians: number[] = [];
  for (const [kind, expected, edit] of kinds) {
    const times: { gen: number; tsc: number }[] = [];
    for (let nth = 0; nth < edits; nth++) {
      folder.write(edit(nth));
      const { ms, result } = await generate();
      const written = result.files.filter(({ status }) => status === "written").length;
      if (written !== expected) throw new Error(`${kind}: ${written} files were written, and not ${expected}`);
      const began = performance.now();
      check.run();
      times.push({ gen: ms, tsc: performance.now() - began });
      folder.write(files);
      await generate();
      check.run();
    }
    const ratio = median(times.map(({ gen, tsc }) => gen / tsc));
    const [own, others] = [times.map(({ gen }) => gen), times.map(({ tsc }) => tsc)];
    console.log(kind.padEnd(34), range(own).padStart(20), range(others).padStart(20), ratio.toFixed(2).padStart(9));
    if (expected === 1) medians.push(median(own));
  }
  console.log(`\nmemory of this process, the compiler's included: ${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MiB\n`);
  return Math.max(...medians);
}

function edited(name: string, from: string | RegExp, to: string): Readonly<Record<string, string>> {
  const before = files[name] ?? "";
  const after = before.replace(from, to);
  if (after === before) throw new Error(`nothing to edit in ${name}`);
  return { [name]: after };
}

function range(ms: readonly number[]): string {
  return `${median(ms).toFixed(0)} (${Math.min(...ms).toFixed(0)}..${Math.max(...ms).toFixed(0)})`;
}

function holds(what: string, ms: number, bound: number): boolean {
  console.log(`${ms <= bound ? "holds" : "DOES NOT HOLD"}: ${what}: ${ms.toFixed(0)} ms`);
  return ms <= bound;
}
