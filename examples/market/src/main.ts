// npm start: a server process, a client process, and every answer held against the data.
import { constants } from "node:os";
import { Child, within } from "./child.js";
import { bold, dim, red } from "./report.js";

/** Longest waits, in milliseconds. */
const readyMs = 10_000;
const checksMs = 40_000;
const leaveMs = 8_000;

// Resolves to the exit code that shells expect of a process ended by that signal.
const interrupted = new Promise<number>((resolve) => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      console.error(`stopped by ${signal}`);
      resolve(128 + constants.signals[signal]);
    });
  }
});
process.on("exit", () => Child.killAll());

try {
  process.exitCode = await Promise.race([run(), interrupted]);
} catch (error) {
  console.error(red(error instanceof Error ? error.message : String(error)));
  process.exitCode = 1;
} finally {
  await Child.stopAll(leaveMs);
}
// What was under way when we were interrupted is not waited for.
process.exit();

/** Resolves to the exit code. */
async function run(): Promise<number> {
  const server = new Child("server");
  const { url } = (await server.message(readyMs)) as { url: string };
  const client = new Child("client", [url]);
  console.log(`${bold("Farcall market")}  ${dim(`server process ${server.pid} on ${url}, client process ${client.pid}`)}`);

  const lost = server.ended.then((how): never => {
    throw new Error(`the server process ended (${how}) while the client was calling it`);
  });
  const verdict = await within(checksMs, Promise.race([client.ended, lost]), "the client process was not done");
  if (verdict !== 0 && verdict !== 1) throw new Error(`the client process ended (${verdict}) before it was done`);

  const how = await server.stop(leaveMs);
  if (how !== 0) throw new Error(`the server process did not leave in order (${how})`);
  console.log(dim("both processes have ended"));
  return verdict;
}
