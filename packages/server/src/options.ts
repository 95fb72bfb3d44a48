import type { Server as HttpServer } from "node:http";
import type { Server as HttpsServer } from "node:https";
import type { TlsOptions } from "node:tls";
import {
  assertCount,
  assertDuration,
  assertKnownKeys,
  type BacklogOptions,
  type Clock,
  defaultBacklog,
  defaultLimits,
  fixedLimits,
  type HeartbeatOptions,
  type Limits,
  type Listener,
  type Logger,
  parseHeartbeat,
  parseInterceptors,
  parseLimits,
  parseLogger,
  type Random,
  type ServerInterceptor,
  show,
  systemClock,
} from "@farcall/protocol";
import { parseAllowedOrigins } from "./socket/origin.js";
import { assertTls } from "./socket/tls.js";
import { WsListener } from "./socket/ws.js";

/** What a server accepts from each of its peers, and how much it keeps for them. */
export interface ServerLimits extends Limits {
  /** Connections that may be open without having said hello; further ones are refused with HTTP 503. Default 1 024. */
  readonly maxPendingConnections: number;
  /**
   * Bytes that may wait for one peer before its calls and streams wait too: it must read first. An answer larger than this
   * holds up the peer's other calls. Default 16 MiB, or four times `maxMessageBytes` where that is more.
   */
  readonly maxBacklogBytes: number;
}

/** Everything has a safe default. Wrong values are refused here, by name. */
export interface ServerOptions {
  /** Port to listen on; 0 lets the system choose. Default 0. */
  readonly port?: number;
  /** Address to listen on. Default `127.0.0.1`: other machines reach a server only when it says so. */
  readonly host?: string;
  /**
   * An existing http or https server to attach to. Whoever made it closes it. One that does not listen yet is started by
   * `listen()`, on a free port of 127.0.0.1: to choose the port, start it before.
   */
  readonly server?: HttpServer | HttpsServer;
  /**
   * Speak TLS (`wss://`): `key` and `cert`, or `pfx`, and whatever else Node's `tls.createServer` takes. With `requestCert: true`
   * and a `ca`, clients without a certificate of that authority are refused in the handshake (mutual TLS).
   */
  readonly tls?: TlsOptions;
  /** With `server`: the path whose upgrades are ours. Default: all. */
  readonly path?: string;
  /** Origins of browser pages that may connect, besides the server's own host. Default none. */
  readonly allowedOrigins?: readonly string[];
  /** What this server accepts from each of its clients. `docs/guides/limits.md` lists the defaults. */
  readonly limits?: Partial<ServerLimits>;
  /** When a silent client is asked for a sign of life, and given up. */
  readonly heartbeat?: Partial<HeartbeatOptions>;
  /** Longest deadline, in milliseconds, that a unary call may ask for. Default 300 000. */
  readonly maxTimeoutMs?: number;
  /** Longest wait, in milliseconds, for a caller that takes nothing from its stream. Default 300 000. */
  readonly streamIdleTimeoutMs?: number;
  /** A peer that takes nothing of what waits for it for so long, in milliseconds, is dropped. Default 30 000. */
  readonly stallTimeoutMs?: number;
  /** How long `drain` waits, in milliseconds, before it aborts what still runs. Default 30 000; `Infinity` for ever. */
  readonly drainTimeoutMs?: number;
  /**
   * Clients that `drain` sends away come back spread evenly over this time, in milliseconds, so that they do not fall upon
   * the remaining servers at once. Default: 8 for each connection, but at least 1 000 and at most 30 000.
   */
  readonly reconnectSpreadMs?: number;
  /**
   * A connection that has become so old, in milliseconds (give or take a tenth), is drained, and its client comes back at
   * once. For servers behind something that spreads connections and not calls: clients then reach new servers too.
   * Default `Infinity`: never.
   */
  readonly maxConnectionAgeMs?: number;
  /** Stand around every handler, the first outermost. Arguments have been checked before they see a call. */
  readonly interceptors?: readonly ServerInterceptor[];
  /** Where faults of handlers are reported in full. Default `console`. */
  readonly logger?: Logger;
  /** Takes connections in place of a WebSocket server; for tests and other carriers. */
  readonly listener?: Listener;
  /** Where the time comes from; for tests. */
  readonly clock?: Clock;
  /** Where chance comes from: numbers from 0 to less than 1; for tests. Default `Math.random`. */
  readonly random?: Random;
}

const knownOptions = [
  "port",
  "host",
  "server",
  "tls",
  "path",
  "allowedOrigins",
  "limits",
  "heartbeat",
  "maxTimeoutMs",
  "streamIdleTimeoutMs",
  "stallTimeoutMs",
  "drainTimeoutMs",
  "reconnectSpreadMs",
  "maxConnectionAgeMs",
  "interceptors",
  "logger",
  "listener",
  "clock",
  "random",
] as const satisfies readonly (keyof ServerOptions)[];

