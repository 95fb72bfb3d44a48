// How long does the generator take on interfaces that others have published, and what becomes of their members?
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { createGenerator } from "@farcall/codegen";
import { machineFacts } from "./harness/facts.js";
import { median } from "./harness/summary.js";
import { compilers, tsconfig } from "./toolchain/compilers.js";
import { Folder } from "./toolchain/folder.js";
import { costOf } from "./toolchain/process-cost.js";

const codegen = fileURLToPath(new URL("../../codegen/", import.meta.url));
const wrappers = join(codegen, "fixtures/published");
const cli = fileURLToPath(new URL("../../packages/cli/bin/farcall.js", import.meta.url));

const { values: options } = parseArgs({
  options: { rounds: { type: "string", default: "3" }, edits: { type: "string", default: "5" }, only: { type: "string" } },
});
const rounds = Number(options.rounds);
const edits = Number(options.edits);
const only = options.only?.split(",");

/** What the tests have written down of each interface. */
type Accounts = Readonly<
  Record<string, { generated: Readonly<Record<string, number>>; leftOut: Readonly<Record<string, readonly string[]>> }>
>;
const accounts = JSON.parse(readFileSync(join(wrappers, "accounts.json"), "utf8")) as Accounts;

const { cpu, cores, node, loadBefore } = machineFacts([]);
console.log(`${cores} x ${cpu}, load ${loadBefore.toFixed(1)} before; node ${node}; ${rounds} rounds, ${edits} edits; medians\n`);
const columns = [
  "contract",
  "generated",
  "left out",
  "cold s",
  "of tsc 7",
  "of tsc 6",
  "MiB",
  "edit ms",
  "KiB",
  "gzip per method",
];
row(columns);
row(columns.map((_, index) => (index === 0 ? "---" : "---:")));
for (const name of readdirSync(wrappers).filter((one) => one.endsWith(".ts"))) {
  if (only === undefined || only.includes(name.slice(0, -3))) row(await measured(name));
}

async function measured(name: string): Promise<readonly string[]> {
  const text = readFileSync(join(wrappers, name), "utf8");
  const [service = ""] = Object.keys(accounts).filter((one) => new RegExp(`export (interface|type) ${one}\\b`).test(text));
  const { generated = {}, leftOut = {} } = accounts[service] ?? {};
  const without = Object.entries(leftOut).flatMap(([codes, members]) => (isPassedOver(codes) ? [] : members));
  const folder = new Folder("published", codegen);
  const config = JSON.parse(tsconfig([name])) as { compilerOptions: Record<string, unknown> };
  config.compilerOptions.types = ["node"];
  folder.write({
    [name]: text,
    "tsconfig.json": JSON.stringify(config),
    "farcall.config.json": JSON.stringify({ inputs: [name], out: "gen", omit: without }),
  });
  const cold: { ms: number; peakMiB: number; of7: number; of6: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    const { ms, peakMiB = Number.NaN } = await costOf(cli, ["gen"], folder.path);
    const seven = await costOf(compilers[7], ["--noEmit", "-p", "."], folder.path);
    const six = await costOf(compilers[6], ["--noEmit", "-p", "."], folder.path);
    cold.push({ ms, peakMiB, of7: ms / seven.ms, of6: ms / six.ms });
  }
  const output = readFileSync(join(folder.path, "gen", name));
  const methods = Object.values(generated).reduce((sum, one) => sum + one, 0);
  return [
    name.slice(0, -3),
    String(methods),
    String(Object.values(leftOut).flat().length),
    (median(cold.map(({ ms }) => ms)) / 1_000).toFixed(1),
    median(cold.map(({ of7 }) => of7)).toFixed(1),
    median(cold.map(({ of6 }) => of6)).toFixed(1),
    median(cold.map(({ peakMiB }) => peakMiB)).toFixed(0),
    (await afterEdits(folder, name, text, without)).toFixed(0),
    (output.length / 1_024).toFixed(0),
    (gzipSync(output).length / methods).toFixed(0),
  ];
}

/** The wrapper is edited in a process that has read it before. */
async function afterEdits(folder: Folder, name: string, text: string, omit: readonly string[]): Promise<number> {
  const generator = createGenerator();
  const times: number[] = [];
  for (let nth = 0; nth <= edits; nth++) {
    folder.write({ [name]: `${text}export interface Edit${nth} {\n  more: string;\n}\n` });
    const began = performance.now();
    const { files, diagnostics } = await generator.generate({ inputs: [name], outDir: "gen", cwd: folder.path, omit });
    if (files.length === 0) throw new Error(`${name}: ${diagnostics[0]?.message ?? "nothing was generated"}`);
    if (nth > 0) times.push(performance.now() - began);
  }
  return median(times);
}

/** Left out with a warning, without being asked to. */
function isPassedOver(codes: string): boolean {
  return codes.split(" ").every((code) => code.startsWith("FC19"));
}

function row(cells: readonly string[]): void {
  console.log(`| ${cells.map((cell, index) => (index === 0 ? cell.padEnd(10) : cell.padStart(8))).join(" | ")} |`);
}
