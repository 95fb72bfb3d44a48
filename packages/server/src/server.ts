import { randomUUID } from "node:crypto";
import type { Server as HttpServer } from "node:http";
import type { Server as HttpsServer } from "node:https";
import {
  agent,
  assertCount,
  assertDuration,
  assertKnownKeys,
  type BacklogOptions,
  type Clock,
  DeadlineWheel,
  defaultBacklog,
  defaultLimits,
  describeThrown,
  escapeForLog,
  fixedLimits,
  type HeartbeatOptions,
  type Limits,
  type Listener,
  type Logger,
  type MethodRef,
  parseHeartbeat,
  parseInterceptors,
  parseLimits,
  parseLogger,
  type ServerInterceptor,
  type ServiceDescriptor,
  show,
  systemClock,
  type Transport,
  type TransportEvents,
} from "@farcall/protocol";
import { type ConnectionInfo, ServerConnection } from "./connection.js";
import { Invoker } from "./invoke.js";
import { Router } from "./router.js";
import { parseAllowedOrigins } from "./socket/origin.js";
import { WsListener } from "./socket/ws.js";

/** What a server accepts from each of its peers, and how much it keeps for them. */
export interface ServerLimits extends Limits {
  /** Connections that may be open without having said hello; further ones are refused with HTTP 503. Default 1 024. */
  readonly maxPendingConnections: number;
  /** Bytes that may wait for one peer before its calls and streams wait too: it must read first. Default 16 MiB. */
  readonly maxBacklogBytes: number;
}

/** Everything has a safe default. Wrong values are refused here, by name. */
export interface ServerOptions {
  /** Port to listen on; 0 lets the system choose. Default 0. */
  readonly port?: number;
  /** Address to listen on. Default `127.0.0.1`: other machines reach a server only when it says so. */
  readonly host?: string;
  /** An existing http or https server to attach to, instead of listening. */
  readonly server?: HttpServer | HttpsServer;
  /** With `server`: the path whose upgrades are ours. Default: all. */
  readonly path?: string;
  /** Origins of browser pages that may connect, besides the server's own host. Default none. */
  readonly allowedOrigins?: readonly string[];
  readonly limits?: Partial<ServerLimits>;
  readonly heartbeat?: Partial<HeartbeatOptions>;
  /** Longest deadline, in milliseconds, that a unary call may ask for. Default 300 000. */
  readonly maxTimeoutMs?: number;
  /** Longest wait, in milliseconds, for a caller that takes nothing from its stream. Default 300 000. */
  readonly streamIdleTimeoutMs?: number;
  /** A peer that takes nothing of what waits for it for so long, in milliseconds, is dropped. Default 30 000. */
  readonly stallTimeoutMs?: number;
  /** How long `drain` waits, in milliseconds, before it aborts what still runs. Default 30 000. */
  readonly drainTimeoutMs?: number;
  /** Stand around every handler, the first outermost. Arguments have been checked before they see a call. */
  readonly interceptors?: readonly ServerInterceptor[];
  /** Where faults of handlers are reported in full. Default `console`. */
  readonly logger?: Logger;
  /** Takes connections in place of a WebSocket server; for tests and other carriers. */
  readonly listener?: Listener;
  /** Time; for tests. */
  readonly clock?: Clock;
}

const knownOptions = [
  "port",
  "host",
  "server",
  "path",
  "allowedOrigins",
  "limits",
  "heartbeat",
  "maxTimeoutMs",
  "streamIdleTimeoutMs",
  "stallTimeoutMs",
  "drainTimeoutMs",
  "interceptors",
  "logger",
  "listener",
  "clock",
] as const satisfies readonly (keyof ServerOptions)[];

/** What the connections of one server share. */
export interface ServerCore {
  readonly clock: Clock;
  readonly wheel: DeadlineWheel;
  readonly limits: Limits;
  readonly heartbeat: HeartbeatOptions;
  readonly backlog: BacklogOptions;
  readonly router: Router;
  readonly invoker: Invoker;
  readonly agent: string;
  readonly instanceId: string;
  readonly isLeaving: boolean;
  deadline(method: MethodRef, timeoutMs: number): number;
  fault(error: unknown): void;
  /** A connection has said hello, or ended before it did. */
  greeted(): void;
  /** A handler has returned, or bytes have gone out: somebody may be waiting for that. */
  settled(): void;
  gone(connection: ServerConnection): void;
}

/** How long a closing server waits for its sockets to go, before it stops waiting. */
const closePatienceMs = 5_000;

