import { stat } from "node:fs/promises";
import { createGenerator, type Generator } from "@farcall/codegen";
import { watch as watchFiles } from "chokidar";
import { findConfig } from "../config.js";
import type { Terminal } from "../terminal.js";
import { type GenRequest, report, resolveOptions } from "./gen.js";

/** Editors save in several steps; a run waits until the files have been quiet for this long. */
const quietMs = 60;

/**
 * Runs the generator now and after every change of an input, of a file it imports or of the configuration, until `signal` fires.
 * A contract that is broken for the moment is reported and waited for.
 */
export async function watch(request: GenRequest, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const watcher = watchFiles([], { ignoreInitial: true, awaitWriteFinish: false });
  const generator = createGenerator();
  let watched = new Set<string>();
  let changed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let wake: (() => void) | undefined;

  watcher.on("all", (_event, path) => {
    changed.add(path);
    clearTimeout(timer);
    timer = setTimeout(() => wake?.(), quietMs);
  });
  watcher.on("error", (error) => terminal.err(`cannot watch: ${error instanceof Error ? error.message : String(error)}`));
  signal.addEventListener("abort", () => wake?.(), { once: true });

  try {
    while (!signal.aborted) {
      changed = new Set();
      const startedMs = Date.now();
      const sources = await run(generator, request, terminal);
      if (sources !== undefined) {
        watcher.unwatch([...watched].filter((file) => !sources.includes(file)));
        const added = sources.filter((file) => !watched.has(file));
        if (added.length > 0) {
          const ready = watched.size === 0 ? new Promise<void>((resolve) => watcher.once("ready", resolve)) : undefined;
          watcher.add(added);
          await ready;
          // What was saved between being read and being watched would go unnoticed for ever.
          for (const file of added) if (await savedSince(file, startedMs)) changed.add(file);
        }
        watched = new Set(sources);
      }
      terminal.out(`watching ${watched.size} ${watched.size === 1 ? "file" : "files"}; Ctrl-C ends it`);
      if (changed.size === 0 && !signal.aborted) await new Promise<void>((resolve) => (wake = resolve));
      wake = undefined;
    }
  } finally {
    clearTimeout(timer);
    await watcher.close();
  }
  terminal.out("stopped watching");
  return 0;
}

/** The files to watch from now on, the configuration among them; `undefined` when nothing is known of them. */
async function run(generator: Generator, request: GenRequest, terminal: Terminal): Promise<readonly string[] | undefined> {
  try {
    const options = await resolveOptions(request, terminal.cwd);
    const result = await generator.generate(options);
    report(result, options, request, terminal);
    return options.configPath === undefined ? result.sources : [...result.sources, options.configPath];
  } catch (error) {
    terminal.err(error instanceof Error ? error.message : String(error));
    // A configuration that is broken for the moment is all that has to be waited for.
    const config = await findConfig(terminal.cwd, request.config).catch(() => undefined);
    return config === undefined ? undefined : [config];
  }
}

async function savedSince(file: string, momentMs: number): Promise<boolean> {
  try {
    return (await stat(file)).mtimeMs >= momentMs;
  } catch {
    return false;
  }
}
