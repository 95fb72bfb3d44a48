import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "chai";

const run = promisify(execFile);
const script = fileURLToPath(new URL("./lossy-child.js", import.meta.url));
const calls = 80;

interface Facts {
  /** How long each answer took, in milliseconds. */
  readonly answered: readonly number[];
  readonly failed: readonly { readonly id: number; readonly code: string; readonly executed: string }[];
  /** What connections were lost with. */
  readonly lost: readonly string[];
  /** How often the handler was entered for each call. */
  readonly entries: readonly (readonly [number, number])[];
}

/**
 * A loopback of our own that drops 40 % of all packets, in both directions. Without the kernel's netem: a filter draws lots,
 * and sends those it hits to a queue where nothing fits.
 */
const lossyLoopback = [
  "ip link set lo up",
  "tc qdisc add dev lo root handle 1: htb default 1",
  "tc class add dev lo parent 1: classid 1:1 htb rate 10gbit quantum 60000",
  "tc class add dev lo parent 1: classid 1:2 htb rate 10gbit quantum 60000",
  "tc qdisc add dev lo parent 1:2 handle 2: bfifo limit 1",
  // Load a random word; beyond 0.4 of its range it is no match, else class 1:2.
  'tc filter add dev lo parent 1: protocol all prio 1 bpf bytecode "4,32 0 0 4294963256,37 1 0 1717986918,6 0 0 65538,6 0 0 0"',
].join(" && ");

const inNetwork = (command: string) => run("unshare", ["--net", "sh", "-c", command]);

describe("a network that loses packets", function () {
  this.timeout(120_000);

  before(async function () {
    // Not every kernel has these queues and filters, and not everybody may make a network; CI must.
    await inNetwork(lossyLoopback).catch((error: unknown) => {
      if (process.env.CI !== undefined) throw error;
      this.skip();
    });
  });

  it("row 26: 40 % of them: no effect is doubled, every call settles within its deadline, and says truly what became of it", async () => {
    const { stdout } = await inNetwork(`${lossyLoopback} && exec ${process.execPath} ${script} ${calls}`);
    const { answered, failed, lost, entries } = JSON.parse(stdout) as Facts;
    const slowestMs = Math.max(...answered);
    console.log(
      `      the slowest of ${answered.length} took ${Math.round(slowestMs)} ms; lost: ${lost.join("; ") || "nothing"}`,
    );
    expect(new Set(entries.map(([, count]) => count)), "entries of one call").to.deep.equal(new Set([1]));
    expect(answered.length + failed.length).to.equal(calls);
    expect(slowestMs, "the default deadline").to.be.below(15_250);
    const entered = new Set(entries.map(([id]) => id));
    for (const { id, code, executed } of failed) {
      expect(code).to.be.oneOf(["UNAVAILABLE", "DEADLINE_EXCEEDED"]);
      if (executed === "no") expect(entered.has(id), `call ${id} is said not to have run`).to.equal(false);
    }
    // Ten seconds of silence take five losses in a row, each twice as long after the last.
    expect(lost.length, lost.join("; ")).to.be.at.most(1);
    expect(answered.length).to.be.at.least(calls / 2);
    expect(slowestMs, "something was lost").to.be.above(150);
  });
});
