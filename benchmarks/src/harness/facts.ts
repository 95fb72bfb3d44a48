import { existsSync, readFileSync } from "node:fs";
import os from "node:os";

/** What a figure is worth nothing without. */
export interface Facts {
  readonly date: string;
  readonly cpu: string;
  readonly cores: number;
  readonly platform: string;
  readonly node: string;
  /** One-minute load average when the run began; well above zero means that others were at work. */
  readonly loadBefore: number;
  readonly packages: Readonly<Record<string, string>>;
}

export function machineFacts(packageNames: readonly string[]): Facts {
  return {
    date: new Date().toISOString(),
    cpu: os.cpus()[0]?.model.trim() ?? "unknown",
    cores: os.availableParallelism(),
    platform: `${os.platform()} ${os.arch()}`,
    node: process.versions.node,
    loadBefore: os.loadavg()[0] ?? 0,
    packages: Object.fromEntries([...new Set(packageNames)].map((name) => [name, installedVersion(name)])),
  };
}

/** Read from the file and not imported: most packages do not export their package.json. */
function installedVersion(name: string): string {
  let folder = new URL("./", import.meta.url);
  for (;;) {
    const file = new URL(`node_modules/${name}/package.json`, folder);
    if (existsSync(file)) return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
    const parent = new URL("../", folder);
    if (parent.href === folder.href) return "not installed";
    folder = parent;
  }
}
