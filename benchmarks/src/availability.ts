// What do callers see of a killed, frozen, unreachable, restarted, slow or new server: with Farcall, and with grpc-js?
import { writeFileSync } from "node:fs";
import { constants } from "node:os";
import { brokenBounds } from "./availability/bounds.js";
import { killAll } from "./availability/child.js";
import { worseLines } from "./availability/comparison.js";
import { faults } from "./availability/faults/index.js";
import { loadFramework } from "./availability/frameworks/index.js";
import { type Options, parseOptions, usage } from "./availability/options.js";
import { callsPerSecond, orderPart, timeoutMs } from "./availability/plan.js";
import { formatResults, type Skipped } from "./availability/report.js";
import { type RunResult, runCalmly } from "./availability/run.js";
import { machineFacts } from "./harness/facts.js";

const question =
  "What do callers see of a killed, frozen, unreachable, restarted, slow or new server: with Farcall, and with grpc-js?";

process.on("exit", killAll);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.once(signal, () => process.exit(128 + constants.signals[signal]));
try {
  const options = parseOptions(process.argv.slice(2));
  if (options === "help") process.stdout.write(`${question}\n\n${usage}\n`);
  else process.exitCode = await answer(options);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

/** 0, or 1 when Farcall breaks a bound. */
async function answer(options: Options): Promise<number> {
  const { plan, seed, rounds, keep } = options;
  const frameworks = await Promise.all(options.frameworks.map(loadFramework));
  const facts = machineFacts(frameworks.flatMap((framework) => framework.packages));
  const versions = Object.entries(facts.packages).map(([name, version]) => `${name} ${version}`);
  process.stdout.write(
    [
      question,
      `${facts.cores} x ${facts.cpu}, load ${facts.loadBefore.toFixed(1)} before, node ${facts.node}, ${versions.join(", ")}`,
      `${callsPerSecond} calls/s, ${orderPart * 100} % orders, deadline ${timeoutMs} ms, seed ${seed}, ${rounds} round${rounds === 1 ? "" : "s"}\n\n`,
    ].join("\n"),
  );
  const results: RunResult[] = [];
  const skipped: Skipped[] = [];
  for (const name of options.faults) {
    const fault = faults[name];
    for (const [i, framework] of options.frameworks.entries()) {
      const why = fault.grows ? frameworks[i]?.cannotGrow : undefined;
      if (why !== undefined) skipped.push({ framework, fault: name, why });
    }
    // Neighbours in time see the same machine.
    for (let round = 0; round < rounds; round++) {
      for (const framework of options.frameworks) {
        if (skipped.some((one) => one.fault === name && one.framework === framework)) continue;
        process.stderr.write(`${name}, ${framework}, seed ${seed + round}\n`);
        const restless = (ms: number): void => {
          process.stderr.write(`  again: before the fault quotes took up to ${Math.round(ms)} ms, the machine is busy\n`);
        };
        results.push(await runCalmly({ framework, fault, plan, seed: seed + round, keep }, restless));
      }
    }
  }
  process.stdout.write(`${formatResults(results, skipped)}\n`);
  const broken = results.filter(({ framework }) => framework === "farcall").flatMap(brokenBounds);
  const worse = worseLines(results);
  if (worse.length > 0)
    process.stdout.write(`\nFarcall does worse than grpc on the mean:\n${worse.map((line) => `  ${line}\n`).join("")}`);
  if (broken.length > 0) process.stdout.write(`\nFarcall breaks its bounds:\n${broken.map((line) => `  ${line}\n`).join("")}`);
  if (options.json !== undefined) {
    writeFileSync(
      options.json,
      `${JSON.stringify({ question, facts, plan, seed, rounds, results, skipped, worse, broken }, null, 2)}\n`,
    );
  }
  return broken.length === 0 ? 0 : 1;
}
