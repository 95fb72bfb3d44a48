import { stat } from "node:fs/promises";
import { createGenerator, type GenerateResult, type Generator } from "@farcall/codegen";
import { findConfig } from "../config.js";
import { FileWatch } from "../file-watch.js";
import type { Terminal } from "../terminal.js";
import { type GenRequest, report, resolveOptions } from "./gen.js";

/** Editors save in several steps; a run waits until the files have been quiet for this long. */
const quietMs = 60;

/**
 * Runs the generator now and after every change of an input, of a file it imports or of the configuration, until `signal` fires.
 * A contract that is broken for the moment is reported and waited for.
 */
export async function watch(request: GenRequest, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const generator = createGenerator();
  let known: Watched = { sources: [], missing: [] };
  let changed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let wake: (() => void) | undefined;

  const watching = new FileWatch(
    (path) => {
      changed.add(path);
      clearTimeout(timer);
      timer = setTimeout(() => wake?.(), quietMs);
    },
    (error) => terminal.err(`cannot watch: ${error instanceof Error ? error.message : String(error)}`),
  );
  signal.addEventListener("abort", () => wake?.(), { once: true });

  try {
    while (!signal.aborted) {
      changed = new Set();
      const startedMs = Date.now();
      const found = (await run(generator, request, terminal)) ?? known;
      const before = new Set([...known.sources, ...known.missing]);
      const files = new Set([...found.sources, ...found.missing]);
      await watching.on(files);
      // What was saved between being read and being watched would go unnoticed for ever.
      for (const file of files) if (!before.has(file) && (await savedSince(file, startedMs))) changed.add(file);
      known = found;
      const count = found.sources.length;
      terminal.out(`watching ${count} ${count === 1 ? "file" : "files"}; Ctrl-C ends it`);
      if (changed.size === 0 && !signal.aborted) await new Promise<void>((resolve) => (wake = resolve));
      wake = undefined;
    }
  } finally {
    clearTimeout(timer);
    await watching.close();
  }
  terminal.out("stopped watching");
  return 0;
}

type Watched = Pick<GenerateResult, "sources" | "missing">;

/** What to watch from now on, the configuration included; `undefined` when nothing is known of it. */
async function run(generator: Generator, request: GenRequest, terminal: Terminal): Promise<Watched | undefined> {
  try {
    const options = await resolveOptions(request, terminal.cwd);
    const result = await generator.generate(options);
    report(result, options, request, terminal);
    const { sources, missing } = result;
    return { sources: options.configPath === undefined ? sources : [...sources, options.configPath], missing };
  } catch (error) {
    terminal.err(error instanceof Error ? error.message : String(error));
    // A configuration that is broken for the moment is all that has to be waited for.
    const config = await findConfig(terminal.cwd, request.config).catch(() => undefined);
    return config === undefined ? undefined : { sources: [config], missing: [] };
  }
}

async function savedSince(file: string, momentMs: number): Promise<boolean> {
  try {
    return (await stat(file)).mtimeMs >= momentMs;
  } catch {
    return false;
  }
}
