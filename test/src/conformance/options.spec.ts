import { type CallOptions, type ClientOptions, createClient } from "@farcall/client";
import { createServer, type ServerOptions } from "@farcall/server";
import { createMemoryNetwork } from "@farcall/testing";
import { expect } from "chai";
import { Conformance } from "../contracts/gen/conformance.js";

/** What is given, the kind of error, and what its message must name. */
type Row = readonly [given: unknown, error: typeof TypeError | typeof RangeError, names: string];

const shared: readonly Row[] = [
  [null, TypeError, "options"],
  ["text", TypeError, "options"],
  [{ unknownOption: 1 }, TypeError, "unknownOption"],
  [{ limits: 5 }, TypeError, "limits"],
  [{ limits: null }, TypeError, "limits"],
  [{ limits: { maxCall: 5 } }, TypeError, "maxCall"],
  [{ limits: { maxCalls: 0 } }, RangeError, "maxCalls"],
  [{ limits: { maxCalls: 1.5 } }, RangeError, "maxCalls"],
  [{ limits: { maxCalls: "5" } }, TypeError, "maxCalls"],
  [{ limits: { maxMessageBytes: 1 } }, RangeError, "maxMessageBytes"],
  [{ limits: { maxMessageBytes: Number.NaN } }, RangeError, "maxMessageBytes"],
  [{ limits: { maxMessageBytes: Number.POSITIVE_INFINITY } }, RangeError, "maxMessageBytes"],
  [{ limits: { streamWindowBytes: -1 } }, RangeError, "streamWindowBytes"],
  [{ heartbeat: 5 }, TypeError, "heartbeat"],
  [{ heartbeat: { interval: 5 } }, TypeError, "interval"],
  [{ heartbeat: { idleIntervalMs: 0 } }, RangeError, "idleIntervalMs"],
  [{ heartbeat: { activeIntervalMs: Number.NaN } }, RangeError, "activeIntervalMs"],
  [{ heartbeat: { activeTimeoutMs: "1s" } }, TypeError, "activeTimeoutMs"],
  [{ heartbeat: { idleIntervalMs: 25_000 } }, RangeError, "idleTimeoutMs"],
  [{ heartbeat: { activeTimeoutMs: 500 } }, RangeError, "activeTimeoutMs"],
  [{ streamIdleTimeoutMs: 0 }, RangeError, "streamIdleTimeoutMs"],
];

const serverRows: readonly Row[] = [
  ...shared,
  [{ port: -1 }, RangeError, "port"],
  [{ port: 65_536 }, RangeError, "port"],
  [{ port: "80" }, TypeError, "port"],
  [{ host: "" }, TypeError, "host"],
  [{ host: 1 }, TypeError, "host"],
  [{ path: "rpc" }, TypeError, "path"],
  [{ server: {} }, TypeError, "server"],
  [{ server: { on() {} }, port: 1 }, TypeError, "server"],
  [{ allowedOrigins: "https://a.example" }, TypeError, "allowedOrigins"],
  [{ allowedOrigins: ["a.example"] }, TypeError, "a.example"],
  [{ allowedOrigins: ["https://a.example/"] }, TypeError, "https://a.example/"],
  [{ allowedOrigins: ["*"] }, TypeError, "*"],
  [{ maxTimeoutMs: 0 }, RangeError, "maxTimeoutMs"],
  [{ drainTimeoutMs: -5 }, RangeError, "drainTimeoutMs"],
  [{ reconnectSpreadMs: Number.POSITIVE_INFINITY }, RangeError, "reconnectSpreadMs"],
  [{ reconnectSpreadMs: "1s" }, TypeError, "reconnectSpreadMs"],
  [{ maxConnectionAgeMs: 0 }, RangeError, "maxConnectionAgeMs"],
  [{ maxConnectionAgeMs: Number.NaN }, RangeError, "maxConnectionAgeMs"],
  [{ logger: {} }, TypeError, "logger"],
];

const clientRows: readonly Row[] = [
  ...shared,
  [{ timeoutMs: 0 }, RangeError, "timeoutMs"],
  [{ timeoutMs: Number.NaN }, RangeError, "timeoutMs"],
  [{ timeoutMs: "5s" }, TypeError, "timeoutMs"],
  [{ connectTimeoutMs: Number.POSITIVE_INFINITY }, RangeError, "connectTimeoutMs"],
  [{ limits: { maxQueuedCalls: -1 } }, RangeError, "maxQueuedCalls"],
  [{ reconnect: 5 }, TypeError, "reconnect"],
  [{ reconnect: { baseMs: 0 } }, RangeError, "baseMs"],
  [{ reconnect: { baseMs: 500, capMs: 100 } }, RangeError, "capMs"],
  [{ reconnect: { jitter: true } }, TypeError, "jitter"],
];

const targets: readonly Row[] = [
  [undefined, TypeError, "target"],
  [5, TypeError, "target"],
  [[], TypeError, "endpoint"],
  ["", TypeError, "endpoint"],
  ["localhost:7070", TypeError, "localhost"],
  ["http://localhost", TypeError, "http:"],
  ["ws://user:secret@localhost", TypeError, "credentials"],
  ["ws://localhost/#a", TypeError, "fragment"],
  [["ws://localhost", 5], TypeError, "5"],
  ["ws://a,ws://a", TypeError, "listed twice"],
  ["ws://a,,b", TypeError, "endpoint"],
];

const callRows: readonly Row[] = [
  [5, TypeError, "call options"],
  [null, TypeError, "call options"],
  [{ timeout: 5 }, TypeError, "timeout"],
  [{ timeoutMs: "5" }, TypeError, "timeoutMs"],
  [{ timeoutMs: Number.NaN }, RangeError, "timeoutMs"],
  [{ signal: {} }, TypeError, "signal"],
  [{ signal: new AbortController() }, TypeError, "signal"],
  [{ waitForReady: "no" }, TypeError, "waitForReady"],
];

const shown = (value: unknown): string =>
  JSON.stringify(value, (_key, one: unknown) => (typeof one === "number" && !Number.isFinite(one) ? String(one) : one)) ??
  String(value);

describe("row 70, O6: wrong options, limits among them", () => {
  for (const [given, error, names] of serverRows) {
    it(`of createServer: ${shown(given)} is a ${error.name} that names ${names}`, () => {
      expect(() => createServer(given as ServerOptions)).to.throw(error, names);
    });
  }

  for (const [given, error, names] of clientRows) {
    it(`of createClient: ${shown(given)} is a ${error.name} that names ${names}`, () => {
      expect(() => createClient("ws://127.0.0.1:1", given as ClientOptions)).to.throw(error, names);
    });
  }

  for (const [given, error, names] of targets) {
    it(`of createClient: the target ${shown(given)} is a ${error.name} that names ${names}`, () => {
      expect(() => createClient(given as string)).to.throw(error, names);
    });
  }

  for (const [given, error, names] of callRows) {
    it(`of a call: ${shown(given)} is a ${error.name} that names ${names}`, async () => {
      const client = createClient("memory://nobody", { connector: createMemoryNetwork().connector });
      const stub = client.service(Conformance);
      const options = given as CallOptions;
      const rejected = await stub.empty(options).catch((thrown: unknown) => thrown);
      expect(rejected).to.be.instanceOf(error);
      expect((rejected as Error).message).to.include(names);
      expect(() => stub.download([], options)).to.throw(error, names);
      expect(() => stub.with(options)).to.throw(error, names);
      await client.close();
    });
  }
});
