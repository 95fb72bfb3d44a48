import type { Caller } from "./contender.js";

/** How hard to push in one cell. */
export interface Load {
  /** Calls in flight at any moment. */
  readonly outstanding: number;
  /** How long results are counted. */
  readonly durationMs: number;
}

/** What the client process reports about one cell. */
export interface Sample {
  /** Calls answered, and answered rightly, inside the window. */
  readonly counted: number;
  /** All calls made, those that were still in flight when the window closed included. CPU is divided by these. */
  readonly made: number;
  readonly windowMs: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** User and system time of the client process, in microseconds, over all calls made. */
  readonly cpuUs: number;
}

/** Where a workload may point its load: one shared connection, or connections of its own. */
export interface Target {
  /** The connection that all cells of this client process share; opened by the first that asks. */
  shared(): Promise<Caller>;
  /** A further connection, the caller's to close. */
  connect(): Promise<Caller>;
}

/** One kind of traffic. `run` is called in the client process, once for each cell. */
export interface Workload {
  readonly name: string;
  /** @throws when a reply is wrong: a fast wrong answer is no result. */
  run(target: Target, load: Load): Promise<Sample>;
}
