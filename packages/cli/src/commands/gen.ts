import { stat } from "node:fs/promises";
import { relative, resolve } from "node:path";
import { formatDiagnostic, type GeneratedFile, type GenerateOptions, type GenerateResult, generate } from "@farcall/codegen";
import { findConfig, loadConfig } from "../config.js";
import { UsageError } from "../failure.js";
import type { Terminal } from "../terminal.js";

/** What the command line says; the configuration fills in what it does not. */
export interface GenRequest {
  readonly inputs: readonly string[];
  readonly outDir: string | undefined;
  /** Empty to go by the tags. */
  readonly services: readonly string[];
  /** Members to do without, beside those of the configuration. */
  readonly omit: readonly string[];
  /** A configuration other than the one that is found by its name. */
  readonly config: string | undefined;
  /** Compare only; the exit code says whether everything is up to date. */
  readonly check: boolean;
  /** Tell programs, not people. */
  readonly json: boolean;
}

export interface GenOptions extends GenerateOptions {
  /** Path of the configuration that was read. */
  readonly configPath: string | undefined;
}

/** Puts the command line and the configuration together. @throws UsageError when neither says enough. */
export async function resolveOptions(request: GenRequest, cwd: string): Promise<GenOptions> {
  const configPath = await findConfig(cwd, request.config);
  const config = configPath === undefined ? undefined : await loadConfig(configPath);
  const inputs = request.inputs.length > 0 ? request.inputs : (config?.inputs ?? []);
  const usage = "farcall gen src/inventory.ts --out src/gen";
  if (inputs.length === 0) throw new UsageError("no input", `name the contract: ${usage}, or write a farcall.config.ts`);
  const outDir = request.outDir ?? config?.out;
  if (outDir === undefined)
    throw new UsageError("--out is missing", `say where the generated files go: farcall gen ${inputs.join(" ")} --out src/gen`);
  const existing = await stat(resolve(cwd, outDir)).catch(() => undefined);
  if (existing?.isDirectory() === false)
    throw new UsageError(`${outDir} is not a folder`, "generated files go into one: --out src/gen");
  const services = request.services.length > 0 ? request.services : (config?.services ?? []);
  const { importExtension, unknownKeys, warningsAsErrors } = config ?? {};
  return {
    inputs,
    outDir,
    cwd,
    services,
    omit: [...(config?.omit ?? []), ...request.omit],
    configPath,
    write: !request.check,
    ...(importExtension === undefined ? {} : { importExtension }),
    ...(unknownKeys === undefined ? {} : { unknownKeys }),
    ...(warningsAsErrors === undefined ? {} : { warningsAsErrors }),
  };
}

/** One run of the generator, told to the user. Resolves to the exit code. */
export async function gen(request: GenRequest, terminal: Terminal): Promise<number> {
  const options = await resolveOptions(request, terminal.cwd);
  return report(await generate(options), options, request, terminal);
}

/** Prints findings to stderr and files to stdout, or all of it as one line of JSON to stdout; returns the exit code. */
export function report(result: GenerateResult, options: GenOptions, request: GenRequest, terminal: Terminal): number {
  const errors = result.diagnostics.filter((diagnostic) => diagnostic.severity === "error");
  const warnings = result.diagnostics.filter((diagnostic) => diagnostic.severity === "warning");
  const isRefused = errors.length > 0 || (options.warningsAsErrors === true && warnings.length > 0);
  const drifted = result.files.filter((file) => file.status === "stale" || file.status === "missing");
  const code = isRefused || drifted.length > 0 ? 1 : 0;
  if (request.json) {
    const files = result.files.map(({ path, status, services }) => ({ path: shown(path, terminal), status, services }));
    terminal.out(JSON.stringify({ ok: code === 0, files, diagnostics: result.diagnostics, leftOut: result.leftOut }));
    return code;
  }
  for (const diagnostic of [...warnings, ...errors]) terminal.err(`${formatDiagnostic(diagnostic, terminal.colors)}\n`);
  const found = [
    ...(errors.length > 0 ? [count(errors.length, "error")] : []),
    ...(warnings.length > 0 ? [count(warnings.length, "warning")] : []),
  ].join(", ");
  if (found !== "") terminal.err(`${found}${isRefused ? "; nothing was written" : ""}`);
  if (isRefused) {
    describeRest(result, terminal);
    return code;
  }
  for (const file of result.files) describe(file, terminal);
  if (drifted.length > 0) terminal.err(`${count(drifted.length, "file")} out of date; run the same command without --check`);
  return code;
}

/** How many members it is about, and how to have the others. */
function describeRest({ leftOut, services, diagnostics }: GenerateResult, terminal: Terminal): void {
  const refused = leftOut.filter(({ codes }) =>
    codes.some((code) => diagnostics.some((one) => one.code === code && one.severity === "error")),
  );
  const rest = services.reduce((sum, service) => sum + service.methods.length, 0);
  if (refused.length === 0 || rest === 0) return;
  const [first] = refused;
  const named =
    refused.length === 1
      ? `add --omit ${first?.member ?? ""}`
      : "add --omit <member> for each of them, or omit: [...] in a configuration; --json lists them";
  terminal.err(`${count(refused.length, "member")} cannot be generated; to have the other ${rest} without: ${named}`);
}

function shown(path: string, terminal: Terminal): string {
  return relative(terminal.cwd, path).replaceAll("\\", "/");
}

function describe(file: GeneratedFile, terminal: Terminal): void {
  const path = shown(file.path, terminal);
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
