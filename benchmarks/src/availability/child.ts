import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Answer } from "./messages.js";

/** Started and not yet known to be gone. */
const running = new Set<ChildProcess>();

/** Ends every process this module started, frozen ones too. Safe to call again, and from an `exit` listener. */
export function killAll(): void {
  for (const child of running) child.kill("SIGKILL");
}

/** A process of a run. It is asked one thing at a time, every wait is bounded, and every error says whose it is. */
export class Child {
  readonly name: string;
  readonly #process: ChildProcess;
  readonly #gone: Promise<string>;

  private constructor(name: string, program: string, args: readonly string[]) {
    this.name = name;
    const path = fileURLToPath(new URL(`./${program}.js`, import.meta.url));
    this.#process = fork(path, [...args], {
      env: { ...process.env, NODE_ENV: "production" },
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    const started = this.#process;
    running.add(started);
    this.#gone = new Promise((resolve) => {
      started.on("exit", (code, signal) => resolve(signal ?? `code ${code}`));
      started.on("error", (error) => resolve(error.message));
    });
    void this.#gone.then(() => running.delete(started));
  }

  /** Starts `<program>.js` of this folder, and gives what it said first: it is ready. */
  static async start(name: string, program: string, args: readonly string[]): Promise<{ child: Child; port: number }> {
    const child = new Child(name, program, args);
    const { port = 0 } = await child.#answer("start", 20_000);
    return { child, port };
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** @throws Error when it refuses, ends, or says nothing for `withinMs`. */
  async ask(message: object, withinMs = 10_000): Promise<void> {
    const answered = this.#answer(Object.keys(message).join(), withinMs);
    this.#process.send(message, () => {}); // That it could not be sent shows in the answer that does not come.
    await answered;
  }

  signal(signal: "SIGKILL" | "SIGTERM" | "SIGSTOP" | "SIGCONT"): void {
    if (!this.#process.kill(signal)) throw new Error(`${this.name}: is not there to get ${signal}`);
  }

  /** How it ended. @throws Error when it has not within `withinMs`. */
  async gone(withinMs: number): Promise<string> {
    return this.#within(this.#gone, "to end", withinMs);
  }

  /** Ends it at once, whatever it is at. */
  async kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.gone(10_000);
  }

  async #answer(asked: string, withinMs: number): Promise<Exclude<Answer, { readonly error: string }>> {
    const abort = new AbortController();
    const ended = this.#gone.then((how) => {
      throw new Error(`${this.name}, on ${asked}: the process ended with ${how}`);
    });
    const message = once(this.#process, "message", { signal: abort.signal });
    // Whichever comes second has nobody to tell.
    message.catch(() => {});
    ended.catch(() => {});
    try {
      const [answer] = (await this.#within(Promise.race([message, ended]), asked, withinMs)) as [Answer];
      if ("error" in answer) throw new Error(`${this.name}, on ${asked}: ${answer.error}`);
      return answer;
    } finally {
      abort.abort();
    }
  }

  async #within<T>(promise: Promise<T>, asked: string, withinMs: number): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${this.name}, on ${asked}: nothing within ${withinMs} ms`)), withinMs);
    });
    try {
      return await Promise.race([promise, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
