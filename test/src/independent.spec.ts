import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type CallContext, createServer, FarcallError, type Server } from "@farcall/server";
import { expect } from "chai";
import { Wire, type WireHandler } from "./contracts/gen/wire.js";
import type { Everything } from "./contracts/wire.js";

/** Why sleepers were woken. */
const aborted: string[] = [];

const handler: WireHandler = {
  everything: (all) => ({ back: all, seen: describeAll(all) }),
  parameters: (first, second, third) => [first, String(second), String(third)],
  nothing() {},
  fail(how) {
    if (how === "fault") throw new TypeError("a secret of the server");
    throw new FarcallError("NOT_FOUND", "no such sku", {
      details: { sku: "A-1", when: new Date(5), count: 2n ** 70n, tried: [1, null, undefined], raw: Uint8Array.of(1, 2) },
      retryAfterMs: 250,
    });
  },
  echo: (bytes) => bytes,
  make: (size) => new Uint8Array(size),
  async *count(end) {
    for (let i = 0; i < end; i++) yield i;
  },
  async *flood(count, size) {
    for (let i = 0; i < count; i++) yield new Uint8Array(size);
  },
  async tally(label, parts) {
    let items = 0;
    let bytes = 0;
    for await (const part of parts) {
      items++;
      bytes += part.length;
    }
    return { label, items, bytes };
  },
  async *shout(lines) {
    for await (const line of lines) yield line.toUpperCase();
  },
  sleep: (ms, ctx) => sleep(ms, ctx),
  aborted: () => aborted,
  metadata(ctx) {
    ctx.setHeader("region", "north");
    ctx.setHeader("raw", Uint8Array.of(0, 255));
    ctx.setTrailer("cost", "3");
    ctx.setTrailer("cost", "4");
    return [...ctx.metadata].map(([key, value]) => `${key}=${typeof value === "string" ? value : `bytes ${value.join(" ")}`}`);
  },
};

function sleep(ms: number, { signal }: CallContext): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      aborted.push(FarcallError.is(signal.reason) ? signal.reason.code : String(signal.reason));
      resolve();
    });
  });
}

/** What the types of a value are here: the declared ones, whatever form travelled. */
function describeAll(all: Everything): Record<string, string> {
  return Object.fromEntries(Object.entries(all).map(([key, value]) => [key, [...new Set(typesOf(value))].join(" ")]));
}

function typesOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(typesOf);
  if (value === null) return ["null"];
  if (value instanceof Date) return [Number.isInteger(value.getTime()) ? "Date" : "invalid Date"];
  if (value instanceof Uint8Array) return ["Uint8Array"];
  if (typeof value === "object") return Object.values(value).flatMap(typesOf);
  return [typeof value];
}

interface Line {
  readonly fact?: string;
  readonly value?: unknown;
  readonly ask?: "drain";
  readonly broken?: string;
  readonly trace?: string;
  readonly done?: boolean;
}

function error(code: string, executed: string, rest: object = {}): object {
  return { code, executed, reason: null, details: null, retryAfterMs: null, ...rest };
}

const big = (digits: string): object => ({ $bigint: digits });
const date = (seconds: number, nanoseconds = 0): object => ({ $date: [seconds, nanoseconds] });
const tooLarge = { reason: "MESSAGE_TOO_LARGE" };

/** Different in every run, so looked at apart. */
const uuidFacts = ["error: a fault, message"];

