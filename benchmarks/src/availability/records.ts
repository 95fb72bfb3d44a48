import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import type { Kind } from "./framework.js";

// What the processes of a run leave behind for the checker: files of one JSON value a line. All times are in milliseconds
// since 1970, by the one clock of the machine.

/** A handler was entered, or its work is done and its effect there. */
export interface ServerRecord {
  readonly event: "entry" | "effect";
  readonly id: number;
  readonly kind: Kind;
  readonly server: string;
  readonly at: number;
  /** Of the call, as the client said. */
  readonly started: number;
  readonly deadline: number;
}

/** How a call ended for its caller. */
export interface CallRecord {
  readonly id: number;
  readonly kind: Kind;
  readonly started: number;
  /** From the moment the call was due, so that a client that falls behind does not hide it. */
  readonly latencyMs: number;
  /** `OK` or the name of the framework's code. */
  readonly code: string;
  /** Who answered, for `OK`. */
  readonly server?: string;
  /** What the framework says of a failed call; absent when it says nothing. */
  readonly executed?: "no" | "yes" | "unknown";
  readonly message?: string;
}

/** What was done to the servers, and when. */
export interface RunRecord {
  readonly framework: string;
  readonly fault: string;
  /** Servers that were there when the load began. */
  readonly servers: readonly string[];
  /** Servers the fault was done to; empty when it was done to all. */
  readonly victims: readonly string[];
  /** From here until the first strike the load ran undisturbed, and warm. */
  readonly calmFrom: number;
  /** When the fault struck, once or several times, in rising order. */
  readonly strikes: readonly number[];
  /** The last of it is over: thawed, restarted, restored. */
  readonly lifted: number;
  /** The load ended. */
  readonly until: number;
}

/** Lines appended at once and one by one: what a killed process wrote is there. */
export class RecordFile<T> {
  readonly #descriptor: number;

  constructor(path: string) {
    this.#descriptor = openSync(path, "a");
  }

  append(...records: readonly T[]): void {
    if (records.length === 0) return;
    writeSync(this.#descriptor, records.map((record) => `${JSON.stringify(record)}\n`).join(""));
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/** @throws SyntaxError for a line that is not JSON. */
export function readRecords<T>(path: string): T[] {
  const lines = readFileSync(path, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as T);
}
