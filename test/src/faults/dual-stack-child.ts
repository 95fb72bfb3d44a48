import { execFile } from "node:child_process";
import { lookup } from "node:dns/promises";
import { type Client, createClient, type FarcallError } from "@farcall/client";
import { createServer } from "@farcall/server";
import { wellBehaved } from "../conformance/implementation.js";
import { Conformance } from "../contracts/gen/conformance.js";

// A process on one of the two hosts of dual-stack.spec.ts: what it does, then where, then what it needs for that.
const [role, url = "", ...rest] = process.argv.slice(2);
const say = (fact: unknown): void => console.log(JSON.stringify(fact));

async function timed(client: Client): Promise<void> {
  const began = performance.now();
  await client.ready();
  say({ readyMs: performance.now() - began, echoed: await client.service(Conformance).echo(new Uint8Array([7])) });
  await client.close();
}

if (role === "server") {
  // Nothing outlives the tests.
  process.stdin.on("end", () => process.exit()).resume();
  const server = createServer({ host: "::", port: 7070 });
  server.implement(Conformance, wellBehaved);
  await server.listen();
  say("listening");
} else if (role === "order") {
  say((await lookup(url, { all: true, verbatim: true })).map(({ address }) => address));
} else if (role === "connect") {
  await timed(createClient(url));
} else if (role === "found-later") {
  const [hardware = "", ...addresses] = rest;
  setTimeout(() => {
    for (const address of addresses) {
      execFile("ip", ["neigh", "replace", address, "lladdr", hardware, "dev", "wire"], (error) => {
        if (error !== null) throw error;
      });
    }
  }, 400);
  await timed(createClient(url));
} else if (role === "idle") {
  createClient(url, { connectTimeoutMs: 1_000 });
} else if (role === "waiting") {
  const call = createClient(url, { connectTimeoutMs: 300 }).service(Conformance).empty({ timeoutMs: 1_500 });
  await call.catch(({ code, executed }: FarcallError) => say({ code, executed }));
}
