import { readFileSync } from "node:fs";
import { cac } from "cac";
import { Failure, UsageError } from "./failure.js";
import { processTerminal } from "./terminal.js";

/** Exit codes: done; the contract or the check failed; the command line made no sense. */
const failed = 1;
const misused = 2;

const terminal = processTerminal();
const cli = cac("farcall");

cli
  .command("init [folder]", "Write a project that works: a contract, a server and a client")
  .option("--tarballs <dir>", "Take the Farcall packages from the tarballs in this folder, not from the registry")
  .example("  farcall init shop")
  .action(async (folder: string | undefined, options: { tarballs?: unknown }) => {
    const tarballs = typeof options.tarballs === "number" ? String(options.tarballs) : options.tarballs;
    if (tarballs !== undefined && typeof tarballs !== "string") {
      throw new UsageError("--tarballs was given more than once", "see farcall init --help");
    }
    const { init } = await import("./commands/init.js");
    return init({ folder: folder ?? ".", tarballs, version: version() }, terminal);
  });

cli
  .command("gen [...files]", "Generate clients, handlers and checks from TypeScript interfaces")
  .option("--out <dir>", "Folder for the generated files, one per input")
  .option("--check", "Write nothing; exit with 1 when a file is out of date")
  .option("--watch", "Generate again whenever an input or a file it imports changes")
  .example("  farcall gen src/inventory.ts --out src/gen")
  .action(async (files: string[], options: { out?: unknown; check?: boolean; watch?: boolean }) => {
    // The parser turns a folder called 2024 into a number.
    const out = typeof options.out === "number" ? String(options.out) : options.out;
    if (files.length === 0) throw new UsageError("no input", "name the contract: farcall gen src/inventory.ts --out src/gen");
    if (typeof out !== "string") {
      throw new UsageError(
        Array.isArray(out) ? "--out was given more than once" : "--out is missing",
        `say where the generated files go: farcall gen ${files.join(" ")} --out src/gen`,
      );
    }
    const check = options.check === true;
    if (check && options.watch === true) throw new UsageError("--check and --watch exclude each other", "drop one of them");
    const run = { inputs: files, outDir: out, check };
    // The generator brings a compiler along; help and usage errors need not wait for that.
    const { gen } = await import("./commands/gen.js");
    if (options.watch !== true) return gen(run, terminal);
    const { watch } = await import("./commands/watch.js");
    const stop = new AbortController();
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
    return watch(run, terminal, stop.signal);
  });

cli.help();
cli.version(version());

async function main(): Promise<number> {
  try {
    cli.parse(process.argv, { run: false });
    if (cli.options.help === true || cli.options.version === true) return 0;
    if (cli.matchedCommand === undefined) {
      const [name] = cli.args;
      if (name === undefined) {
        cli.outputHelp();
        return misused;
      }
      throw new UsageError(
        `there is no command ${name}`,
        `commands are: ${cli.commands.map((command) => command.name).join(", ")}; see farcall --help`,
      );
    }
    return ((await cli.runMatchedCommand()) as number | undefined) ?? 0;
  } catch (error) {
    return explain(error);
  }
}

function explain(error: unknown): number {
  const { red, bold } = terminal.colors;
  const message = error instanceof Error ? error.message : String(error);
  terminal.err(`${red(bold("error"))}: ${message}`);
  if (error instanceof Failure) {
    terminal.err(`hint: ${error.hint}`);
    return error instanceof UsageError ? misused : failed;
  }
  if (error instanceof Error && error.name === "CACError") {
    terminal.err(`hint: see farcall ${cli.matchedCommandName ?? ""} --help`.replace("  ", " "));
    return misused;
  }
  return failed;
}

function version(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

process.exitCode = await main();
