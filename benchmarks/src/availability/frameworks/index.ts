import type { Framework } from "../framework.js";

export const frameworkNames = ["farcall", "grpc"] as const;
export type FrameworkName = (typeof frameworkNames)[number];

/** Loaded when asked for: a process must not run code of what it does not measure. */
export async function loadFramework(name: FrameworkName): Promise<Framework> {
  return name === "farcall" ? (await import("./farcall.js")).farcall : (await import("./grpc.js")).grpcJs;
}
