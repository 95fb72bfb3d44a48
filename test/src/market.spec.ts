import { type ChildProcessByStdio, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { expect } from "chai";

const main = fileURLToPath(new URL("../../examples/market/dist/main.js", import.meta.url));
const auditor = fileURLToPath(new URL("../../examples/market/dist/auditor.js", import.meta.url));
const kinds = ["quote", "history", "import", "orders"] as const;

describe("the market example", function () {
  this.timeout(30_000);

  let market: Market | undefined;
  let temporary: string;
  beforeEach(() => {
    temporary = mkdtempSync(join(tmpdir(), "farcall-market-spec-"));
  });
  // `close` comes when the last process that shares the pipes has ended, so nothing is left behind when this returns.
  afterEach(async () => {
    market?.kill("SIGTERM");
    await market?.closed;
    rmSync(temporary, { recursive: true });
  });
  const start = (corrupt: string, ...args: string[]): Market => {
    market = new Market(args, { MARKET_CORRUPT: corrupt, TMPDIR: temporary });
    return market;
  };

  it("finds every answer right, rides through SIGKILL, SIGSTOP and a rolling restart, and exits with 0", async function () {
    this.timeout(90_000);
    const { code, lines } = await start("", "--fast", "--seed", "7").closed;
    const text = lines.join("\n");
    expect(lines[0]).to.equal("Farcall market  seed 7");
    expect(lines.slice(2, 8).map((line) => line.split(/\s+/).slice(0, 2).join(" "))).to.deep.equal([
      ...[...kinds, "errors"].map((kind) => `right ${kind}`),
      "every answer",
    ]);
    expect(text)
      .to.match(/SIGKILL of [abc]\n/)
      .and.match(/SIGSTOP of [abc] for 6 s\n/)
      .and.match(/SIGTERM of [abc], [abc], [abc]\n/);
    expect(text).to.match(/share per server: a [\d.]+ % .*, b [\d.]+ % .*, c [\d.]+ %/);
    const verdicts = lines.slice(8).filter((line) => /^(right|WRONG) /.test(line));
    expect(verdicts.map((line) => line.replace(/[\d,]+ calls, \d+ a second/, "N calls, M a second"))).to.deep.equal([
      "right  N calls, M a second (500 or more)",
      "right  answers that differ from the data: 0",
      "right  quotes (idempotent) that failed: 0",
      "right  orders executed twice: 0",
      "right  orders filled for the caller that no server executed: 0",
      "right  orders executed after their deadline: 0",
      'right  calls reported executed: "no" that ran: 0',
      'right  calls reported executed: "yes" that did not run: 0',
      "right  calls that failed in the rolling restart: 0",
    ]);
    expect(lines.at(-1)).to.equal("everything holds");
    expect(text).to.not.include("\u001b");
    expect(readdirSync(temporary), "what is left in the folder for temporary files").to.deep.equal([]);
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
      const { server } = await running.pids;
      // One that stands still hears of nothing, and must go all the same while there is somebody to see to it.
      if (signal !== "SIGKILL") process.kill(server, "SIGSTOP");
      running.kill(signal);
      const { code } = await running.closed;
      expect(code).to.equal(expected);
    });
  }
});

describe("the auditor of the market example", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "farcall-auditor-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const began = 1_000_000_000_000;
  type Entry = { readonly server: string; readonly call: number; readonly at: number };

  /** A second of calls that all went well: 600 of them, every third one an order. The spec then spoils it. */
  const audit = (spoil: { readonly calls?: object; readonly more?: Entry; readonly without?: number }) => {
    const calls = Array.from({ length: 600 }, (_, at) => {
      const method = at % 3 === 0 ? "place" : "quote";
      return { call: at + 1, method, started: began + at, ms: 30, code: "OK", ...(at === 300 ? spoil.calls : {}) };
    });
    const journal = calls.map(({ call, method, started }) => ({ server: "a", call, method, attempt: 0, at: started + 1 }));
    const kept = journal.filter(({ call }) => call !== spoil.without);
    const write = (name: string, records: readonly object[]): void =>
      writeFileSync(join(folder, name), records.map((record) => `${JSON.stringify(record)}\n`).join(""));
    write("calls.jsonl", calls);
    write("faults.jsonl", [{ kind: "roll", title: "SIGTERM of a", struckAt: began + 100 }]);
    write("journal-a.jsonl", kept);
    write("journal-b.jsonl", spoil.more === undefined ? [] : [{ method: "place", attempt: 0, ...spoil.more }]);
    const { status, stdout } = spawnSync(process.execPath, [auditor, folder], { encoding: "utf8" });
    return { status, wrong: stdout.split("\n").filter((line) => line.startsWith("WRONG")), text: stdout };
  };

  it("exits with 0 when everybody wrote the same", () => {
    const { status, wrong } = audit({});
    expect(wrong).to.deep.equal([]);
    expect(status).to.equal(0);
  });

  // Call 301 is an order, begun 300 ms after the first call.
  const failed = { code: "UNAVAILABLE", executed: "no" };
  for (const { what, spoil, found } of [
    {
      what: "an order in two journals",
      spoil: { more: { server: "b", call: 301, at: began + 500 } },
      found: ["WRONG  orders executed twice: 1"],
    },
    {
      what: "an order that is in no journal",
      spoil: { without: 301 },
      found: ["WRONG  orders filled for the caller that no server executed: 1"],
    },
    {
      what: "an order in a journal after its deadline",
      spoil: { without: 301, more: { server: "b", call: 301, at: began + 5_400 } },
      found: ["WRONG  orders executed after their deadline: 1"],
    },
    {
      what: 'executed: "no" of an order that ran',
      spoil: { calls: failed },
      found: ['WRONG  calls reported executed: "no" that ran: 1', "WRONG  calls that failed in the rolling restart: 1"],
    },
    {
      what: 'executed: "yes" of an order that did not run',
      spoil: { calls: { ...failed, executed: "yes" }, without: 301 },
      found: ['WRONG  calls reported executed: "yes" that did not run: 1', "WRONG  calls that failed in the rolling restart: 1"],
    },
    {
      what: "a quote that failed before the restart",
      spoil: { calls: { ...failed, executed: "unknown", method: "quote", started: began, ms: 50 } },
      found: ["WRONG  quotes (idempotent) that failed: 1"],
    },
    {
      what: "an answer that differs from the data",
      spoil: { calls: { wrong: "the file has 1, the server says 2" } },
      found: ["WRONG  answers that differ from the data: 1"],
    },
  ]) {
    it(`exits with 1 and names the call for ${what}`, () => {
      const { status, wrong, text } = audit(spoil);
      expect(wrong).to.deep.equal(found);
      expect(text).to.match(/^ {7}(order|quote) 301, 0\.\d{3} s/m);
      expect(status).to.equal(1);
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

  constructor(args: readonly string[], env: NodeJS.ProcessEnv) {
    this.#process = spawn(process.execPath, [main, ...args], {
      env: { ...process.env, ...env },
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
