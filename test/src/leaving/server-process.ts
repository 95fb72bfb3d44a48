import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ServerStats } from "@farcall/server";

/** What a client asks `echo` for. Times are of `Date.now()`: both processes share a clock. */
export interface Order {
  readonly id: number;
  /** When the client gives up. */
  readonly deadlineAt: number;
}

/** What the server wrote down when it entered the handler. */
export interface Entry extends Order {
  readonly enteredAt: number;
}

export function encodeOrder(order: Order): Uint8Array {
  return new Uint8Array(Buffer.from(JSON.stringify(order)));
}

/** A server in a process of its own, `server-child.ts`. */
export class ServerProcess {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(url: string, child: ChildProcess, folder: string) {
    this.url = url;
    this.#child = child;
    this.#folder = folder;
  }

  static async start(options: object = {}, port = 0): Promise<ServerProcess> {
    const folder = await mkdtemp(join(tmpdir(), "farcall-server-"));
    const file = fileURLToPath(new URL("./server-child.js", import.meta.url));
    const child = fork(file, [String(port), JSON.stringify(options), join(folder, "entries")]);
    const [{ url }] = (await once(child, "message")) as [{ readonly url: string }];
    return new ServerProcess(url, child, folder);
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Blocks its event loop for so long, in milliseconds, and tells what it has counted after that. */
  async block(blockMs: number): Promise<ServerStats> {
    this.#child.send({ blockMs });
    const [{ stats }] = (await once(this.#child, "message")) as [{ readonly stats: ServerStats }];
    return stats;
  }

  stats(): Promise<ServerStats> {
    return this.block(0);
  }

  /** How the process ended; waits until it has. */
  async exited(): Promise<{ readonly code: number | null; readonly signal: string | null }> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) return { code: exitCode, signal: signalCode };
    const [code, signal] = (await once(this.#child, "exit")) as [number | null, string | null];
    return { code, signal };
  }

  /** Every call of `echo` that was entered. */
  entries(): readonly Entry[] {
    const file = join(this.#folder, "entries");
    if (!existsSync(file)) return [];
    const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
    return lines.map((line) => JSON.parse(line) as Entry);
  }

  /** Leaves nothing behind, whatever became of it. */
  async dispose(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.exited();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
