import type { CallContext } from "@farcall/server";
import type { ConformanceHandler } from "../contracts/gen/conformance.js";

/** A server that does what the contract says. Cases replace the methods that they are about. */
export const wellBehaved: ConformanceHandler = {
  empty() {},
  echo: (bytes) => bytes,
  resize: (_bytes, size) => new Uint8Array(size).fill(7),
  async sum(chunks) {
    let total = 0;
    for await (const chunk of chunks) total += chunk.length;
    return total;
  },
  async *download(sizes) {
    for (const size of sizes) yield new Uint8Array(size).fill(size % 251);
  },
  async *talk(lines) {
    for await (const line of lines) yield line;
  },
  sleep: aborted,
  nap: aborted,
  metadata: (ctx) =>
    [...ctx.metadata].map(([key, value]) => (typeof value === "string" ? { key, text: value } : { key, bytes: value })),
  order: (order) => ({ id: `${order.sku}-${order.units}`, placed: new Date(0) }),
  record: (values) => values,
};

/** Returns once the call has been aborted. */
export function aborted(ctx: CallContext): Promise<void> {
  return new Promise((resolve) => {
    if (ctx.signal.aborted) resolve();
    else ctx.signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
