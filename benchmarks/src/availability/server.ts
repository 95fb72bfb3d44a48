// A server process: node server.js <framework> <name> <port> <log>
import { setTimeout as sleep } from "node:timers/promises";
import { watchParent } from "../harness/orphan-watch.js";
import type { Handler } from "./framework.js";
import { type FrameworkName, loadFramework } from "./frameworks/index.js";
import type { Answer, ServerMessage } from "./messages.js";
import { workMs } from "./plan.js";
import { RecordFile, type ServerRecord } from "./records.js";

watchParent();
const [frameworkName, name = "", port, path = ""] = process.argv.slice(2);
const framework = await loadFramework(frameworkName as FrameworkName);
const log = new RecordFile<ServerRecord>(path);
let slowness = 1;

// Work waits and does not compute: three servers that share two cores must not slow each other.
const handler: Handler = async (kind, { id, started, deadline }) => {
  const record = { id, kind, server: name, started, deadline };
  log.append({ event: "entry", at: Date.now(), ...record });
  await sleep(workMs * slowness);
  log.append({ event: "effect", at: Date.now(), ...record });
  return { server: name };
};

const listening = await framework.serve(handler, Number(port));
process.on("message", (message: ServerMessage) => {
  slowness = message.slowness;
  answer({ done: true });
});
answer({ done: true, port: listening });

function answer(told: Answer): void {
  process.send?.(told);
}
