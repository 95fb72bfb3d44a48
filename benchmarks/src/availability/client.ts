// The client process: node client.js <framework> <folder>
import { join } from "node:path";
import { watchParent } from "../harness/orphan-watch.js";
import { files } from "./files.js";
import type { MarketClient } from "./framework.js";
import { type FrameworkName, loadFramework } from "./frameworks/index.js";
import { Load } from "./load.js";
import type { Answer, ClientMessage } from "./messages.js";
import { type CallRecord, RecordFile } from "./records.js";

watchParent();
const [frameworkName, folder = ""] = process.argv.slice(2);
const framework = await loadFramework(frameworkName as FrameworkName);
const notes = new RecordFile<{ readonly at: number; readonly text: string }>(join(folder, files.notes));
let market: MarketClient | undefined;
let load: Load | undefined;
let frozen: readonly number[] = [];

process.on("exit", () => {
  for (const pid of frozen) process.kill(pid, "SIGCONT");
});

async function obey(message: ClientMessage): Promise<void> {
  if ("connect" in message) {
    market = framework.connect(message.connect, {
      mayGrow: message.mayGrow,
      note: (text) => notes.append({ at: Date.now(), text }),
    });
    await reachAll(market, message.connect.length);
  } else if ("frozen" in message) {
    frozen = message.frozen;
  } else if (market === undefined) {
    throw new Error("not connected yet");
  } else if ("load" in message) {
    load = new Load(framework, market, message.load);
    load.start();
  } else if ("ports" in message) {
    market.setPorts(message.ports);
  } else {
    const calls = new RecordFile<CallRecord>(join(folder, files.calls));
    calls.append(...((await load?.stop()) ?? []));
    calls.close();
    await market.close();
  }
}

/** Calls until every server has answered: the load begins with all connections there. Ids above those of the load. */
async function reachAll(market: MarketClient, servers: number): Promise<void> {
  const reached = new Set<string>();
  for (let id = 4_000_000_000; reached.size < servers; id++) {
    const started = Date.now();
    const { server } = await market.call("quote", { id, started, deadline: started + 5_000 }, 5_000);
    reached.add(server);
  }
}

process.on("message", (message: ClientMessage) => {
  obey(message).then(
    () => answer({ done: true }),
    (error: unknown) => answer({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
answer({ done: true });

function answer(told: Answer): void {
  process.send?.(told);
}
