// npm start: the market's answers held against the data, then three servers of it that are killed, frozen and restarted.
import { constants } from "node:os";
import { checkAnswers } from "./acts/answers.js";
import { rideThroughFaults } from "./acts/faults.js";
import { Child } from "./child.js";
import { type Options, parseOptions, usage } from "./options.js";
import { leaveWithReader, nobodyReads } from "./process.js";
import { bold, green, red } from "./report.js";

/** Longest wait, in milliseconds, for processes that are told to leave. */
const leaveMs = 8_000;
const misused = 2;

const options = optionsOrHelp();
const interruption = new AbortController();
// Resolves to the exit code that shells expect of a process ended by that signal.
const interrupted = new Promise<number>((resolve) => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    // Listening on: what restores the cursor ends the process when nobody else listens.
    process.on(signal, () => {
      interruption.abort();
      console.error(`stopped by ${signal}`);
      resolve(128 + constants.signals[signal]);
    });
  }
});
process.on("exit", () => Child.killAll());
leaveWithReader();

try {
  process.exitCode = await Promise.race([run(options), interrupted]);
} catch (error) {
  console.error(red(error instanceof Error ? error.message : String(error)));
  process.exitCode = 1;
} finally {
  await Child.stopAll(leaveMs);
}
// What was under way when we were interrupted is not waited for.
process.exit();

/** Resolves to the exit code. */
async function run(chosen: Options): Promise<number> {
  console.log(`${bold("Farcall market")}  seed ${chosen.seed}`);
  const verdict = (await checkAnswers()) || (await rideThroughFaults(chosen, interruption.signal));
  if (verdict !== nobodyReads) console.log(verdict === 0 ? bold(green("everything holds")) : bold(red("something is wrong")));
  return verdict;
}

function optionsOrHelp(): Options {
  try {
    const parsed = parseOptions(process.argv.slice(2));
    if (parsed !== "help") return parsed;
    console.log(usage);
    process.exit(0);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    process.exit(misused);
  }
}