/**
 * Makes a server. Nothing listens yet: add services with `implement`, then `listen`.
 * @throws TypeError or RangeError that names the option.
 */
export function createServer(options: ServerOptions = {}): Server {
  return new Server(options);
}

/** Serves interfaces to any number of clients. Made by `createServer`. */
export class Server {
  readonly #router = new Router();
  readonly #core: ServerCore;
  readonly #listener: Listener;
  readonly #drainTimeoutMs: number;
  readonly #connections = new Set<ServerConnection>();
  readonly #maxPending: number;
  #pending = 0;
  #state: "new" | "listening" | "leaving" | "closed" = "new";
  /** Sockets that are not gone yet, closing ones included. */
  #sockets = 0;
  #watchers = new Set<() => void>();
  #closing: Promise<void> | undefined;

  constructor(options: ServerOptions) {
    if (typeof options !== "object" || options === null)
      throw new TypeError(`createServer: options must be an object, got ${show(options)}`);
    const at = "createServer:";
    assertKnownKeys(options, `${at} options`, knownOptions);
    const {
      port = 0,
      host = "127.0.0.1",
      maxTimeoutMs = 300_000,
      streamIdleTimeoutMs = 300_000,
      stallTimeoutMs = defaultBacklog.stallTimeoutMs,
      drainTimeoutMs = 30_000,
    } = options;
    assertCount(port, `${at} port`, { min: 0, max: 65_535 });
    if (typeof host !== "string" || host === "")
      throw new TypeError(`${at} host must be an address such as 127.0.0.1, got ${show(host)}`);
    assertDuration(maxTimeoutMs, `${at} maxTimeoutMs`, { infinite: true });
    assertDuration(streamIdleTimeoutMs, `${at} streamIdleTimeoutMs`, { infinite: true });
    assertDuration(stallTimeoutMs, `${at} stallTimeoutMs`, { infinite: true });
    assertDuration(drainTimeoutMs, `${at} drainTimeoutMs`, { infinite: true });
    if (options.path !== undefined && (typeof options.path !== "string" || !options.path.startsWith("/"))) {
      throw new TypeError(`${at} path must start with a slash, got ${show(options.path)}`);
    }
    if (options.server !== undefined && typeof options.server?.on !== "function")
      throw new TypeError(`${at} server must be an http or https server`);
    if (options.server !== undefined && (options.port !== undefined || options.host !== undefined)) {
      throw new TypeError(`${at} give either server, or port and host: an attached server listens by itself`);
    }
    const logger = parseLogger(options.logger, at);
    const interceptors = parseInterceptors(options.interceptors, `${at} interceptors`);
    if (options.limits !== undefined && (typeof options.limits !== "object" || options.limits === null)) {
      throw new TypeError(`${at} limits must be an object, got ${show(options.limits)}`);
    }
    const { maxPendingConnections = 1024, maxBacklogBytes = defaultBacklog.maxBacklogBytes, ...rest } = options.limits ?? {};
    assertCount(maxPendingConnections, `${at} limits.maxPendingConnections`, { min: 1, max: 1_000_000 });
    assertCount(maxBacklogBytes, `${at} limits.maxBacklogBytes`, { min: 64 * 1024, max: 1024 * 1024 * 1024 });
    const limits = options.limits === undefined ? defaultLimits : parseLimits(rest, `${at} limits`);
    this.#maxPending = maxPendingConnections;
    const clock = options.clock ?? systemClock;
    const allowedOrigins = parseAllowedOrigins(options.allowedOrigins);
    this.#drainTimeoutMs = drainTimeoutMs;
    this.#listener =
      options.listener ??
      new WsListener({
        host,
        port,
        server: options.server,
        path: options.path,
        allowedOrigins,
        maxPayloadBytes: fixedLimits.webSocketMessageBytes,
      });
    const isLeaving = (): boolean => this.#state === "leaving" || this.#state === "closed";
    this.#core = {
      clock,
      wheel: new DeadlineWheel(clock),
      limits,
      heartbeat: parseHeartbeat(options.heartbeat, `${at} heartbeat`),
      backlog: { maxBacklogBytes, stallTimeoutMs },
      router: this.#router,
      invoker: new Invoker({ clock, logger, streamIdleMs: streamIdleTimeoutMs, newId: randomUUID, interceptors }),
      agent,
      instanceId: randomUUID(),
      get isLeaving() {
        return isLeaving();
      },
      deadline: (method, timeoutMs) => {
        const { kind } = method.descriptor;
        const asked = timeoutMs === 0 ? Number.POSITIVE_INFINITY : timeoutMs;
        return clock.now() + (kind === "unary" ? Math.min(asked, maxTimeoutMs) : asked);
      },
      fault: (error) =>
        logger.error(escapeForLog(`farcall: a connection was closed by a fault of the server: ${describeThrown(error)}`)),
      greeted: () => {
        this.#pending--;
      },
      settled: () => this.#settled(),
      gone: (connection) => {
        this.#connections.delete(connection);
        this.#settled();
      },
    };
  }

  /**
   * Serves `service` with `implementation`: an object, or an instance of a class, with one function per method.
   * @throws TypeError when a method is missing or the service is there already.
   */
  implement<Handler extends object>(service: ServiceDescriptor<unknown, Handler>, implementation: Handler): this {
    if (this.#state !== "new") throw new TypeError("implement: services are added before listen()");
    this.#router.add(service, implementation);
    return this;
  }

  /** Starts to accept connections. Rejects with the system's error when the address is taken. */
  async listen(): Promise<{ readonly url: string; readonly port: number }> {
    if (this.#state !== "new")
      throw new TypeError(`listen: this server is ${this.#state === "listening" ? "listening already" : "closed"}`);
    this.#state = "listening";
    try {
      const address = await this.#listener.listen((transport) => this.#accept(transport), {
        maxPending: this.#maxPending,
        pending: () => this.#pending,
      });
      if (this.#state !== "listening") throw new TypeError("listen: this server was closed meanwhile");
      return address;
    } catch (error) {
      if (this.#state === "listening") this.#state = "new";
      throw error;
    }
  }

  #accept(transport: Transport): TransportEvents {
    this.#pending++;
    const connection = new ServerConnection(this.#core, transport, randomUUID());
    this.#connections.add(connection);
    this.#sockets++;
    return {
      open: () => {},
      message: (bytes) => connection.message(bytes),
      pinged: () => connection.pinged(),
      drained: () => connection.drained(),
      closed: (info) => {
        this.#sockets--;
        connection.closed(info);
        this.#settled();
      },
    };
  }

  /** The peers that are connected now. */
  connections(): ConnectionInfo[] {
    return [...this.#connections].map((connection) => connection.info()).filter((info) => info !== undefined);
  }

  /**
   * Leaves without dropping work: takes no new connections and calls (callers learn that theirs did not run), lets what
   * runs finish and its answers go out, then closes. After `drainTimeoutMs` what still runs is aborted.
   */
  drain(): Promise<void> {
    return this.#leave(this.#drainTimeoutMs);
  }

  /** Closes now: what runs is aborted, its callers learn that the connection was lost. Resolves when all sockets are gone. */
  close(): Promise<void> {
    for (const connection of this.#connections) connection.close("the server is closing");
    return this.#leave(0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #leave(graceMs: number): Promise<void> {
    this.#closing ??= this.#close(graceMs);
    return this.#closing;
  }

  async #close(graceMs: number): Promise<void> {
    const wasListening = this.#state === "listening";
    this.#state = "leaving";
    const stopped = wasListening ? this.#listener.stop() : Promise.resolve();
    for (const connection of this.#connections) connection.leave("the server is leaving");
    if (graceMs > 0) await this.#until(() => [...this.#connections].every((connection) => connection.isQuiet), graceMs);
    for (const connection of this.#connections) connection.close("the server is closing");
    await this.#until(() => this.#sockets === 0, closePatienceMs);
    await Promise.race([stopped, this.#until(() => false, closePatienceMs)]);
    this.#core.wheel.stop();
    this.#state = "closed";
    this.#settled();
  }

  /** Waits until `condition` holds, looked at whenever something settles, or until `timeoutMs` has passed. */
  #until(condition: () => boolean, timeoutMs: number): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve) => {
      const finish = (): void => {
        timer?.cancel();
        this.#watchers.delete(look);
        resolve();
      };
      const look = (): void => {
        if (condition() || this.#state === "closed") finish();
      };
      const timer = timeoutMs === Number.POSITIVE_INFINITY ? undefined : this.#core.clock.setTimeout(finish, timeoutMs);
      this.#watchers.add(look);
    });
  }

  #settled(): void {
    if (this.#watchers.size === 0) return;
    for (const look of this.#watchers) look();
    // An answer just written leaves at the end of this turn.
    this.#core.clock.defer(() => {
      for (const look of this.#watchers) look();
    });
  }
}
