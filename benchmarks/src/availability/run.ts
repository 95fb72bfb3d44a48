import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Score } from "./checker.js";
import { Child } from "./child.js";
import type { Fault } from "./faults/fault.js";
import { files } from "./files.js";
import { FleetServer } from "./fleet.js";
import type { FrameworkName } from "./frameworks/index.js";
import type { ClientMessage } from "./messages.js";
import { callsPerSecond, calmLimitMs, mostTries, type Plan, timeoutMs, warmUpMs } from "./plan.js";
import { seededRandom } from "./random.js";
import { RecordFile, type RunRecord } from "./records.js";

const checker = fileURLToPath(new URL("check.js", import.meta.url));

export interface RunOptions {
  readonly framework: FrameworkName;
  readonly fault: Fault;
  readonly plan: Plan;
  readonly seed: number;
  /** Leave the files of the run where they are, and say where. */
  readonly keep: boolean;
}

export interface RunResult {
  readonly framework: FrameworkName;
  readonly fault: Fault["name"];
  readonly seed: number;
  readonly run: RunRecord;
  readonly score: Score;
  /** Where the files are, when they were kept. */
  readonly folder?: string;
}

/**
 * `runOnce` on a calm machine, if there is one within a few tries. A round in which somebody was told something wrong
 * counts, however busy the machine was.
 */
export async function runCalmly(options: RunOptions, restless: (calmP99Ms: number) => void): Promise<RunResult> {
  for (let tries = 1; ; tries++) {
    const result = await runOnce(options);
    const { ranTwice, falseNo, falseYes, falseSuccess, timing } = result.score;
    const isTrue = ranTwice + falseNo + falseYes + falseSuccess === 0;
    if (!isTrue || timing.calmP99Ms <= calmLimitMs || tries === mostTries) return result;
    restless(timing.calmP99Ms);
  }
}

/** One fault done to one framework: a fresh set of servers and a fresh client, load, fault, settling, and the score. */
async function runOnce(options: RunOptions): Promise<RunResult> {
  const { framework, fault, seed, keep } = options;
  const folder = mkdtempSync(join(tmpdir(), `availability-${framework}-${fault.name}-`));
  try {
    const run = await underLoad(options, folder);
    const { stdout } = await promisify(execFile)(process.execPath, [checker, folder], {
      timeout: 60_000,
      maxBuffer: 16 * 1024 * 1024,
    });
    const score = JSON.parse(stdout) as Score;
    return { framework, fault: fault.name, seed, run, score, ...(keep ? { folder } : {}) };
  } finally {
    if (!keep) rmSync(folder, { recursive: true, force: true });
  }
}

async function underLoad({ framework, fault, plan, seed }: RunOptions, folder: string): Promise<RunRecord> {
  const servers: FleetServer[] = [];
  const addServer = async (): Promise<FleetServer> => {
    const server = new FleetServer(framework, "abc"[servers.length] ?? "", folder);
    servers.push(server);
    await server.start();
    if (fault.throughProxies) await server.standBehindProxy();
    return server;
  };
  const { child: client } = await Child.start(`${framework} client`, "client", [framework, folder]);
  const tellClient = (message: ClientMessage): Promise<void> => client.ask(message, 20_000);
  try {
    while (servers.length < fault.servers) await addServer();
    const first = [...servers];
    await tellClient({ connect: first.map((server) => server.port), mayGrow: fault.grows });
    await tellClient({ load: { callsPerSecond, timeoutMs, seed } });
    await sleep(warmUpMs);
    const calmFrom = Date.now();
    await sleep(plan.calmMs);
    const strikes: number[] = [];
    const victim = first[Math.floor(seededRandom(seed)() * first.length)] as FleetServer;
    const strike = (): void => {
      strikes.push(Date.now());
    };
    const victims = await fault.run({ servers: first, plan, victim, strike, tellClient, addServer });
    const lifted = Date.now();
    await sleep(plan.settleMs);
    const until = Date.now();
    await tellClient({ stop: true });
    const names = (of: readonly FleetServer[]): string[] => of.map((server) => server.name);
    const run = {
      framework,
      fault: fault.name,
      servers: names(first),
      victims: names(victims),
      calmFrom,
      strikes,
      lifted,
      until,
    };
    new RecordFile<RunRecord>(join(folder, files.run)).append(run);
    return run;
  } finally {
    await Promise.allSettled([client.kill(), ...servers.map((server) => server.end())]);
  }
}
