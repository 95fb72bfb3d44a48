import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A server in a process of its own. */
export interface VictimProcess {
  readonly url: string;
  /** Resident bytes. */
  rss(): Promise<number>;
  /** CPU time used so far, in milliseconds. */
  cpuMs(): Promise<number>;
  /** Ends it and says whether it had ended by itself. */
  end(): Promise<{ readonly code: number | null; readonly errors: string }>;
}

/** Starts the server of `victim-process.ts`. */
export async function startVictim(...nodeOptions: readonly string[]): Promise<VictimProcess> {
  const file = fileURLToPath(new URL("./victim-process.js", import.meta.url));
  // Counting what has been covered would be counted as its memory and CPU time.
  const env = { ...process.env, NODE_V8_COVERAGE: undefined };
  const child = spawn(process.execPath, [...nodeOptions, file], { stdio: "pipe", env });
  let errors = "";
  child.stderr.on("data", (data: Buffer) => {
    errors += data.toString();
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => {
    const next = await lines.next();
    if (next.done === true) throw new Error(`the server has ended: ${errors}`);
    return next.value;
  };
  const ask = async (what: string): Promise<number> => {
    child.stdin.write(`${what}\n`);
    return Number(await line());
  };
  const url = await line();
  return {
    url,
    rss: () => ask("rss"),
    cpuMs: () => ask("cpu"),
    end: async () => {
      child.stdin.end();
      const [code] = (await once(child, "exit")) as [number | null];
      return { code, errors };
    },
  };
}
