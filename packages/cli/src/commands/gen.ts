import { relative } from "node:path";
import { formatDiagnostic, type GeneratedFile, type GenerateResult, generate } from "@farcall/codegen";
import type { Terminal } from "../terminal.js";

export interface GenOptions {
  readonly inputs: readonly string[];
  readonly outDir: string;
  /** Compare only; the exit code says whether everything is up to date. */
  readonly check: boolean;
}

/** One run of the generator, told to the user. Resolves to the exit code. */
export async function gen(options: GenOptions, terminal: Terminal): Promise<number> {
  const result = await generate({ inputs: options.inputs, outDir: options.outDir, cwd: terminal.cwd, write: !options.check });
  return report(result, terminal);
}

/** Prints findings to stderr and files to stdout; returns the exit code. */
export function report(result: GenerateResult, terminal: Terminal): number {
  const errors = result.diagnostics.filter((diagnostic) => diagnostic.severity === "error");
  const warnings = result.diagnostics.filter((diagnostic) => diagnostic.severity === "warning");
  for (const diagnostic of [...warnings, ...errors]) terminal.err(`${formatDiagnostic(diagnostic, terminal.colors)}\n`);
  if (errors.length > 0) {
    terminal.err(
      `${count(errors.length, "error")}${warnings.length > 0 ? `, ${count(warnings.length, "warning")}` : ""}; nothing was written`,
    );
    return 1;
  }
  if (warnings.length > 0) terminal.err(count(warnings.length, "warning"));
  for (const file of result.files) describe(file, terminal);
  const drifted = result.files.filter((file) => file.status === "stale" || file.status === "missing");
  if (drifted.length === 0) return 0;
  terminal.err(`${count(drifted.length, "file")} out of date; run the same command without --check`);
  return 1;
}

function describe(file: GeneratedFile, terminal: Terminal): void {
  const path = relative(terminal.cwd, file.path).replaceAll("\\", "/");
  const methods = file.services.reduce((sum, service) => sum + service.methods.length, 0);
  const what = `${path} (${count(file.services.length, "service")}, ${count(methods, "method")})`;
  const { green, dim, red } = terminal.colors;
  if (file.status === "written") terminal.out(`${green("wrote")} ${what}`);
  else if (file.status === "unchanged") terminal.out(`${dim("unchanged")} ${what}`);
  else terminal.err(`${red(file.status)} ${path}`);
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}
