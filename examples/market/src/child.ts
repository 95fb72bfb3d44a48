import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/** A process of this example, as the one that started it sees it. No wait is longer than its caller says. */
export class Child {
  static readonly #running = new Set<Child>();
  readonly name: string;
  readonly #process: ChildProcess;
  readonly #spoken: Promise<unknown>;
  /** How it ended: `0`, `1`, ..., `SIGKILL`, or why it could not start. Never rejects. */
  readonly ended: Promise<number | string>;

  /** Starts `<name>.js` of this folder. It shares our terminal, and learns when we are gone. */
  constructor(name: string, args: readonly string[] = []) {
    this.name = name;
    this.#process = fork(fileURLToPath(new URL(`./${name}.js`, import.meta.url)), [...args], { stdio: "inherit" });
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

  /** The first message it sends. Rejects when it ends or says nothing within `timeoutMs`. */
  async message(timeoutMs: number): Promise<unknown> {
    const ended = this.ended.then((how): never => {
      throw new Error(`the ${this.name} process ended (${how}) before it was ready`);
    });
    return within(timeoutMs, Promise.race([this.#spoken, ended]), `the ${this.name} process was not ready`);
  }

  /** Asks it to end, and ends it by force when it has not done so within `timeoutMs`. Says how it ended. */
  async stop(timeoutMs: number): Promise<number | string> {
    this.#process.kill("SIGTERM");
    try {
      return await within(timeoutMs, this.ended, `the ${this.name} process did not end`);
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
