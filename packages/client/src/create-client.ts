import {
  agent,
  assertCount,
  assertDuration,
  assertKnownKeys,
  type ClientInterceptor,
  type Clock,
  type Connector,
  DeadlineWheel,
  defaultLimits,
  describeThrown,
  escapeForLog,
  FarcallError,
  fixedLimits,
  type HeartbeatOptions,
  type Limits,
  type Logger,
  parseHeartbeat,
  parseInterceptors,
  parseLimits,
  parseLogger,
  type Random,
  type ServiceDescriptor,
  show,
  systemClock,
} from "@farcall/protocol";
import { EventEmitter } from "eventemitter3";
import { RoundRobin } from "./balancer/round-robin.js";
import type { CallDefaults } from "./call.js";
import { Channel } from "./channel.js";
import { parseReconnect, type ReconnectOptions } from "./connection/backoff.js";
import { Connection } from "./connection/connection.js";
import { installAsyncContext } from "./context/node.js";
import { parseTarget } from "./discovery/static.js";
import { nodeConnector } from "./socket/node.js";
import { createStub } from "./stub.js";

/** What a client accepts from its servers, and how much it keeps for them. */
export interface ClientLimits extends Limits {
  /** Calls that may wait for a connection; one more fails with `RESOURCE_EXHAUSTED`. Default 10 000. */
  readonly maxQueuedCalls: number;
}

/** Everything has a safe default. Wrong values are refused here, by name. */
export interface ClientOptions {
  /** Deadline of unary calls that name none, in milliseconds. Default 15 000; `Infinity` for none. */
  readonly timeoutMs?: number;
  /** Longest time from dialling to welcome, in milliseconds. Default 10 000. */
  readonly connectTimeoutMs?: number;
  /** Longest wait, in milliseconds, for a server that takes nothing from a stream of arguments. Default 300 000. */
  readonly streamIdleTimeoutMs?: number;
  readonly reconnect?: Partial<ReconnectOptions>;
  readonly heartbeat?: Partial<HeartbeatOptions>;
  readonly limits?: Partial<ClientLimits>;
  /** Stand around every call, the first outermost. */
  readonly interceptors?: readonly ClientInterceptor[];
  /**
   * Whether calls made while a call is being served inherit its deadline, cancellation and trace by themselves. Default
   * true. It costs every promise of the process a little (AsyncLocalStorage), so a client that never serves may say false.
   */
  readonly contextPropagation?: boolean;
  /** Where errors thrown by listeners and callbacks are reported. Default `console`. */
  readonly logger?: Logger;
  /** Dials in place of WebSocket; for tests and other carriers. */
  readonly connector?: Connector;
  /** Time and chance; for tests. */
  readonly clock?: Clock;
  readonly random?: Random;
}

const knownOptions = [
  "timeoutMs",
  "connectTimeoutMs",
  "streamIdleTimeoutMs",
  "reconnect",
  "heartbeat",
  "limits",
  "interceptors",
  "contextPropagation",
  "logger",
  "connector",
  "clock",
  "random",
] as const satisfies readonly (keyof ClientOptions)[];

/** What a client tells while it lives. Each event names the endpoint it is about. */
export interface ClientEvents {
  /** An attempt to connect begins; `attempt` is 0 for the first one. */
  connecting: [{ readonly url: string; readonly attempt: number }];
  /** An endpoint takes calls. */
  ready: [{ readonly url: string }];
  /** A connection or an attempt was lost; the next attempt comes after `delayMs`. */
  reconnecting: [{ readonly url: string; readonly attempt: number; readonly delayMs: number; readonly cause: FarcallError }];
  /** A server takes no more calls on this connection; those under way go on. */
  draining: [{ readonly url: string; readonly reason: string }];
  /** The client is closed, or an endpoint has refused us for good. */
  closed: [{ readonly url: string; readonly cause: FarcallError }];
}

/** The best state of all endpoints. */
export type ClientState = "connecting" | "ready" | "draining" | "reconnecting" | "closed";

/** One endpoint and how it stands. */
export interface EndpointInfo {
  readonly url: string;
  readonly state: ClientState;
}

