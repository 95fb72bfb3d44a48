import { readFileSync } from "node:fs";
import { type CAC, cac } from "cac";
import { Failure, UsageError } from "./failure.js";
import type { Terminal } from "./terminal.js";

/** Exit codes: done; the contract or the check failed; the command line made no sense. */
const failed = 1;
const misused = 2;

/** Runs what the command line says, `argv` being all of `process.argv`. @returns the exit code. */
export async function runCommandLine(argv: readonly string[], terminal: Terminal): Promise<number> {
  const cli = commandLine(terminal);
  try {
    cli.parse([...argv], { run: false });
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
    return explain(error, cli, terminal);
  }
}

function commandLine(terminal: Terminal): CAC {
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
    .option("--service <name>", "An export that is a service, whatever its doc comment says; may be repeated")
    .option("--omit <member>", "A member or group to do without, as Api.users.find; may be repeated")
    .option("--config <file>", "Configuration; default is farcall.config.ts or farcall.config.json in this folder")
    .option("--check", "Write nothing; exit with 1 when a file is out of date")
    .option("--watch", "Generate again whenever an input, a file it imports or the configuration changes")
    .option("--json", "Print files and findings as JSON")
    .example("  farcall gen src/inventory.ts --out src/gen")
    .action(async (files: string[], options: GenFlags) => {
      const check = options.check === true;
      if (check && options.watch === true) throw new UsageError("--check and --watch exclude each other", "drop one of them");
      const usage = `farcall gen ${files.join(" ")} --out src/gen`;
      const request = {
        inputs: files,
        outDir: single(options.out, "--out", `say where the generated files go: ${usage}`),
        services: list(options.service),
        omit: list(options.omit),
        config: single(options.config, "--config", "there is one configuration"),
        check,
        json: options.json === true,
      };
      // The generator brings a compiler along; help and usage errors need not wait for that.
      const { gen } = await import("./commands/gen.js");
      if (options.watch !== true) return gen(request, terminal);
      const { watch } = await import("./commands/watch.js");
      const stop = new AbortController();
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
      return watch(request, terminal, stop.signal);
    });

  cli.help();
  cli.version(version());
  return cli;
}

interface GenFlags {
  readonly out?: unknown;
  readonly service?: unknown;
  readonly omit?: unknown;
  readonly config?: unknown;
  readonly check?: boolean;
  readonly watch?: boolean;
  readonly json?: boolean;
}

/** A flag that may be repeated. */
function list(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : [value ?? []]).flat().map(String);
}

/** The parser turns a folder called 2024 into a number. */
function single(value: unknown, flag: string, hint: string): string | undefined {
  if (Array.isArray(value)) throw new UsageError(`${flag} was given more than once`, hint);
  return typeof value === "number" ? String(value) : (value as string | undefined);
}

function explain(error: unknown, cli: CAC, terminal: Terminal): number {
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