/** Options with every default filled in. */
export interface ParsedOptions {
  readonly listener: Listener;
  readonly limits: Limits;
  readonly maxPendingConnections: number;
  readonly heartbeat: HeartbeatOptions;
  readonly backlog: BacklogOptions;
  readonly maxTimeoutMs: number;
  readonly streamIdleTimeoutMs: number;
  readonly drainTimeoutMs: number;
  /** Absent when it follows from the number of connections. */
  readonly reconnectSpreadMs: number | undefined;
  readonly maxConnectionAgeMs: number;
  readonly interceptors: readonly ServerInterceptor[];
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
}

/** @throws TypeError or RangeError that names the option. */
export function parseOptions(options: ServerOptions): ParsedOptions {
  const at = "createServer:";
  if (typeof options !== "object" || options === null)
    throw new TypeError(`${at} options must be an object, got ${show(options)}`);
  assertKnownKeys(options, `${at} options`, knownOptions);
  const {
    maxTimeoutMs = 300_000,
    streamIdleTimeoutMs = 300_000,
    stallTimeoutMs = defaultBacklog.stallTimeoutMs,
    drainTimeoutMs = 30_000,
    reconnectSpreadMs,
    maxConnectionAgeMs = Number.POSITIVE_INFINITY,
    clock = systemClock,
    random = Math.random,
  } = options;
  assertDuration(maxTimeoutMs, `${at} maxTimeoutMs`, { infinite: true });
  assertDuration(streamIdleTimeoutMs, `${at} streamIdleTimeoutMs`, { infinite: true });
  assertDuration(stallTimeoutMs, `${at} stallTimeoutMs`, { infinite: true });
  assertDuration(drainTimeoutMs, `${at} drainTimeoutMs`, { infinite: true });
  if (reconnectSpreadMs !== undefined) assertDuration(reconnectSpreadMs, `${at} reconnectSpreadMs`);
  assertDuration(maxConnectionAgeMs, `${at} maxConnectionAgeMs`, { infinite: true });
  const logger = parseLogger(options.logger, at);
  const interceptors = parseInterceptors(options.interceptors, `${at} interceptors`);
  const { limits, maxPendingConnections, maxBacklogBytes } = parseServerLimits(options.limits, at);
  return {
    listener: parseListener(options, at),
    limits,
    maxPendingConnections,
    heartbeat: parseHeartbeat(options.heartbeat, `${at} heartbeat`),
    backlog: { maxBacklogBytes, stallTimeoutMs },
    maxTimeoutMs,
    streamIdleTimeoutMs,
    drainTimeoutMs,
    reconnectSpreadMs,
    maxConnectionAgeMs,
    interceptors,
    logger,
    clock,
    random,
  };
}

const mostBacklogBytes = 1024 * 1024 * 1024;

function parseServerLimits(given: Partial<ServerLimits> | undefined, at: string) {
  if (given !== undefined && (typeof given !== "object" || given === null)) {
    throw new TypeError(`${at} limits must be an object, got ${show(given)}`);
  }
  const { maxPendingConnections = 1024, maxBacklogBytes: givenBacklog, ...rest } = given ?? {};
  const others = ["maxPendingConnections", "maxBacklogBytes"];
  const limits = given === undefined ? defaultLimits : parseLimits(rest, `${at} limits`, others);
  const roomy = Math.min(mostBacklogBytes, Math.max(defaultBacklog.maxBacklogBytes, 4 * limits.maxMessageBytes));
  const maxBacklogBytes = givenBacklog ?? roomy;
  assertCount(maxPendingConnections, `${at} limits.maxPendingConnections`, { min: 1, max: 1_000_000 });
  assertCount(maxBacklogBytes, `${at} limits.maxBacklogBytes`, { min: 64 * 1024, max: mostBacklogBytes });
  return { limits, maxPendingConnections, maxBacklogBytes };
}

function parseListener(options: ServerOptions, at: string): Listener {
  const { port = 0, host = "127.0.0.1", server, path, tls } = options;
  assertCount(port, `${at} port`, { min: 0, max: 65_535 });
  if (typeof host !== "string" || host === "")
    throw new TypeError(`${at} host must be an address such as 127.0.0.1, got ${show(host)}`);
  if (path !== undefined && (typeof path !== "string" || !path.startsWith("/"))) {
    throw new TypeError(`${at} path must start with a slash, got ${show(path)}`);
  }
  if (server !== undefined && typeof server?.on !== "function")
    throw new TypeError(`${at} server must be an http or https server`);
  if (server !== undefined && (options.port !== undefined || options.host !== undefined)) {
    throw new TypeError(`${at} give either server, or port and host: an attached server listens by itself`);
  }
  if (server !== undefined && tls !== undefined)
    throw new TypeError(`${at} give either server or tls: an attached server has, or has not, certificates of its own`);
  if (options.listener !== undefined && tls !== undefined)
    throw new TypeError(`${at} tls has no effect on a listener of your own; leave one of the two out`);
  assertTls(tls, `${at} tls`);
  const allowedOrigins = parseAllowedOrigins(options.allowedOrigins);
  const maxPayloadBytes = fixedLimits.webSocketMessageBytes;
  return options.listener ?? new WsListener({ host, port, server, tls, path, allowedOrigins, maxPayloadBytes });
}
