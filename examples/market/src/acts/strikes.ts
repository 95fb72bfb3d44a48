import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Child } from "../child.js";
import { type FaultRecord, logs, RecordFile } from "../records.js";
import type { ToTraffic } from "../traffic/messages.js";
import type { MarketServer } from "./fleet.js";
import type { Plan } from "./plan.js";
import type { Screen } from "./screen.js";
import type { Watch } from "./watch.js";

/** Does to the servers what happens to servers, and says so. */
export class Strikes {
  readonly #plan: Plan;
  readonly #traffic: Child;
  readonly #watch: Watch;
  readonly #screen: Screen;
  readonly #log: RecordFile<FaultRecord>;

  constructor(plan: Plan, traffic: Child, watch: Watch, screen: Screen, folder: string) {
    this.#plan = plan;
    this.#traffic = traffic;
    this.#watch = watch;
    this.#screen = screen;
    this.#log = new RecordFile(join(folder, logs.faults));
  }

  /** A crash. */
  async kill(server: MarketServer): Promise<void> {
    this.#strike("kill", `SIGKILL of ${server.name}`);
    await server.kill();
    await this.#pass(this.#plan.down, `${server.name} comes back`);
    await this.#restart(server);
    await this.#settle(server);
  }

  /** Worse than a crash: its connections stay open, and nobody answers. */
  async freeze(server: MarketServer): Promise<void> {
    this.#tellTraffic({ frozen: server.pid ?? null });
    this.#strike("freeze", `SIGSTOP of ${server.name} for ${this.#plan.freeze / 1_000} s`);
    server.freeze();
    await this.#pass(this.#plan.freeze, `${server.name} goes on`);
    server.thaw();
    this.#tellTraffic({ frozen: null });
    this.#screen.say(`SIGCONT of ${server.name}`);
    await this.#settle(server);
  }

  /** A deploy: one after the other leaves, and comes back. */
  async roll(servers: readonly MarketServer[]): Promise<void> {
    this.#strike("roll", `SIGTERM of ${servers.map(({ name }) => name).join(", ")}`);
    for (const server of servers) {
      this.#screen.say(`SIGTERM of ${server.name}`);
      await server.leave();
      this.#screen.say(`${server.name} has left in order`);
      await this.#restart(server);
      await this.#watch.ready(server);
      await this.#pass(this.#plan.pause, "the next one leaves");
    }
  }

  async #restart(server: MarketServer): Promise<void> {
    await server.start();
    this.#screen.say(`${server.name} is back, process ${server.pid}`);
  }

  async #settle(server: MarketServer): Promise<void> {
    await this.#watch.ready(server);
    await this.#pass(this.#plan.settle, "the next fault");
  }

  async #pass(ms: number, next: string): Promise<void> {
    this.#screen.await(next, ms);
    await sleep(ms);
  }

  #strike(kind: FaultRecord["kind"], title: string): void {
    this.#screen.say(title, true);
    this.#log.append({ kind, title, struckAt: Date.now() });
  }

  #tellTraffic(message: ToTraffic): void {
    this.#traffic.send(message);
  }
}
