import type { Load, Sample } from "./workload.js";

/** What the harness asks of a process it started. */
export type Command =
  | { readonly name: "serve" }
  | { readonly name: "connect"; readonly url: string }
  | { readonly name: "run"; readonly workload: string; readonly load: Load }
  | { readonly name: "cpu" }
  | { readonly name: "close" };

/** What each command is answered with. */
export interface Answers {
  readonly serve: { readonly url: string };
  readonly connect: null;
  readonly run: Sample;
  /** User and system time of the process since it started, in microseconds. */
  readonly cpu: { readonly cpuUs: number };
  readonly close: null;
}

/** To the process. */
export interface Request {
  readonly id: number;
  readonly command: Command;
}

/** Back from it. */
export type Response =
  | { readonly id: number; readonly answer: Answers[keyof Answers] }
  | { readonly id: number; readonly error: string };

export type Role = "server" | "client";
