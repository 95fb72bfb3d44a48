// The traffic process: steady calls to several servers, until it is told to stop. node traffic.js <folder> <seed> <url>...
import { join } from "node:path";
import { createClient } from "@farcall/client";
import { Desk, Prices } from "./gen/market.js";
import { whenParentIsGone } from "./process.js";
import { seededRandom } from "./random.js";
import { logs, writeRecords } from "./records.js";
import { Asker } from "./traffic/asker.js";
import { Load } from "./traffic/load.js";
import type { FromTraffic, ToTraffic } from "./traffic/messages.js";
import { Tally } from "./traffic/tally.js";

const figuresMs = 250;

const [folder = "", seed, ...urls] = process.argv.slice(2);
let frozen: number | null = null;
process.on("exit", () => {
  if (frozen !== null) process.kill(frozen, "SIGCONT");
});
whenParentIsGone(() => process.exit(1));

// Nothing is set that is not needed to find the servers: this is what everybody gets.
const client = createClient(urls);
const states = ["ready", "suspect", "reconnecting", "draining"] as const;
for (const state of states) client.on(state, ({ url }) => tell({ event: { url, state } }));

const tally = new Tally();
const asker = new Asker(client.service(Prices), client.service(Desk), seededRandom(Number(seed)));
const load = new Load(asker, (record, server) => tally.add(record, server));
process.on("message", (message: ToTraffic) => {
  if ("frozen" in message) frozen = message.frozen;
  else void stop();
});

// A client keeps no process alive that waits for no call; this does.
const timer = setInterval(tellFigures, figuresMs);
while (client.endpoints().some(({ state }) => state !== "ready")) await new Promise((resolve) => client.once("ready", resolve));
load.start();
tell({ ready: true });

async function stop(): Promise<void> {
  await load.stop();
  clearInterval(timer);
  writeRecords(join(folder, logs.calls), tally.records);
  await client.close();
  process.exit();
}

function tellFigures(): void {
  const endpoints = client.endpoints().map(({ url, state, pending }) => [url, { state, pending }] as const);
  tell({ figures: { calls: load.made, ...tally.figures(), endpoints: Object.fromEntries(endpoints) } });
}

function tell(message: FromTraffic): void {
  // Nobody may be there any more, which `whenParentIsGone` deals with.
  process.send?.(message, () => {});
}
