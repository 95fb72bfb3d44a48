import { performance } from "node:perf_hooks";
import type { Caller } from "./contender.js";
import { LatencyLog } from "./latency-log.js";
import type { Load, Sample, Workload } from "./workload.js";

/** What one call of a closed loop is, and when its reply is right. */
export interface Exchange<Reply> {
  readonly name: string;
  /** Starts call number `sequence`; numbers never repeat on one connection. */
  call(caller: Caller, sequence: number): Promise<Reply>;
  /** @throws when `reply` is not the answer to call number `sequence`. */
  check(sequence: number, reply: Reply): void;
}

/**
 * A workload with a fixed number of callers, each of which calls again as soon as it has checked its last reply.
 * One clock reading per call serves as the end of one call and the start of the next.
 */
export function closedLoop<Reply>(exchange: Exchange<Reply>): Workload {
  let sequence = 0;

  async function run(caller: Caller, load: Load): Promise<Sample> {
    const latencies = new LatencyLog();
    const cpuBefore = process.cpuUsage();
    const firstSequence = sequence;
    const openedAt = performance.now();
    const closesAt = openedAt + load.durationMs;
    let failed = false;

    async function callAgainAndAgain(): Promise<void> {
      let startedAt = performance.now();
      while (startedAt < closesAt && !failed) {
        const mine = sequence++;
        const reply = await exchange.call(caller, mine);
        exchange.check(mine, reply);
        const endedAt = performance.now();
        if (endedAt < closesAt) latencies.add(endedAt - startedAt);
        startedAt = endedAt;
      }
    }

    try {
      await Promise.all(Array.from({ length: load.outstanding }, callAgainAndAgain));
    } finally {
      failed = true; // After a failure the other callers stop too; after success there are none.
    }
    const cpu = process.cpuUsage(cpuBefore);
    if (latencies.count === 0) throw new Error(`no call was answered within ${load.durationMs} ms`);
    const { p50Us, p99Us } = latencies.percentiles();
    return {
      counted: latencies.count,
      made: sequence - firstSequence,
      windowMs: load.durationMs,
      p50Us,
      p99Us,
      cpuUs: cpu.user + cpu.system,
    };
  }

  return { name: exchange.name, run: async (target, load) => run(await target.shared(), load) };
}
