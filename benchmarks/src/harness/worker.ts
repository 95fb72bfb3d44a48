// The program of the processes that do the work: one half of one contender, driven by commands from the harness.
import { isNativeAccelerationEnabled } from "msgpackr";
import { contenders } from "../contenders/index.js";
import { handlers } from "../workloads/hello.js";
import { workloads } from "../workloads/index.js";
import type { Answers, Command, Request, Response } from "./command.js";
import type { Caller, Contender, Served } from "./contender.js";
import { watchParent } from "./orphan-watch.js";
import type { Target } from "./workload.js";

/** What this process has opened so far. */
class Worker {
  readonly #contender: Contender;
  #served: Served | undefined;
  #url = "";
  #caller: Promise<Caller> | undefined;

  constructor(contender: Contender) {
    this.#contender = contender;
  }

  async obey(command: Command): Promise<Answers[keyof Answers]> {
    switch (command.name) {
      case "serve":
        this.#served = await this.#contender.serve(handlers);
        return { url: this.#served.url };
      case "connect":
        this.#url = command.url;
        await this.#target.shared();
        return null;
      case "run": {
        const workload = workloads.get(command.workload);
        if (workload === undefined) throw new Error(`no workload is named ${command.workload}`);
        return workload.run(this.#target, command.load);
      }
      case "cpu": {
        const { user, system } = process.cpuUsage();
        return { cpuUs: user + system };
      }
      case "close":
        await (await this.#caller)?.close();
        await this.#served?.close();
        return null;
    }
  }

  readonly #target: Target = {
    connect: () => this.#contender.connect(this.#url),
    shared: () => {
      this.#caller ??= this.#target.connect();
      return this.#caller;
    },
  };
}

async function start(name: string | undefined): Promise<void> {
  watchParent();
  if (isNativeAccelerationEnabled) throw new Error("msgpackr runs with its native addon; the figures would not compare");
  const load = contenders.get(name ?? "");
  if (load === undefined) throw new Error(`no contender is named ${name}`);
  const worker = new Worker(await load());
  process.on("message", (request: Request) => {
    worker.obey(request.command).then(
      (answer) => reply({ id: request.id, answer }),
      (error: unknown) =>
        reply({ id: request.id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
  });
}

function reply(response: Response): void {
  process.send?.(response);
}

await start(process.argv[2]);
