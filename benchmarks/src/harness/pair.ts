import type { Placement } from "./placement.js";
import { WorkerProcess } from "./worker-process.js";
import type { Load, Sample } from "./workload.js";

const startMs = 15_000;
const closeMs = 3_000;
const cpuMs = 5_000;
/** On top of the window: what is in flight when it closes must still come back. */
const graceMs = 15_000;

/** A sample of the client, completed by what its server spent. */
export interface PairSample extends Sample {
  readonly serverCpuUs: number;
}

/** A contender at work: its server process, its client process, and the connection between them. */
export class Pair {
  readonly contender: string;
  readonly #server: WorkerProcess;
  readonly #client: WorkerProcess;

  constructor(contender: string, placement: Placement) {
    this.contender = contender;
    this.#server = new WorkerProcess(contender, "server", placement);
    this.#client = new WorkerProcess(contender, "client", placement);
  }

  async open(): Promise<void> {
    const { url } = await this.#server.ask({ name: "serve" }, startMs);
    await this.#client.ask({ name: "connect", url }, startMs);
  }

  async run(workload: string, load: Load): Promise<PairSample> {
    const before = await this.#server.ask({ name: "cpu" }, cpuMs);
    const sample = await this.#client.ask({ name: "run", workload, load }, load.durationMs + graceMs);
    const after = await this.#server.ask({ name: "cpu" }, cpuMs);
    return { ...sample, serverCpuUs: after.cpuUs - before.cpuUs };
  }

  /** Never fails: a process that does not leave by itself is killed. */
  async close(): Promise<void> {
    await this.#client.close(closeMs);
    await this.#server.close(closeMs);
  }
}
