import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Answers, Command, Response, Role } from "./command.js";
import { launcher, type Placement } from "./placement.js";

const program = fileURLToPath(new URL("worker.js", import.meta.url));

/** The same ground for everybody: JavaScript codecs and masks, as after a plain install. */
const environment = {
  ...process.env,
  NODE_ENV: "production",
  MSGPACKR_NATIVE_ACCELERATION_DISABLED: "true",
  WS_NO_BUFFER_UTIL: "1",
  WS_NO_UTF_8_VALIDATE: "1",
};

/** Started and not yet known to be gone. */
const running = new Set<WorkerProcess>();

/** Ends every process this module started, by its id and at once. Safe to call again, and from an `exit` listener. */
export function killAll(): void {
  for (const worker of running) worker.kill();
}

interface Asked {
  readonly command: Command["name"];
  readonly resolve: (answer: Answers[keyof Answers]) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** One half of one contender, in a process of its own. Every wait is bounded and every error says whose it is. */
export class WorkerProcess {
  /** For messages: `9a server`. */
  readonly label: string;
  readonly #child: ChildProcess;
  readonly #asked = new Map<number, Asked>();
  readonly #gone: Promise<void>;
  #nextId = 0;
  /** Why nothing more can be asked, once that is so. */
  #ending: string | undefined;

  constructor(contender: string, role: Role, placement: Placement) {
    this.label = `${contender} ${role}`;
    this.#child = fork(program, [contender, role], {
      ...launcher(placement, role),
      env: environment,
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    running.add(this);
    this.#child.on("message", (response: Response) => this.#settle(response));
    this.#gone = new Promise((resolve) => {
      const gone = (how: string): void => {
        running.delete(this);
        this.#end(how);
        resolve();
      };
      this.#child.on("exit", (code, signal) => gone(`the process ended with ${signal ?? `code ${code}`}`));
      // Not started, or not to be signalled or reached; only in the first case will no "exit" follow.
      this.#child.on("error", (error) => (this.#child.pid === undefined ? gone(error.message) : this.#end(error.message)));
    });
  }

  /** @throws when the process refuses, ends, or says nothing for `withinMs`. */
  ask<C extends Command>(command: C, withinMs: number): Promise<Answers[C["name"]]> {
    const asked = new Promise<Answers[keyof Answers]>((resolve, reject) => {
      if (this.#ending !== undefined) {
        reject(this.#error(command.name, this.#ending));
        return;
      }
      const id = this.#nextId++;
      const timer = setTimeout(() => {
        this.#asked.delete(id);
        reject(this.#error(command.name, `no answer within ${withinMs} ms`));
      }, withinMs);
      this.#asked.set(id, { command: command.name, resolve, reject, timer });
      this.#child.send({ id, command }, (error) => {
        if (error !== null) this.#end(error.message);
      });
    });
    return asked as Promise<Answers[C["name"]]>;
  }

  /**
   * Lets the process close its sockets and leave by itself, so that `--cpu-prof` can write its file; kills it after `withinMs`.
   * Resolves when it is gone.
   */
  async close(withinMs: number): Promise<void> {
    const timer = setTimeout(() => this.kill(), withinMs);
    await this.ask({ name: "close" }, withinMs).then(
      () => this.#child.disconnect(),
      () => this.kill(),
    );
    await this.#gone;
    clearTimeout(timer);
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  #settle(response: Response): void {
    const asked = this.#asked.get(response.id);
    if (asked === undefined) return; // Came after its time limit.
    this.#asked.delete(response.id);
    clearTimeout(asked.timer);
    if ("error" in response) asked.reject(this.#error(asked.command, response.error));
    else asked.resolve(response.answer);
  }

  #end(how: string): void {
    this.#ending ??= how;
    for (const { command, reject, timer } of this.#asked.values()) {
      clearTimeout(timer);
      reject(this.#error(command, how));
    }
    this.#asked.clear();
  }

  #error(command: string, how: string): Error {
    return new Error(`${this.label}, on "${command}": ${how}`);
  }
}