/** What a right client sees of a right server; the notation of values is that of `test/conformance/vectors/README.md`. */
const expected: Record<string, unknown> = {
  "values: text": ["", "plain", "é漢😀", "x".repeat(31), "x".repeat(32), "x".repeat(256)],
  "values: long text": [70_000, "hi"],
  // biome-ignore format: grouped as the script groups them
  "values: numbers": [
    0, 127, 128, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, 2 ** 40, 2 ** 53 - 1,
    -1, -32, -33, -128, -129, -32_768, -32_769, -(2 ** 31), -(2 ** 31) - 1, -(2 ** 53) + 1,
    1.5, 0, { $number: "NaN" }, { $number: "Infinity" }, { $number: "-Infinity" },
    1, 1, 1, 2 ** 40, 2 ** 53 - 1, -1, -1, -1, -(2 ** 53) + 1, 0.25,
  ],
  // Small bigints come in an int form, which does not say that it is one: the contract does.
  "values: bigints": [
    0,
    -1,
    big("9223372036854775807"),
    big("-9223372036854775808"),
    big("9223372036854775808"),
    big("18446744073709551615"),
    big("18446744073709551616"),
    big("-9223372036854775809"),
    big("1267650600228229401496703205376"),
    big(String(-(2n ** 511n))),
    5,
    255,
    -128,
    -128,
    65_536,
  ],
  "values: flags": [true, false],
  "values: nothing": null,
  "values: level": 2,
  "values: literal": "off",
  "values: pair": ["a", 1],
  "values: also": { $undefined: true },
  "values: orNull": ["here", null],
  "values: holes": [{ $undefined: true }, "x", { $undefined: true }],
  "values: record": { "": 1, key: 2, "a b": 3 },
  "values: dates": [
    date(0),
    date(1_000_000_000),
    date(1_000_000_000, 123_000_000),
    date(1_000_000_000, 123_000_000),
    date(-1),
    date(-1, 999_000_000),
    date(-62_135_596_800),
    date(2 ** 32),
    date(2 ** 34 + 1, 1_000_000),
  ],
  "values: bytes": { $bytes: "0001020304050607" },
  "values: shapes": [
    { kind: "circle", radius: 1.5 },
    { kind: "square", side: 3 },
  ],
  "values: either": ["a", 1, date(5)],
  "values: as the server saw them": {
    text: "string",
    numbers: "number",
    bigints: "bigint",
    flags: "boolean",
    nothing: "null",
    level: "number",
    literal: "string",
    pair: "string number",
    also: "undefined",
    orNull: "string null",
    holes: "undefined string",
    record: "number",
    dates: "Date",
    bytes: "Uint8Array",
    shapes: "string number bigint",
    either: "string number Date",
  },
  "values: optional elements and properties": [["a", 1, true], "yes"],
  "values: void": null,
  "values: a lone surrogate of ours": ["\ufffd", "undefined", "undefined"],
  "values: the connection held": null,
  "arguments: one": { value: ["a", "undefined", "undefined"] },
  "arguments: all": { value: ["a", "b", "c"] },
  "arguments: a hole": { value: ["a", "undefined", "c"] },
  "arguments: surplus": { value: ["a", "b", "c"] },
  "arguments: too few": error("INVALID_ARGUMENT", "no"),
  "arguments: a wrong type": error("INVALID_ARGUMENT", "no"),
  "arguments: no array": error("INVALID_ARGUMENT", "no"),
  "error: of the handler": error("NOT_FOUND", "yes", {
    details: {
      sku: "A-1",
      when: date(0, 5_000_000),
      count: big(String(2n ** 70n)),
      tried: [1, null, { $undefined: true }],
      raw: { $bytes: "0102" },
    },
    retryAfterMs: 250,
  }),
  "error: of the handler, message": "no such sku",
  "error: a fault": error("INTERNAL", "yes"),
  "error: invalid argument": error("INVALID_ARGUMENT", "no"),
  "error: no such method": error("UNIMPLEMENTED", "no"),
  "error: no such service": error("UNIMPLEMENTED", "no"),
  "error: metadata with a bad key": error("INVALID_ARGUMENT", "no"),
  "error: metadata too large": error("RESOURCE_EXHAUSTED", "no", tooLarge),
  "error: the connection goes on": ["still here", "undefined", "undefined"],
  "error: an item that does not fit": error("INVALID_ARGUMENT", "yes"),
  "metadata: as the handler saw it": ["first=1", "twice=a", "twice=b", "bytes=bytes 0 255", "c3a9=漢"],
  "metadata: headers": [
    ["region", "north"],
    ["raw", { $bytes: "00ff" }],
  ],
  "metadata: trailers": [
    ["cost", "3"],
    ["cost", "4"],
  ],
  "metadata: 64 KiB": [65_537],
  "deadline: of this side": error("DEADLINE_EXCEEDED", "unknown"),
  "deadline: what the handler heard": ["DEADLINE_EXCEEDED"],
  "deadline: of the callee": error("DEADLINE_EXCEEDED", "yes"),
  "deadline: what that handler heard": ["DEADLINE_EXCEEDED"],
  "cancel: the call": error("CANCELLED", "unknown"),
  "cancel: what the handler heard": ["CANCELLED"],
  "cancel: a stream": [[0, 1, 2], error("CANCELLED", "yes")],
  "cancel: the connection goes on": ["still here", "undefined", "undefined"],
  "cancel: late frames are no error": null,
  "stream: server": [0, 1, 2, 3, 4],
  "stream: nothing": [],
  "stream: 50 000 items": [50_000, true],
  "stream: client": { label: "several in one frame", items: 3, bytes: 3 },
  "stream: both": [["ONE", "TVÅ", "THREE"], []],
  "stream: the connection held": null,
  "credit: bytes read slowly": 2_097_152,
  "credit: never more than the window and one message": true,
  "credit: the server used the window": true,
  // As many items as it takes to reach the window, and not one more.
  "credit: a reader that stands still": [16, 16],
  "credit: and then reads on": 2_097_152,
  "credit: a client stream beyond its credit": { label: "a megabyte", items: 128, bytes: 1_048_576 },
  "credit: the server raised it": true,
  "credit: large items from the server": [200_000, 200_000, 200_000, 200_000, 200_000, 200_000],
  "credit: large items to the server": { label: "large items", items: 6, bytes: 1_200_000 },
  "credit: a window of our own": [2_038, 20],
  "large: 1 MiB both ways": true,
  "large: 4 MiB both ways": true,
  "large: a result of 4 MiB": 4_194_299,
  "large: a result of 4 MiB + 1": error("RESOURCE_EXHAUSTED", "yes", tooLarge),
  "large: 4 MiB + 1 is refused here": error("RESOURCE_EXHAUSTED", "no", tooLarge),
  "large: 4 MiB + 1 is refused there": [4_194_305, error("RESOURCE_EXHAUSTED", "no", tooLarge)],
  "large: the connection goes on": 100_000,
  "large: a small call meanwhile": ["quick", "undefined", "undefined"],
  "large: and the large one": 4_000_000,
  "large: beyond what this side accepts": error("RESOURCE_EXHAUSTED", "yes", tooLarge),
  "large: within what this side accepts": 1_021,
  "large: the connection held": null,
  "chunks: the server stops at the credit": [true, true, false],
  "chunks: and goes on with more": 1_000_000,
  "welcome: keys": ["agent", "capabilities", "connectionId", "contracts", "instanceId", "limits", "minor", "reconnectMs"],
  "ping: answered": [1, ["lagMs", "reconnectMs", "running"]],
  "ping: of the server, answered": true,
  "ignorable: skipped": true,
  "goodbye: of this side": [1000, ""],
  "goodbye: of the server": [true, true],
  "goodbye: a new call here": error("UNAVAILABLE", "no"),
  "goodbye: a call that crosses it": error("UNAVAILABLE", "no"),
  "goodbye: the running call ends well": { value: null },
  "goodbye: the close": 1001,
};

