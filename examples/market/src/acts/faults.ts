import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Child, within } from "../child.js";
import type { Options } from "../options.js";
import { seededRandom, shuffled } from "../random.js";
import { deadlineMs } from "../records.js";
import { callsPerSecond } from "../traffic/load.js";
import { Fleet, type MarketServer } from "./fleet.js";
import { fastPlan, fullPlan } from "./plan.js";
import { Screen } from "./screen.js";
import { Strikes } from "./strikes.js";
import { Watch } from "./watch.js";

/** Longest waits, in milliseconds. */
const readyMs = 10_000;
const auditMs = 30_000;

/**
 * Second act: three servers under steady calls are killed, frozen and restarted; an auditor compares what everybody wrote
 * down. Resolves to the exit code. The logs are removed when this process ends, unless something went wrong.
 */
export async function rideThroughFaults(options: Options, interruption: AbortSignal): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "farcall-market-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  process.on("exit", remove);
  const keep = (): void => {
    process.off("exit", remove);
    console.log(`the logs are kept in ${folder}`);
  };
  try {
    await strikeUnderLoad(folder, options, interruption);
    const verdict = await within(auditMs, new Child("auditor", [folder], "auditor").ended, "the auditor was not done");
    if (typeof verdict !== "number") throw new Error(`the auditor ended (${verdict}) before it was done`);
    if (verdict === 1) keep();
    return verdict;
  } catch (error) {
    if (!interruption.aborted) keep();
    throw error;
  }
}

async function strikeUnderLoad(folder: string, { seed, fast }: Options, interruption: AbortSignal): Promise<void> {
  const plan = fast ? fastPlan : fullPlan;
  const random = seededRandom(seed);
  const fleet = new Fleet(folder);
  await fleet.start();
  const urls = fleet.servers.map(({ url }) => url);
  const traffic = new Child("traffic", [folder, String(seed), ...urls], "traffic process");
  await traffic.message(readyMs);

  const screen = new Screen(fleet);
  interruption.addEventListener("abort", () => screen.end());
  const pids = fleet.servers.map(({ name, pid }) => `${name} (${pid})`);
  screen.say(`${callsPerSecond} calls/s from process ${traffic.pid} to three servers, ${pids.join(", ")}`);
  const watch = new Watch(traffic, fleet, screen);
  try {
    const lost = traffic.ended.then((how): never => {
      throw new Error(`the traffic process ended (${how}) before it was told to`);
    });
    const strikes = new Strikes(plan, traffic, watch, screen, folder);
    const [first, second] = shuffled(fleet.servers, random) as [MarketServer, MarketServer];
    const faults = async (): Promise<void> => {
      screen.await("the first fault", plan.calm);
      await sleep(plan.calm);
      await strikes.kill(first);
      await strikes.freeze(second);
      await strikes.roll(shuffled(fleet.servers, random));
    };
    await Promise.race([faults(), fleet.lost, lost]);
  } finally {
    screen.end();
  }
  traffic.send({ stop: true });
  const how = await within(deadlineMs + readyMs, traffic.ended, "the traffic process was not done");
  if (how !== 0) throw new Error(`the traffic process ended (${how}) before it was done`);
  await fleet.leave();
}
