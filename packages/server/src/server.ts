import { randomUUID } from "node:crypto";
import {
  agent,
  DeadlineWheel,
  describeThrown,
  escapeForLog,
  LoopMonitor,
  type ServiceDescriptor,
  show,
  type Transport,
  type TransportEvents,
} from "@farcall/protocol";
import { type ConnectionInfo, type DrainPlan, ServerConnection } from "./connection.js";
import type { ServerCore } from "./core.js";
import { Health } from "./health.js";
import { Invoker } from "./invoke.js";
import { type ParsedOptions, parseOptions, type ServerOptions } from "./options.js";
import { Router } from "./router.js";

/** How long a closing server waits for its sockets to go, before it stops waiting. */
const closePatienceMs = 5_000;

/**
 * Over how long clients come back: 125 connections a second are no herd. Those that were sent away take their time, unless an
 * option says so; those that lost us may have nobody else.
 */
const spread = { perConnectionMs: 8, leastMs: 1_000, mostMs: 30_000 };

/** What a server has counted since it was made. */
export interface ServerStats {
  /** Handlers that had not returned when their connection was closed by this side: 0 after a drain that was long enough. */
  readonly unfinishedCalls: number;
  /**
   * Calls that were dropped without running their handler: their deadline had passed, or their caller had given up, while they
   * waited for their turn, or may have while this process stood still.
   */
  readonly droppedCalls: number;
}

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
  readonly #options: ParsedOptions;
  readonly #connections = new Set<ServerConnection>();
  #pending = 0;
  #state: "new" | "listening" | "leaving" | "closed" = "new";
  /** Sockets that are not gone yet, closing ones included. */
  #sockets = 0;
  #running = 0;
  #runningCountedAt = Number.NEGATIVE_INFINITY;
  #watchers = new Set<() => void>();
  #closing: Promise<void> | undefined;
  #unfinishedCalls = 0;
  #droppedCalls = 0;

  constructor(options: ServerOptions) {
    const parsed = parseOptions(options);
    const { clock, logger, limits, heartbeat, backlog, maxTimeoutMs, streamIdleTimeoutMs, interceptors } = parsed;
    const { maxConnectionAgeMs, random } = parsed;
    this.#options = parsed;
    const monitor = new LoopMonitor(clock);
    const isLeaving = (): boolean => this.#state === "leaving" || this.#state === "closed";
    this.#core = {
      clock,
      wheel: new DeadlineWheel(clock),
      limits,
      heartbeat,
      backlog,
      monitor,
      router: this.#router,
      invoker: new Invoker({ clock, logger, streamIdleMs: streamIdleTimeoutMs, newId: randomUUID, interceptors }),
      health: new Health(),
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
      // So that connections that came together do not leave together.
      ageMs: () => maxConnectionAgeMs * (0.9 + 0.2 * random()),
      agedPlan: () => this.#plan(0),
      reconnectMs: () => this.#returnMs(),
      load: () => ({
        running: this.#runningCalls(),
        lagMs: Math.round(monitor.lagMs),
        reconnectMs: this.#returnMs(),
      }),
      dropped: () => {
        this.#droppedCalls++;
      },
      fault: (error) =>
        logger.error(escapeForLog(`farcall: a connection was closed by a fault of the server: ${describeThrown(error)}`)),
      greeted: () => {
        this.#pending--;
      },
      settled: () => this.#settled(),
      abandoned: (calls) => {
        this.#unfinishedCalls += calls;
      },
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
    this.#core.monitor.start();
    try {
      const address = await this.#options.listener.listen((transport) => this.#accept(transport), {
        maxPending: this.#options.maxPendingConnections,
        pending: () => this.#pending,
      });
      if (this.#state !== "listening") throw new TypeError("listen: this server was closed meanwhile");
      return address;
    } catch (error) {
      if (this.#state === "listening") {
        this.#state = "new";
        this.#core.monitor.stop();
      }
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

  /** What has been counted so far. */
  get stats(): ServerStats {
    return { unfinishedCalls: this.#unfinishedCalls, droppedCalls: this.#droppedCalls };
  }

  /**
   * Says whether a service is well: clients pass over a server whose service is not, and come back when it is. Calls that
   * come all the same are served. `service` is a descriptor or a wire name; the empty name stands for the whole server.
   * @throws TypeError when this server has no such service.
   */
  setHealth(service: ServiceDescriptor | string, isWell: boolean): void {
    const name = typeof service === "string" ? service : service?.name;
    if (typeof name !== "string") throw new TypeError(`setHealth: service must be a descriptor or a name, got ${show(service)}`);
    if (typeof isWell !== "boolean") throw new TypeError(`setHealth: isWell must be true or false, got ${show(isWell)}`);
    if (name !== "" && !this.#router.has(name))
      throw new TypeError(`setHealth: this server has no service named ${show(name)}; implement it first`);
    if (!this.#core.health.set(name, isWell)) return;
    for (const connection of this.#connections) connection.tellHealth({ [name]: isWell });
  }

  /**
   * Leaves without dropping work: stops to listen, tells every client to send its calls elsewhere, answers those that were
   * sent before the client knew, and closes each connection once nothing runs for it. After `drainTimeoutMs` what still
   * runs is aborted and answered with `UNAVAILABLE`. Another `drain` is the same one; `close` cuts it short.
   */
  drain(): Promise<void> {
    return this.#leave(true);
  }

  /** Closes now: what runs is aborted, its callers learn that the connection was lost. Resolves when all sockets are gone. */
  async close(): Promise<void> {
    const left = this.#leave(false);
    // Also those that a drain is still waiting for.
    for (const connection of this.#connections) connection.close("the server is closing");
    await left;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #leave(isDrain: boolean): Promise<void> {
    this.#closing ??= this.#close(isDrain);
    return this.#closing;
  }

  async #close(isDrain: boolean): Promise<void> {
    const wasListening = this.#state === "listening";
    this.#state = "leaving";
    const stopped = wasListening ? this.#options.listener.stop() : Promise.resolve();
    if (isDrain) {
      this.setHealth("", false);
      const plan = this.#plan(this.#spreadMs());
      for (const connection of this.#connections) connection.drain(plan);
      // Each leaves by itself, at the latest when its grace is over.
      await this.#until(() => this.#connections.size === 0, Number.POSITIVE_INFINITY);
    }
    for (const connection of this.#connections) connection.close("the server is closing");
    await this.#until(() => this.#sockets === 0, closePatienceMs);
    await Promise.race([stopped, this.#until(() => false, closePatienceMs)]);
    this.#core.wheel.stop();
    this.#core.monitor.stop();
    this.#state = "closed";
    this.#settled();
  }

  /** Handlers running on all connections; counted at most ten times a second, however often it is asked for. */
  #runningCalls(): number {
    const now = this.#core.clock.now();
    if (now - this.#runningCountedAt >= 100) {
      this.#runningCountedAt = now;
      this.#running = 0;
      for (const connection of this.#connections) this.#running += connection.runningCalls;
    }
    return this.#running;
  }

  /** How connections leave now. */
  #plan(reconnectMaxMs: number): DrainPlan {
    return { graceEndsAt: this.#core.clock.now() + this.#options.drainTimeoutMs, reconnectMinMs: 0, reconnectMaxMs };
  }

  #spreadMs(): number {
    const { reconnectSpreadMs } = this.#options;
    if (reconnectSpreadMs !== undefined) return Math.ceil(reconnectSpreadMs);
    return Math.max(this.#returnMs(), spread.leastMs);
  }

  #returnMs(): number {
    return Math.min(this.#connections.size * spread.perConnectionMs, spread.mostMs);
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
