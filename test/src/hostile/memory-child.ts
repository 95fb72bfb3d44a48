import { createServer } from "@farcall/server";
import { wellBehaved } from "../conformance/implementation.js";
import { Conformance } from "../contracts/gen/conformance.js";

/**
 * A server in a process of its own with little memory. Says where it listens, then answers every line on stdin with its
 * resident bytes. The hostile peers live in the process of the test, so that only the server's side is measured.
 */
const server = createServer({ limits: { maxPendingConnections: 5_000 } });
server.implement(Conformance, wellBehaved);
const { url } = await server.listen();
process.stdout.write(`${url}\n`);
process.stdin.on("data", () => {
  globalThis.gc?.();
  process.stdout.write(`${process.memoryUsage().rss}\n`);
});
process.stdin.on("end", () => process.exit(0));
