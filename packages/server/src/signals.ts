import { constants } from "node:os";
import { assertKnownKeys, show } from "@farcall/protocol";
import type { Server } from "./server.js";

/** On which signals a server leaves, and whether its process ends with it. */
export interface DrainOnSignalsOptions {
  /** Signals that ask this process to leave. Default `SIGTERM` and `SIGINT`. */
  readonly signals?: readonly NodeJS.Signals[];
  /** Whether the process ends once this server, and any other that leaves with it, has left. Default true. */
  readonly exit?: boolean;
}

/** What `drainOnSignals` has set up. */
export interface SignalDrain {
  /**
   * Resolves once a signal has come and the server has left, with the exit code: 0 when every call could finish; 1 when the
   * grace was over first and handlers were still running; 128 plus the number of the signal (143 for `SIGTERM`, 130 for
   * `SIGINT`) when a second one cut the drain short.
   */
  readonly left: Promise<number>;
  /** Listens no more. A drain that has begun goes on. */
  stop(): void;
}

/** Servers of this process that are leaving, and take it with them: the last one ends it, with the worst code of all. */
const leaving = new Set<Server>();
let worstCode = 0;

/** Nobody can listen for these. */
const uncatchable: readonly string[] = ["SIGKILL", "SIGSTOP"];

/**
 * Lets the process leave politely: the first signal drains `server`, a second one closes it at once, and then the process
 * exits with the code that `SignalDrain.left` tells. Of several servers in one process each is drained, and the process exits
 * after the last, with the highest of their codes. Nothing is installed unless this is called.
 * @throws TypeError that names what is wrong.
 */
export function drainOnSignals(server: Server, options: DrainOnSignalsOptions = {}): SignalDrain {
  const at = "drainOnSignals:";
  if (typeof server?.drain !== "function") throw new TypeError(`${at} the first argument must be a server, got ${show(server)}`);
  if (typeof options !== "object" || options === null)
    throw new TypeError(`${at} options must be an object, got ${show(options)}`);
  assertKnownKeys(options, `${at} options`, ["signals", "exit"]);
  const { signals = ["SIGTERM", "SIGINT"], exit = true } = options;
  if (typeof exit !== "boolean") throw new TypeError(`${at} exit must be true or false, got ${show(exit)}`);
  if (!Array.isArray(signals) || signals.length === 0)
    throw new TypeError(`${at} signals must be an array of names such as SIGTERM, got ${show(signals)}`);
  for (const signal of signals) {
    if (!Object.hasOwn(constants.signals, signal) || uncatchable.includes(signal))
      throw new TypeError(`${at} ${show(signal)} is not a signal that a process can listen for`);
  }
  let leave!: (code: number) => void;
  const left = new Promise<number>((resolve) => {
    leave = resolve;
  });
  const stop = (): void => {
    for (const signal of signals) process.off(signal, onSignal);
  };
  /** Set by the second signal. */
  let forced: number | undefined;
  let isLeaving = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (isLeaving) {
      forced ??= 128 + constants.signals[signal];
      void server.close();
      return;
    }
    isLeaving = true;
    if (exit) leaving.add(server);
    void server.drain().finally(() => {
      stop();
      const code = forced ?? (server.stats.unfinishedCalls > 0 ? 1 : 0);
      leave(code);
      if (!exit) return;
      worstCode = Math.max(worstCode, code);
      leaving.delete(server);
      if (leaving.size === 0) process.exit(worstCode);
    });
  };
  for (const signal of signals) process.on(signal, onSignal);
  return { left, stop };
}
