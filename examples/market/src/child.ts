import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/** A process of this example, as the one that started it sees it. No wait is longer than its caller says. */
export class Child {
  static readonly #running = new Set<Child>();
  /** For people: `server process`, `server b`. */
  readonly title: string;
  readonly #process: ChildProcess;
  readonly #spoken: Promise<unknown>;
  /** How it ended: `0`, `1`, ..., `SIGKILL`, or why it could not start. Never rejects. */
  readonly ended: Promise<number | string>;

  /** Starts `<program>.js` of this folder. It shares our terminal, and learns when we are gone. */
  constructor(program: string, args: readonly string[] = [], title = `${program} process`) {
    this.title = title;
    this.#process = fork(fileURLToPath(new URL(`./${program}.js`, import.meta.url)), [...args], { stdio: "inherit" });
    Child.#running.add(this);
    this.#spoken = new Promise((resolve) => this.#process.once("message", resolve));
    this.ended = new Promise<number | string>((resolve) => {
      this.#process.once("exit", (code, signal) => resolve(code ?? signal ?? "unknown"));
      this.#process.once("error", (error) => resolve(error.message));
    }).finally(() => Child.#running.delete(this));
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** That it could not be sent shows in the process having ended. */
  send(message: object): void {
    this.#process.send(message, () => {});
  }

  /** Hears every message from now on. */
  listen(listener: (message: unknown) => void): void {
    this.#process.on("message", listener);
  }

  /** The first message it sends. Rejects when it ends or says nothing within `timeoutMs`. */
  async message(timeoutMs: number): Promise<unknown> {
    const ended = this.ended.then((how): never => {
      throw new Error(`the ${this.title} ended (${how}) before it was ready`);
    });
    return within(timeoutMs, Promise.race([this.#spoken, ended]), `the ${this.title} was not ready`);
  }

  /** Asks it to end, and ends it by force when it has not done so within `timeoutMs`. Says how it ended. */
  async stop(timeoutMs: number): Promise<number | string> {
    this.#process.kill("SIGTERM");
    // One that stands still would not hear of it.
    this.#process.kill("SIGCONT");
    try {
      return await within(timeoutMs, this.ended, `the ${this.title} did not end`);
    } catch {
      this.#process.kill("SIGKILL");
      return this.ended;
    }
  }

  /** Stops whatever still runs. */
  static async stopAll(timeoutMs: number): Promise<void> {
    await Promise.all([...Child.#running].map((child) => child.stop(timeoutMs)));
  }

  /** For the very end, when nothing can be waited for: no child outlives this process. */
  static killAll(): void {
    for (const child of Child.#running) child.#process.kill("SIGKILL");
  }
}

/** Rejects with `otherwise` when `promise` has not settled within `timeoutMs`. */
export async function within<T>(timeoutMs: number, promise: Promise<T>, otherwise: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${otherwise} within ${timeoutMs / 1000} s`)), timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
