import type { Contender } from "../harness/contender.js";

/** Every contender, by name; a process loads only the one it runs. */
export const contenders: ReadonlyMap<string, () => Promise<Contender>> = new Map([
  ["9a", async () => (await import("./raw-ws.js")).rawWs],
  ["9b", async () => (await import("./raw-ws-batched.js")).rawWsBatched],
  ["farcall", async () => (await import("./farcall.js")).farcall],
]);
