import { appendFileSync, closeSync, openSync, readdirSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";

// What the processes of a run leave behind for the auditor: one JSON value a line. Times are in milliseconds since 1970.

/** A server's word: it has begun to carry out a call. */
export interface JournalEntry {
  readonly server: string;
  readonly call: number;
  readonly method: string;
  /** How many attempts the client had made before; 0 unless it is a retry. */
  readonly attempt: number;
  readonly at: number;
}

/** The client's word: how a call ended. */
export interface CallRecord {
  readonly call: number;
  readonly method: Method;
  readonly started: number;
  /** From the moment the call was due, so that a client that falls behind does not hide it. */
  readonly ms: number;
  /** `OK`, or the code of the error. */
  readonly code: string;
  readonly executed?: "no" | "yes" | "unknown";
  readonly message?: string;
  /** How the answer differs from the data. */
  readonly wrong?: string;
}

/** What the traffic consists of: something idempotent, something that is not, and a stream. */
export const methods = ["quote", "place", "ticker"] as const;
export type Method = (typeof methods)[number];

/** For people. */
export const nouns: Readonly<Record<Method, string>> = { quote: "quote", place: "order", ticker: "ticker" };

/** The word of whoever struck the servers. */
export interface FaultRecord {
  readonly kind: "kill" | "freeze" | "roll";
  /** For people: `SIGKILL of b, restarted`. */
  readonly title: string;
  readonly struckAt: number;
}

/** Names of the files in the folder of a run. */
export const logs = { calls: "calls.jsonl", faults: "faults.jsonl", journal: (server: string) => `journal-${server}.jsonl` };

/** Every call is given up after so long, in milliseconds. */
export const deadlineMs = 5_000;

/** A file that grows by one record at a time: what a killed process has written is there. */
export class RecordFile<T> {
  readonly #file: number;

  constructor(path: string) {
    this.#file = openSync(path, "a");
  }

  append(record: T): void {
    writeSync(this.#file, `${JSON.stringify(record)}\n`);
  }

  close(): void {
    closeSync(this.#file);
  }
}

export function writeRecords<T>(path: string, records: readonly T[]): void {
  appendFileSync(path, records.map((record) => `${JSON.stringify(record)}\n`).join(""));
}

/** @throws SyntaxError for a line that is not JSON. */
export function readRecords<T>(path: string): T[] {
  const lines = readFileSync(path, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as T);
}

/** What all servers wrote, each through all its restarts. */
export function readJournals(folder: string): JournalEntry[] {
  const names = readdirSync(folder).filter((name) => name.startsWith("journal-"));
  return names.flatMap((name) => readRecords<JournalEntry>(join(folder, name)));
}
