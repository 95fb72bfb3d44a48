// The auditor, a process of its own: holds what callers were told against the servers' journals.
// For logs that were kept: node examples/market/dist/auditor.js <folder>
import { join } from "node:path";
import { judge } from "./audit/bounds.js";
import { print } from "./audit/print.js";
import { casesOf, score } from "./audit/score.js";
import { leaveWithReader, whenParentIsGone } from "./process.js";
import { type CallRecord, type FaultRecord, logs, readJournals, readRecords } from "./records.js";

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error("usage: node auditor.js <folder with the logs of a run>");
  process.exit(2);
}
whenParentIsGone(() => process.exit(1));
leaveWithReader();

const evidence = {
  calls: readRecords<CallRecord>(join(folder, logs.calls)),
  journals: readJournals(folder),
  faults: readRecords<FaultRecord>(join(folder, logs.faults)),
};
const cases = casesOf(evidence);
const result = score(evidence, cases);
const verdicts = judge(cases, result);
const beganAt = evidence.calls.reduce((first, { started }) => Math.min(first, started), Number.POSITIVE_INFINITY);
print(result, verdicts, beganAt);
process.exitCode = verdicts.every(({ holds }) => holds) ? 0 : 1;
