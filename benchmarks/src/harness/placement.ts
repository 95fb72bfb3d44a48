import { spawnSync } from "node:child_process";
import os from "node:os";
import type { Role } from "./command.js";

/**
 * Where the two processes of a pair run. `any`: as the system likes. `apart`: each on a core of its own. `together`: both on
 * one core, where nothing is gained by overlapping and every saved instruction shows. On virtual machines waking another
 * core can cost more than the call itself, and a system that moves processes about makes `any` jump between the two.
 */
export const placements = ["any", "apart", "together"] as const;
export type Placement = (typeof placements)[number];

/** @throws when the machine cannot hold processes to cores. */
export function assertPlaceable(placement: Placement): void {
  if (placement === "any") return;
  if (spawnSync("taskset", ["--version"], { timeout: 5_000 }).status !== 0)
    throw new Error(`--cores ${placement} needs the program taskset (Linux)`);
  if (placement === "apart" && os.availableParallelism() < 2) throw new Error("--cores apart needs two cores");
}

/** What to put in front of the worker program: `taskset` sets the core and then becomes node, under the same process id. */
export function launcher(placement: Placement, role: Role): { readonly execPath: string; readonly execArgv: string[] } {
  if (placement === "any") return { execPath: process.execPath, execArgv: process.execArgv };
  const core = placement === "apart" && role === "client" ? "1" : "0";
  return { execPath: "taskset", execArgv: ["-c", core, process.execPath, ...process.execArgv] };
}
