import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** No command of a guide may take longer. */
const limitMs = 60_000;

/** A shell somebody types into: one command after the other, each in the folder where the one before ended. */
export class Terminal {
  cwd: string;
  readonly #env: NodeJS.ProcessEnv;
  #running: ChildProcess | undefined;

  constructor(cwd: string, env: Readonly<Record<string, string>>) {
    this.cwd = cwd;
    this.#env = { ...plainEnvironment(), ...env };
  }

  /** Runs a command to its end; what it wrote to stdout. Rejects with all of its output when it fails. */
  async run(command: string): Promise<string> {
    const scratch = await mkdtemp(join(tmpdir(), "farcall-terminal-"));
    try {
      const folder = join(scratch, "cwd");
      const child = this.#spawn(`${command}\nstatus=$?\npwd > '${folder}'\nexit $status`);
      const output = collect(child);
      const limit = setTimeout(() => kill(child, "SIGKILL"), limitMs);
      const [code, signal] = (await once(child, "close")) as [number | null, string | null];
      clearTimeout(limit);
      if (code !== 0) throw new Error(`$ ${command}\n${output.all}\nended with ${code ?? `${signal}, after ${limitMs} ms`}`);
      this.cwd = (await readFile(folder, "utf8")).trimEnd();
      return output.out;
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  }

  /** Starts a command that goes on, and waits until it has printed this; all that it has printed then. */
  start(command: string, expected: string): Promise<string> {
    const child = this.#spawn(`exec ${command}`);
    this.#running = child;
    const output = collect(child);
    return new Promise((resolve, reject) => {
      const give = (why: string): void => reject(new Error(`$ ${command}\n${output.all}\n${why}`));
      const limit = setTimeout(() => give(`has not printed ${expected} after ${limitMs} ms`), limitMs);
      child.stdout?.on("data", () => {
        if (!output.out.endsWith(expected)) return;
        clearTimeout(limit);
        resolve(output.out);
      });
      child.once("close", (code) => {
        clearTimeout(limit);
        give(`ended with ${code}`);
      });
    });
  }

  /** Ctrl-C for what was started; resolves when it and all that it started are gone. */
  async interrupt(): Promise<void> {
    const child = this.#running;
    if (child === undefined) return;
    const closed = once(child, "close");
    kill(child, "SIGINT");
    let forced = false;
    const limit = setTimeout(() => {
      forced = true;
      kill(child, "SIGKILL");
    }, 5_000);
    await closed;
    clearTimeout(limit);
    this.#running = undefined;
    if (forced) throw new Error("what was started does not end at Ctrl-C");
  }

  /** Leaves nothing running. */
  async close(): Promise<void> {
    const child = this.#running;
    this.#running = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, "close");
    kill(child, "SIGKILL");
    await closed;
  }

  #spawn(script: string): ChildProcess {
    // A group of its own, so that a signal reaches the whole of it, as from a keyboard.
    return spawn("sh", ["-c", script], {
      cwd: this.cwd,
      env: this.#env,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
  }
}

/** A port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as { readonly port: number };
  probe.close();
  await once(probe, "close");
  return port;
}

/** The environment of somebody who has not just run `npm test` here: what npm, the coverage tool and CI add is gone. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const added =
    /^(npm_(package_|lifecycle_|config_local_prefix|config_prefix|config_user_agent|command|execpath|node_execpath)|INIT_CWD|NODE_OPTIONS$|NODE_PATH$|NODE_V8_COVERAGE$|CI$|FORCE_COLOR|MOCHA)/i;
  const kept = Object.entries(process.env).filter(([name]) => !added.test(name));
  const path = (process.env.PATH ?? "").split(":").filter((folder) => !folder.includes("node_modules"));
  return { ...Object.fromEntries(kept), PATH: path.join(":"), NO_COLOR: "1", npm_config_prefer_offline: "true" };
}

function collect(child: ChildProcess): { out: string; all: string } {
  const output = { out: "", all: "" };
  child.stdout?.on("data", (chunk: Buffer) => {
    output.out += chunk.toString();
    output.all += chunk.toString();
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    output.all += chunk.toString();
  });
  return output;
}

function kill(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
