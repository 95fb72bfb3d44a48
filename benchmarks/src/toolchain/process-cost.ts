import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

export interface ProcessCost {
  /** From the start of the process to its end. */
  readonly ms: number;
  /** The most memory it and its children had, each at its own worst moment; `undefined` where the system does not tell. */
  readonly peakMiB: number | undefined;
  readonly out: string;
}

/** How often the system is asked for memory, in milliseconds. */
const askMs = 20;

/** Runs a script with this Node, and nothing beside it. @throws when it fails. */
export function costOf(script: string, args: readonly string[], cwd: string): Promise<ProcessCost> {
  const began = performance.now();
  const child = spawn(process.execPath, [script, ...args], { cwd, stdio: ["ignore", "pipe", "pipe"] });
  const peaks = new Map<string, number>();
  const asking = setInterval(() => {
    for (const pid of family(String(child.pid))) peaks.set(pid, Math.max(peakOf(pid), peaks.get(pid) ?? 0));
  }, askMs);
  let out = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (out += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      clearInterval(asking);
      const ms = performance.now() - began;
      const sum = [...peaks.values()].reduce((all, one) => all + one, 0);
      if (code === 0) resolve({ ms, peakMiB: sum === 0 ? undefined : sum, out });
      else reject(new Error(`${script} ${args.join(" ")} ended with ${code}:\n${out.slice(0, 2_000)}`));
    });
  });
}

function family(pid: string): readonly string[] {
  const children = contents(`/proc/${pid}/task/${pid}/children`).split(" ").filter(Boolean);
  return [pid, ...children.flatMap(family)];
}

function peakOf(pid: string): number {
  const [, kib = "0"] = /^VmHWM:\s+(\d+) kB$/m.exec(contents(`/proc/${pid}/status`)) ?? [];
  return Number(kib) / 1024;
}

function contents(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
