import { join } from "node:path";
import { createFaultProxy, type FaultProxy } from "@farcall/testing";
import { Child } from "./child.js";
import { files } from "./files.js";
import type { FrameworkName } from "./frameworks/index.js";

/** Longer than any framework gives its last calls, which take milliseconds here. */
const drainLimitMs = 40_000;

/** One server, through all its restarts: the name, the port and the log stay. */
export class FleetServer {
  readonly name: string;
  readonly #framework: FrameworkName;
  readonly #log: string;
  #child: Child | undefined;
  #port = 0;
  #proxy: FaultProxy | undefined;

  constructor(framework: FrameworkName, name: string, folder: string) {
    this.#framework = framework;
    this.name = name;
    this.#log = join(folder, `${files.serverPrefix}${name}.jsonl`);
  }

  /** Where the client finds it. */
  get port(): number {
    return this.#proxy?.port ?? this.#port;
  }

  /** The network in front of it, once `standBehindProxy` was called. */
  get proxy(): FaultProxy {
    if (this.#proxy === undefined) throw new Error(`server ${this.name} stands behind no proxy`);
    return this.#proxy;
  }

  get pid(): number {
    return this.#running.pid;
  }

  /** Listens where it listened before, or on any port the first time. */
  async start(): Promise<void> {
    const args = [this.#framework, this.name, String(this.#port), this.#log];
    const { child, port } = await Child.start(`${this.#framework} server ${this.name}`, "server", args);
    this.#child = child;
    this.#port = port;
  }

  /** To be called when it listens, before the client hears of it. */
  async standBehindProxy(): Promise<void> {
    this.#proxy = await createFaultProxy(`tcp://127.0.0.1:${this.#port}`);
  }

  async kill(): Promise<void> {
    await this.#running.kill();
  }

  /** Leaves nothing behind, whatever state it is in. */
  async end(): Promise<void> {
    await this.#child?.kill();
    await this.#proxy?.close();
  }

  /** Ends it as a deploy does. */
  async stop(): Promise<void> {
    this.#running.signal("SIGTERM");
    await this.#running.gone(drainLimitMs);
  }

  freeze(): void {
    this.#running.signal("SIGSTOP");
  }

  thaw(): void {
    this.#running.signal("SIGCONT");
  }

  async slowDown(slowness: number): Promise<void> {
    await this.#running.ask({ slowness });
  }

  get #running(): Child {
    if (this.#child === undefined) throw new Error(`server ${this.name} was not started`);
    return this.#child;
  }
}