const pathOf = (file: string): string => fileURLToPath(new URL(`../conformance/${file}`, import.meta.url));

describe("P4: a client in Python, written from docs/protocol.md alone", function () {
  this.timeout(90_000);
  const facts = new Map<string, unknown>();
  const broken: string[] = [];
  const log: string[] = [];
  let isDone = false;
  let server: Server | undefined;
  let python: string | undefined;

  before(async function () {
    python = ["python3", "python"].find(
      (name) => spawnSync(name, ["-c", "import sys; sys.exit(sys.version_info < (3, 9))"]).status === 0,
    );
    if (python === undefined) {
      if (process.env.CI !== undefined) throw new Error("python3 is missing: without it nobody checks docs/protocol.md");
      this.skip();
    }
    server = createServer({
      // So that the server pings while the script looks on.
      heartbeat: { idleIntervalMs: 200, idleTimeoutMs: 20_000 },
      logger: { error: (line: string) => void log.push(line), warn: (line: string) => void log.push(line) },
    });
    server.implement(Wire, handler);
    const { port } = await server.listen();
    const script = pathOf("independent/run.py");
    const child = spawn(python, ["-B", script, "127.0.0.1", String(port)], { stdio: ["ignore", "pipe", "inherit"] });
    const exited = new Promise<number | null>((resolve) => child.once("close", resolve));
    let drained: Promise<void> | undefined;
    for await (const text of createInterface({ input: child.stdout })) {
      const line = JSON.parse(text) as Line;
      if (line.fact !== undefined) facts.set(line.fact, line.value);
      if (line.broken !== undefined) broken.push(`${line.broken}: ${line.trace}`);
      if (line.ask === "drain") drained = server?.drain();
      if (line.done === true) isDone = true;
    }
    expect(await exited, "exit code of the script").to.equal(0);
    await drained;
  });

  after(async () => {
    await server?.close();
  });

  it("runs to its end", () => {
    expect(broken.join("\n")).to.equal("");
    expect(isDone).to.equal(true);
    expect([...facts.keys()].filter((name) => !(name in expected))).to.deep.equal(uuidFacts);
    expect(log.filter((line) => !line.includes("TypeError: a secret of the server"))).to.deep.equal([]);
  });

  for (const [name, value] of Object.entries(expected)) {
    it(name, () => expect(facts.get(name)).to.deep.equal(value));
  }

  it("wrote the vectors, too", () => {
    const folder = mkdtempSync(join(tmpdir(), "farcall-vectors-"));
    try {
      const { status, stderr } = spawnSync(python as string, ["-B", pathOf("independent/make_vectors.py"), folder], {
        encoding: "utf8",
      });
      expect(status, stderr).to.equal(0);
      for (const name of ["frames", "refusals", "values", "dialogues/server", "dialogues/client"]) {
        const read = (path: string): unknown => JSON.parse(readFileSync(path, "utf8"));
        expect(read(pathOf(`vectors/${name}.json`)), name).to.deep.equal(read(join(folder, `${name}.json`)));
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("error: a fault reaches the caller as an opaque id, which the log explains", () => {
    const [fact = ""] = uuidFacts;
    const message = String(facts.get(fact));
    expect(message).to.match(/^internal error [0-9a-f-]{36}$/);
    expect(log.some((line) => line.includes(message.slice("internal error ".length)))).to.equal(true);
  });
});
