import { readFile, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { FarcallConfig } from "@farcall/codegen";
import { createJiti } from "jiti";
import { UsageError } from "./failure.js";

/** Tried in this order. */
const names = ["farcall.config.ts", "farcall.config.json"];

/** Path of the configuration in a folder; `undefined` when there is none. @throws UsageError when `wanted` is missing. */
export async function findConfig(cwd: string, wanted: string | undefined): Promise<string | undefined> {
  for (const name of wanted === undefined ? names : [wanted]) {
    const path = resolve(cwd, name);
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile() === true) return path;
  }
  if (wanted === undefined) return undefined;
  throw new UsageError(`there is no configuration ${wanted}`, "check the path; it is taken relative to the working directory");
}

/** A configuration that has been read: paths are absolute. */
export interface LoadedConfig extends FarcallConfig {
  readonly path: string;
}

/** Reads a configuration afresh. @throws UsageError that names what is wrong in it. */
export async function loadConfig(path: string): Promise<LoadedConfig> {
  let value: unknown;
  try {
    value = await read(path);
  } catch (error) {
    const why = error instanceof Error ? (error.message.split("\n", 1)[0] ?? "") : String(error);
    throw new UsageError(
      `${path} cannot be read: ${why}`,
      path.endsWith(".json") ? "write one JSON object" : "export the configuration as default",
    );
  }
  const config = check(value, path);
  const folder = dirname(path);
  return { ...config, path, inputs: config.inputs.map((input) => resolve(folder, input)), out: resolve(folder, config.out) };
}

async function read(path: string): Promise<unknown> {
  // Node would remember what it was at first.
  if (path.endsWith(".json")) return JSON.parse(await readFile(path, "utf8"));
  return createJiti(import.meta.url, { moduleCache: false, fsCache: false }).import(path, { default: true });
}

const choices: Readonly<Record<string, readonly string[]>> = {
  importExtension: ["js", "ts", "none"],
  unknownKeys: ["strip", "reject", "allow"],
};
const known = ["inputs", "out", "services", "omit", "importExtension", "unknownKeys", "warningsAsErrors", "$schema"];

function check(value: unknown, path: string): FarcallConfig {
  const refuse = (message: string, hint: string): never => {
    throw new UsageError(`${path}: ${message}`, hint);
  };
  if (typeof value !== "object" || value === null)
    return refuse("no object is exported", "export default { inputs: [...], out: ... }");
  const config = value as Record<string, unknown>;
  for (const name of Object.keys(config)) {
    if (!known.includes(name)) refuse(`${name} is not an option`, `known are ${known.slice(0, -1).join(", ")}`);
  }
  const isList = (list: unknown): boolean => Array.isArray(list) && list.every((one) => typeof one === "string");
  if (!isList(config.inputs) || (config.inputs as unknown[]).length === 0)
    refuse("inputs must name at least one file", 'inputs: ["src/inventory.ts"]');
  if (typeof config.out !== "string" || config.out === "") refuse("out must name a folder", 'out: "src/gen"');
  if (config.services !== undefined && !isList(config.services))
    refuse("services must be a list of names", 'services: ["Inventory"]');
  if (config.omit !== undefined && !isList(config.omit)) refuse("omit must be a list of members", 'omit: ["Api.users.find"]');
  for (const [name, allowed] of Object.entries(choices)) {
    const given = config[name];
    if (given !== undefined && !allowed.includes(given as string))
      refuse(`${name} cannot be ${JSON.stringify(given)}`, `write one of ${allowed.join(", ")}`);
  }
  if (config.warningsAsErrors !== undefined && typeof config.warningsAsErrors !== "boolean")
    refuse("warningsAsErrors must be true or false", "warningsAsErrors: true");
  return value as FarcallConfig;
}
