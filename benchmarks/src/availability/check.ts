// The checker, a process of its own: reads the files of one run from the folder it is given, prints the score as JSON.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { score } from "./checker.js";
import { files } from "./files.js";
import { type CallRecord, type RunRecord, readRecords, type ServerRecord } from "./records.js";

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("usage: node check.js <folder of a run>");
const [run] = readRecords<RunRecord>(join(folder, files.run));
if (run === undefined) throw new Error(`${folder} has no record of the run`);
const logs = readdirSync(folder).filter((name) => name.startsWith(files.serverPrefix));
const result = score(
  run,
  readRecords<CallRecord>(join(folder, files.calls)),
  logs.flatMap((name) => readRecords<ServerRecord>(join(folder, name))),
);
process.stdout.write(JSON.stringify(result));
