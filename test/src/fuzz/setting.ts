import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** `FARCALL_SEED` replays a run; without it every run is another one. */
export const seed = Number(process.env.FARCALL_SEED ?? Math.floor(Math.random() * 2 ** 32));
/** Mutated messages in all, for the long run; without it the small number of every test run. */
export const asked = process.env.FARCALL_FUZZ === undefined ? undefined : Number(process.env.FARCALL_FUZZ);

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;

/** Bytes of the heap that something still holds. */
export function heapUsed(): number {
  gc();
  gc();
  return process.memoryUsage().heapUsed;
}
