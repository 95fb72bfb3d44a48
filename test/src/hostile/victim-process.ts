import { createServer } from "@farcall/server";
import { wellBehaved } from "../conformance/implementation.js";
import { Conformance } from "../contracts/gen/conformance.js";

/**
 * A server in a process of its own. Says where it listens, then answers lines on stdin: `rss` with its resident bytes,
 * `cpu` with the milliseconds of CPU time it has used. The hostile peers live in the process of the test, so that only the
 * server's side is measured.
 */
const server = createServer({ limits: { maxPendingConnections: 5_000 } });
server.implement(Conformance, wellBehaved);
const { url } = await server.listen();
process.stdout.write(`${url}\n`);
process.stdin.on("data", (line: Buffer) => process.stdout.write(`${line.toString() === "cpu\n" ? cpuMs() : rss()}\n`));
process.stdin.on("end", () => process.exit(0));

function rss(): number {
  globalThis.gc?.();
  return process.memoryUsage().rss;
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
