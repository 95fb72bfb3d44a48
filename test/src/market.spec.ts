import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { expect } from "chai";

const main = fileURLToPath(new URL("../../examples/market/dist/main.js", import.meta.url));
const kinds = ["quote", "history", "import", "orders"] as const;

describe("the market example", function () {
  this.timeout(30_000);

  let market: Market | undefined;
  // `close` comes when the last process that shares the pipes has ended, so nothing is left behind when this returns.
  afterEach(async () => {
    market?.kill("SIGTERM");
    await market?.closed;
  });
  const start = (corrupt = ""): Market => {
    market = new Market(corrupt);
    return market;
  };

  it("finds every answer right and exits with 0", async () => {
    const { code, lines } = await start().closed;
    expect(lines.slice(1).map((line) => line.split(/\s+/).slice(0, 2).join(" "))).to.deep.equal([
      ...[...kinds, "errors"].map((kind) => `right ${kind}`),
      "every answer",
      "both processes",
    ]);
    expect(lines.join("")).to.not.include("\u001b");
    expect(code).to.equal(0);
  });

  for (const kind of kinds) {
    it(`exits with 1 and names ${kind} when the server falsifies one answer of it`, async () => {
      const { code, lines } = await start(kind).closed;
      const verdicts = lines.filter((line) => /^(right|WRONG) /.test(line)).map((line) => line.split(/\s+/, 2).join(" "));
      expect(verdicts).to.deep.equal([...kinds, "errors"].map((one) => `${one === kind ? "WRONG" : "right"} ${one}`));
      expect(lines).to.include(`wrong: ${kind}`);
      expect(lines.some((line) => line.startsWith(`       ${kind}: `) && line.includes("the server says"))).to.equal(true);
      expect(code).to.equal(1);
    });
  }

  it("says so when the server cannot start", async () => {
    const { code, lines } = await start("everything").closed;
    expect(lines).to.include("the server process ended (1) before it was ready");
    expect(code).to.equal(1);
  });

  // `silence` leaves quotes unanswered, so the processes below are in the middle of their work.
  for (const role of ["server", "client"] as const) {
    it(`ends at once when the ${role} process is killed`, async () => {
      const running = start("silence");
      process.kill((await running.pids)[role], "SIGKILL");
      const { code, lines } = await running.closed;
      expect(lines.at(-1)).to.match(new RegExp(`^the ${role} process ended \\(SIGKILL\\)`));
      expect(code).to.equal(1);
    });
  }

  for (const [signal, expected] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGKILL", null],
  ] as const) {
    it(`leaves no process behind when it is ended by ${signal}`, async () => {
      const running = start("silence");
      await running.pids;
      running.kill(signal);
      const { code } = await running.closed;
      expect(code).to.equal(expected);
    });
  }
});

/** A run of the example. */
class Market {
  readonly #process: ChildProcessByStdio<null, Readable, Readable>;
  #text = "";
  /** Of its two processes; known once both run. */
  readonly pids: Promise<{ readonly server: number; readonly client: number }>;
  /** All processes have ended: what the first one exited with, and what all of them printed. */
  readonly closed: Promise<{ readonly code: number | null; readonly lines: readonly string[] }>;

  constructor(corrupt: string) {
    this.#process = spawn(process.execPath, [main], {
      env: { ...process.env, MARKET_CORRUPT: corrupt },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const { stdout, stderr } = this.#process;
    for (const stream of [stdout, stderr]) stream.setEncoding("utf8");
    this.closed = new Promise((resolve, reject) => {
      this.#process.once("error", reject);
      this.#process.once("close", (code) => resolve({ code, lines: this.#text.trimEnd().split("\n") }));
    });
    this.pids = new Promise((resolve, reject) => {
      const hear = (text: string): void => {
        this.#text += text;
        const [, server, client] = /server process (\d+) .*client process (\d+)/.exec(this.#text) ?? [];
        if (server !== undefined && client !== undefined) resolve({ server: Number(server), client: Number(client) });
      };
      stdout.on("data", hear);
      stderr.on("data", hear);
      this.closed.then(() => reject(new Error(`it ended before both processes ran:\n${this.#text}`)), reject);
    });
    this.pids.catch(() => {});
  }

  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }
}