/**
 * Makes a client and starts to connect. `target` is a URL, a comma list, or an array of URLs.
 * @throws TypeError or RangeError that names what is wrong with the target or an option.
 */
export function createClient(target: string | readonly string[], options: ClientOptions = {}): Client {
  return new Client(target, options);
}

/** Calls services. Made by `createClient`. */
export class Client extends EventEmitter<ClientEvents> {
  readonly #channel: Channel;
  readonly #defaults: CallDefaults;
  readonly #contracts = new Map<string, string>();
  readonly #wheel: DeadlineWheel;
  readonly #clock: Clock;
  readonly #report: (thrown: unknown) => void;
  #closing: Promise<void> | undefined;

  constructor(target: string | readonly string[], options: ClientOptions) {
    super();
    const at = "createClient:";
    const endpoints = parseTarget(target, options?.connector !== undefined);
    if (typeof options !== "object" || options === null)
      throw new TypeError(`${at} options must be an object, got ${show(options)}`);
    assertKnownKeys(options, `${at} options`, knownOptions);
    const { timeoutMs = 15_000, connectTimeoutMs = 10_000, streamIdleTimeoutMs = 300_000 } = options;
    assertDuration(timeoutMs, `${at} timeoutMs`, { infinite: true });
    assertDuration(connectTimeoutMs, `${at} connectTimeoutMs`);
    assertDuration(streamIdleTimeoutMs, `${at} streamIdleTimeoutMs`, { infinite: true });
    if (options.limits !== undefined && (typeof options.limits !== "object" || options.limits === null)) {
      throw new TypeError(`${at} limits must be an object, got ${show(options.limits)}`);
    }
    const { maxQueuedCalls = 10_000, ...rest } = options.limits ?? {};
    assertCount(maxQueuedCalls, `${at} limits.maxQueuedCalls`, { min: 0, max: 10_000_000 });
    const limits = options.limits === undefined ? defaultLimits : parseLimits(rest, `${at} limits`);
    const heartbeat = parseHeartbeat(options.heartbeat, `${at} heartbeat`);
    const reconnect = parseReconnect(options.reconnect, `${at} reconnect`);
    const interceptors = parseInterceptors(options.interceptors, `${at} interceptors`);
    const { contextPropagation = true } = options;
    if (typeof contextPropagation !== "boolean")
      throw new TypeError(`${at} contextPropagation must be true or false, got ${show(contextPropagation)}`);
    if (contextPropagation) installAsyncContext();
    const logger = parseLogger(options.logger, at);
    const report = (thrown: unknown): void =>
      logger.error(escapeForLog(`farcall: a listener or callback threw: ${describeThrown(thrown)}`));
    this.#report = report;
    const connector = options.connector ?? nodeConnector({ maxPayloadBytes: fixedLimits.webSocketMessageBytes });
    const clock = options.clock ?? systemClock;
    const random = options.random ?? Math.random;
    const wheel = new DeadlineWheel(clock);
    this.#clock = clock;
    this.#wheel = wheel;
    this.#channel = new Channel({ balancer: new RoundRobin(), maxQueuedCalls });
    this.#defaults = {
      channel: this.#channel,
      clock,
      wheel,
      timeoutMs,
      streamIdleTimeoutMs,
      windowBytes: limits.streamWindowBytes,
      interceptors,
      contextPropagation,
      report,
    };
    for (const { url } of endpoints) {
      const connection = new Connection({
        url,
        connector,
        clock,
        random,
        wheel,
        limits,
        heartbeat,
        reconnect,
        connectTimeoutMs,
        agent,
        contracts: () => Object.fromEntries(this.#contracts),
        events: {
          changed: () => this.#channel.changed(),
          connecting: (attempt) => this.#tell("connecting", { url, attempt }),
          ready: () => this.#tell("ready", { url }),
          reconnecting: (info) => this.#tell("reconnecting", { url, ...info }),
          draining: (reason) => this.#tell("draining", { url, reason }),
          closed: (cause) => this.#tell("closed", { url, cause }),
          released: () => this.#channel.flush(),
          fault: report,
        },
      });
      this.#channel.add(connection);
    }
    // In a later turn, so that whoever made this client can listen first.
    clock.defer(() => {
      if (this.#closing === undefined) for (const connection of this.#channel.connections) connection.start();
    });
  }

  /** The stub of a service: one function per method, and `with(options)`. Making one costs nothing on the wire. */
  service<Stub>(service: ServiceDescriptor<Stub>): Stub {
    if (!((service as ServiceDescriptor | undefined)?.methods instanceof Map)) {
      throw new TypeError("client.service: the argument must be a service descriptor from a generated file");
    }
    this.#contracts.set(service.name, service.fingerprint);
    return createStub(service, this.#defaults) as Stub;
  }

  get state(): ClientState {
    const order: readonly ClientState[] = ["ready", "draining", "connecting", "reconnecting"];
    const states = this.endpoints().map((endpoint) => endpoint.state);
    return order.find((state) => states.includes(state)) ?? "closed";
  }

  /** All endpoints, in the order they were given. */
  endpoints(): EndpointInfo[] {
    return this.#channel.connections.map(({ url, state }) => ({ url, state: state === "backoff" ? "reconnecting" : state }));
  }

  /** Calls that wait for a connection. */
  get queuedCalls(): number {
    return this.#channel.queuedCalls;
  }

  /**
   * Resolves once an endpoint takes calls. Rejects with `DEADLINE_EXCEEDED` after `timeoutMs` (default 15 000), and with
   * `UNAVAILABLE` when no endpoint can become ready any more.
   */
  async ready(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    const { timeoutMs = 15_000 } = options;
    assertDuration(timeoutMs, "client.ready: timeoutMs", { infinite: true });
    if (this.state === "ready") return;
    if (this.state === "closed") throw this.#closing === undefined ? this.#channel.unavailable() : closedError();
    await new Promise<void>((resolve, reject) => {
      const finish = (error?: FarcallError): void => {
        timer?.cancel();
        this.off("ready", onReady);
        this.off("closed", onClosed);
        this.#wantReady--;
        for (const connection of this.#channel.connections) connection.want(this.#wantReady > 0 || this.queuedCalls > 0);
        if (error === undefined) resolve();
        else reject(error);
      };
      const onReady = (): void => finish();
      const onClosed = ({ cause }: { readonly cause: FarcallError }): void => {
        if (this.state === "closed") finish(cause);
      };
      const expired = (): void => {
        const cause = this.#channel.connections.map((connection) => connection.cause).find((one) => one !== undefined);
        const why = cause === undefined ? "" : `: ${cause.message}`;
        finish(
          new FarcallError("DEADLINE_EXCEEDED", `no endpoint became ready within ${timeoutMs} ms${why}`, {
            executed: "no",
            cause,
          }),
        );
      };
      const timer = timeoutMs === Number.POSITIVE_INFINITY ? undefined : this.#clock.setTimeout(expired, timeoutMs);
      this.#wantReady++;
      for (const connection of this.#channel.connections) connection.want(true);
      this.on("ready", onReady);
      this.on("closed", onClosed);
      if (this.#closing !== undefined) finish(closedError());
    });
  }
  #wantReady = 0;

  /** Calls without an answer settle with `CANCELLED`; resolves when every socket is gone. Safe to call twice. */
  close(): Promise<void> {
    if (this.#closing === undefined) {
      // Said before anything runs: settling calls runs user code, which may close again.
      const { promise, resolve } = withResolvers();
      this.#closing = promise;
      resolve(this.#close());
    }
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    const cause = closedError();
    const open = this.#channel.connections.filter((connection) => connection.state !== "closed");
    await this.#channel.close(cause);
    this.#wheel.stop();
    for (const { url } of open) this.#tell("closed", { url, cause });
  }

  /** A listener that throws is reported, and changes nothing for the connection. */
  #tell<Name extends keyof ClientEvents>(name: Name, payload: ClientEvents[Name][0]): void {
    try {
      (this as EventEmitter).emit(name, payload);
    } catch (error) {
      this.#report(error);
    }
  }
}

function closedError(): FarcallError {
  return new FarcallError("CANCELLED", "the client is closed", { executed: "no" });
}

/** `Promise.withResolvers`, which Node 20 does not have. */
function withResolvers(): { readonly promise: Promise<void>; readonly resolve: (value: Promise<void>) => void } {
  let resolve!: (value: Promise<void>) => void;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
