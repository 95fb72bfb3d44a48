import { openSync, writeSync } from "node:fs";
import { createServer, drainOnSignals } from "@farcall/server";
import { wellBehaved } from "../conformance/implementation.js";
import { Conformance } from "../contracts/gen/conformance.js";

/**
 * A server in a process of its own, which leaves on SIGTERM. Takes its port, its options and the file for its own record of
 * what it ran as arguments, and says where it listens. `echo` gets an order (see `server-process.ts`), writes down
 * that it was entered, and answers after `workMs`; `sleep` never returns, whatever it is told; the message `{ blockMs }`
 * blocks the event loop. With `companion`, a second server that has nothing to do leaves on the same signals.
 */
const [port = "0", options = "{}", record = "/dev/null"] = process.argv.slice(2);
const {
  workMs = 0,
  companion = false,
  ...rest
} = JSON.parse(options) as {
  readonly workMs?: number;
  readonly companion?: boolean;
};
const file = openSync(record, "a");
const server = createServer({ port: Number(port), ...rest });
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

// Nothing outlives the tests.
process.on("disconnect", () => process.exit());

server.implement(Conformance, {
  ...wellBehaved,
  async echo(bytes) {
    writeSync(file, `${JSON.stringify({ ...JSON.parse(Buffer.from(bytes).toString()), enteredAt: Date.now() })}\n`);
    if (workMs > 0) await pause(workMs);
    return bytes;
  },
  async *download(sizes) {
    for (const size of sizes) {
      yield new Uint8Array(size);
      await pause(20);
    }
  },
  async sleep() {
    // Deaf, and keeps its process alive.
    await new Promise((resolve) => setTimeout(resolve, 2 ** 30));
  },
});
if (companion) drainOnSignals(createServer());
drainOnSignals(server);
process.on("message", (order: { readonly blockMs?: number }) => {
  const { blockMs = 0 } = order;
  for (const end = performance.now() + blockMs; performance.now() < end; );
  process.send?.({ stats: server.stats });
});
const { url } = await server.listen();
process.send?.({ url });
