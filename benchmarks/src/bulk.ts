// Do 1 KB calls stay quick, and heartbeats on time, beside a 100 MB message on the same socket?
import { fork } from "node:child_process";
import { once } from "node:events";
import { createHistogram } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { createClient } from "@farcall/client";
import { createServer } from "@farcall/server";
import { Bulk, type BulkClient } from "./gen/bulk-contract.js";
import { median } from "./harness/summary.js";

const megabytes = 100;
const limits = { maxMessageBytes: (megabytes + 1) * 1024 * 1024 };
const idleCalls = 2_000;
const rounds = Number(process.argv.find((arg) => arg.startsWith("--rounds="))?.slice("--rounds=".length) ?? 5);

if (process.argv.includes("--serve")) await serve();
else await measure();

async function serve(): Promise<void> {
  const server = createServer({ limits }).implement(Bulk, { echo: (bytes) => bytes });
  const { url } = await server.listen();
  process.send?.(url);
  process.once("disconnect", () => process.exit());
}

interface Round {
  readonly idleP99Us: number;
  readonly besideP50Us: number;
  readonly besideP99Us: number;
  readonly calls: number;
  readonly seconds: number;
}

async function measure(): Promise<void> {
  const child = fork(fileURLToPath(import.meta.url), ["--serve"]);
  try {
    const [url] = (await once(child, "message")) as [string];
    const client = createClient(url, { limits });
    let lost = 0;
    client.on("reconnecting", () => lost++);
    const stub = client.service(Bulk);
    const large = new Uint8Array(megabytes * 1024 * 1024).fill(7);
    await oneRound(stub, large.subarray(0, 8 * 1024 * 1024)); // Warm.
    const results: Round[] = [];
    for (let i = 0; i < rounds; i++) results.push(await oneRound(stub, large));
    console.log(`${megabytes} MB both ways beside 1 KB calls, one at a time, on one socket; ${rounds} rounds\n`);
    console.log("round  idle p99 us  beside p50 us  beside p99 us  p99 / idle p99  small calls  transfer s");
    results.forEach((round, i) => {
      const cells = [
        i + 1,
        round.idleP99Us,
        round.besideP50Us,
        round.besideP99Us,
        ratio(round).toFixed(2),
        round.calls,
        round.seconds.toFixed(2),
      ];
      const widths = [5, 13, 15, 15, 16, 13, 12];
      console.log(cells.map((cell, column) => String(cell).padStart(widths[column] ?? 0)).join(""));
    });
    console.log(`\nmedian of p99 / idle p99: ${median(results.map(ratio)).toFixed(2)} (asked for: at most 5)`);
    console.log(`connections lost to missed heartbeats: ${lost}`);
    await client.close();
  } finally {
    child.disconnect();
  }
}

function ratio(round: Round): number {
  return round.besideP99Us / round.idleP99Us;
}

async function oneRound(stub: BulkClient, large: Uint8Array): Promise<Round> {
  const small = new Uint8Array(1024);
  const idle = createHistogram();
  for (let i = 0; i < idleCalls; i++) await timed(stub, small, idle);
  const beside = createHistogram();
  const began = performance.now();
  let isDone = false;
  const transfer = stub.echo(large).then((echoed) => {
    isDone = true;
    if (echoed.length !== large.length || echoed[large.length - 1] !== 7) throw new Error("the large message came back changed");
  });
  while (!isDone) await timed(stub, small, beside);
  await transfer;
  return {
    idleP99Us: Math.round(idle.percentile(99) / 1_000),
    besideP50Us: Math.round(beside.percentile(50) / 1_000),
    besideP99Us: Math.round(beside.percentile(99) / 1_000),
    calls: beside.count,
    seconds: (performance.now() - began) / 1_000,
  };
}

async function timed(stub: BulkClient, bytes: Uint8Array, histogram: ReturnType<typeof createHistogram>): Promise<void> {
  const began = performance.now();
  const echoed = await stub.echo(bytes);
  if (echoed.length !== bytes.length) throw new Error("a small message came back changed");
  histogram.record(Math.max(1, Math.round((performance.now() - began) * 1e6)));
}
