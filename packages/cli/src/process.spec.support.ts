import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import pc from "picocolors";
import { runCommandLine } from "./command-line.js";

const bin = fileURLToPath(new URL("../bin/farcall.js", import.meta.url));

interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function start(cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
  const { CI: _ci, FORCE_COLOR: _force, NO_COLOR: _no, ...inherited } = process.env;
  return spawn(process.execPath, [bin, ...args], { cwd, env: { ...inherited, ...env }, stdio: ["ignore", "pipe", "pipe"] });
}

/** Runs a command in this process, which has the compiler loaded already: a second less each. */
export async function farcall(cwd: string, args: readonly string[]): Promise<Outcome> {
  let out = "";
  let err = "";
  const code = await runCommandLine(["node", "farcall", ...args], {
    cwd,
    colors: pc.createColors(false),
    out: (line) => {
      out += `${line}\n`;
    },
    err: (line) => {
      err += `${line}\n`;
    },
  });
  return { code, out, err };
}

/** Runs a command to its end, as a program. */
export function farcallProgram(
  cwd: string,
  args: readonly string[],
  { env, isRead = true }: { readonly env?: Readonly<Record<string, string>>; readonly isRead?: boolean } = {},
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = start(cwd, args, env);
    if (!isRead) child.stdout?.destroy();
    let out = "";
    let err = "";
    child.stdout?.on("data", (chunk: Buffer) => (out += chunk.toString()));
    child.stderr?.on("data", (chunk: Buffer) => (err += chunk.toString()));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, out, err }));
  });
}

/** A process that keeps running; its output is waited for line by line. */
export class Watching {
  text = "";
  readonly #child: ChildProcess;
  readonly #closed: Promise<number | null>;
  #read = 0;
  #check: (() => void) | undefined;

  constructor(cwd: string, args: readonly string[]) {
    this.#child = start(cwd, args);
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        this.text += chunk.toString();
        this.#check?.();
      });
    }
    this.#closed = new Promise((resolve) => this.#child.on("close", resolve));
    void this.#closed.then(() => this.#check?.());
  }

  /** Resolves when the line appears after those already waited for. */
  line(expected: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const limit = setTimeout(() => reject(new Error(`no line "${expected}" in:\n${this.text}`)), 8000);
      this.#check = () => {
        const at = `\n${this.text}`.indexOf(`\n${expected}\n`, this.#read);
        const ended = this.#child.exitCode !== null;
        if (at < 0 && !ended) return;
        clearTimeout(limit);
        this.#check = undefined;
        this.#read = at + expected.length + 1;
        if (at < 0) reject(new Error(`ended with ${this.#child.exitCode} before "${expected}":\n${this.text}`));
        else resolve();
      };
      this.#check();
    });
  }

  /** Resolves to the exit code. */
  stop(signal: "SIGINT" | "SIGTERM"): Promise<number | null> {
    this.#child.kill(signal);
    return this.#closed;
  }
}
