import { openSync, writeSync } from "node:fs";
import { createServer } from "@farcall/server";
import { Shop } from "../contracts/gen/shop.js";
import { pause } from "./fleet.js";
import type { Record } from "./shop-process.js";

/**
 * A shop in a process of its own: says where it listens, writes each entry into its record before it does anything else, and
 * stands still for as long as the message `{ standMs }` says, without using the processor. With `{ slowness }` all work takes
 * so many times longer.
 */
const [name = "shop", file = "/dev/null"] = process.argv.slice(2);
const record = openSync(file, "a");
const server = createServer();
let slowness = 1;

async function serve(method: Record["method"], call: number, ms: number): Promise<string> {
  const entry: Record = { method, call, at: Date.now() };
  writeSync(record, `${JSON.stringify(entry)}\n`);
  await pause(ms * slowness);
  return name;
}

server.implement(Shop, {
  quote: (call, ms) => serve("quote", call, ms),
  order: (call, ms) => serve("order", call, ms),
  async *ticks(ms) {
    for (let i = 0; ; i++) {
      yield i;
      await pause(ms);
    }
  },
});
process.on("message", (told: { readonly standMs: number } | { readonly slowness: number }) => {
  if ("slowness" in told) slowness = told.slowness;
  else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, told.standMs);
});
process.on("disconnect", () => process.exit());
const { url } = await server.listen();
process.send?.({ url });
