import type { Workload } from "../harness/workload.js";
import { hello } from "./hello.js";

/** Every workload, by name. */
export const workloads: ReadonlyMap<string, Workload> = new Map([hello].map((workload) => [workload.name, workload]));
