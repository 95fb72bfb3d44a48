import { createClient, type FarcallError } from "@farcall/client";
import { createServer } from "@farcall/server";
import { wellBehaved } from "../conformance/implementation.js";
import { Conformance } from "../contracts/gen/conformance.js";

// Runs where packets are lost, a server and its client in one process, and says what became of the calls.
const calls = Number(process.argv[2]);
const entries = new Map<number, number>();
const server = createServer();
server.implement(Conformance, {
  ...wellBehaved,
  async echo(bytes) {
    const id = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
    entries.set(id, (entries.get(id) ?? 0) + 1);
    return bytes;
  },
});
const client = createClient((await server.listen()).url);
const lost: string[] = [];
await client.ready({ timeoutMs: 60_000 });
client.on("reconnecting", ({ cause }) => lost.push(cause.message));
const stub = client.service(Conformance);
const answered: number[] = [];
const failed: { readonly id: number; readonly code: string; readonly executed: string }[] = [];
const all: Promise<void>[] = [];
for (let id = 0; id < calls; id++) {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, id);
  const began = performance.now();
  all.push(
    stub.echo(bytes).then(
      () => void answered.push(performance.now() - began),
      ({ code, executed }: FarcallError) => void failed.push({ id, code, executed }),
    ),
  );
  await new Promise((resolve) => setTimeout(resolve, 40));
}
await Promise.all(all);
console.log(JSON.stringify({ answered, failed, lost, entries: [...entries] }));
// Goodbyes take their time here.
process.exit();
