import { type Client, type ClientOptions, createClient } from "@farcall/client";
import { createServer, type Server, type ServerOptions } from "@farcall/server";
import { createMemoryNetwork, type FakeClock, settle } from "@farcall/testing";
import { expect } from "chai";
import { Conformance, type ConformanceClient, type ConformanceHandler } from "../contracts/gen/conformance.js";
import { wellBehaved } from "./implementation.js";
import { until } from "./settlement.js";

/** Every case runs over each of these. */
export const transports = ["WebSocket", "memory"] as const;
export type TransportName = (typeof transports)[number];

export interface PairOptions {
  readonly client?: ClientOptions;
  readonly server?: ServerOptions;
  /** Time of both sides, driven by the case. Default: real time. */
  readonly clock?: FakeClock;
  /** The case makes the server log something, and looks at it itself. Default: a log line fails the case. */
  readonly logs?: boolean;
}

export interface Pair {
  readonly client: Client;
  readonly server: Server;
  readonly stub: ConformanceClient;
  readonly url: string;
  /** What the server logged. */
  readonly log: readonly string[];
}

/** The options that put a client and a server on `transport`. */
export function carrier(transport: TransportName): { readonly client: ClientOptions; readonly server: ServerOptions } {
  if (transport === "WebSocket") return { client: {}, server: { port: 0 } };
  const network = createMemoryNetwork();
  return { client: { connector: network.connector }, server: { listener: network.listener("server") } };
}

/**
 * Runs one case between a client and a server that are connected, and refuses to finish while anything of theirs is
 * left: a waiting call, a running handler, a socket, a timer, a line in the log.
 */
export async function withPair(
  transport: TransportName,
  implementation: Partial<ConformanceHandler>,
  options: PairOptions,
  run: (pair: Pair) => Promise<void>,
): Promise<void> {
  // A turn later: mocha's own timer for this case is counted too.
  await settle(1);
  const before = openHandles();
  const log: string[] = [];
  const logger = { error: (line: string) => void log.push(line), warn: (line: string) => void log.push(line) };
  const carried = carrier(transport);
  const time = options.clock === undefined ? {} : { clock: options.clock };
  const server = createServer({ logger, ...time, ...carried.server, ...options.server });
  server.implement(Conformance, { ...wellBehaved, ...implementation });
  const { url } = await server.listen();
  const client = createClient(url, { ...time, ...carried.client, ...options.client });
  try {
    await client.ready();
    await run({ client, server, stub: client.service(Conformance), url, log });
    expect(client.queuedCalls, "calls that still wait for a connection").to.equal(0);
    await until(() => server.connections().every((peer) => peer.runningCalls === 0), "every handler has returned");
  } finally {
    await within(client.close(), "client.close()");
    await within(server.close(), "server.close()");
  }
  expect(server.connections(), "connections after close").to.deep.equal([]);
  if (options.clock !== undefined) expect(options.clock.pendingTimers, "timers after close").to.equal(0);
  await until(() => openHandles() <= before, "every socket and timer is gone");
  // A rejection that nobody handles is raised in one of these turns, and mocha charges it to this case.
  await settle();
  if (options.logs !== true) expect(log, "lines in the server's log").to.deep.equal([]);
}

/** Sockets, servers and timers that keep this process alive. */
export function openHandles(): number {
  const ours = new Set(["TCPSocketWrap", "TCPServerWrap", "Timeout"]);
  return process.getActiveResourcesInfo().filter((name) => ours.has(name)).length;
}

async function within(promise: Promise<void>, what: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} has not resolved within 3 s`)), 3_000);
  });
  await Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
