import {
  agent,
  assertDuration,
  type Clock,
  DeadlineWheel,
  describeThrown,
  escapeForLog,
  FarcallError,
  type MethodRef,
  type ServiceDescriptor,
} from "@farcall/protocol";
import { EventEmitter } from "eventemitter3";
import { UsualLatency } from "./balancer/usual-latency.js";
import type { CallDefaults } from "./call.js";
import { Channel } from "./channel.js";
import type { ClientEvents, ClientState, EndpointInfo } from "./client-events.js";
import { type ClientOptions, type ClientSetting, parseClientOptions } from "./client-options.js";
import { Connection } from "./connection/connection.js";
import { installAsyncContext } from "./context/node.js";
import { Discovery } from "./discovery/discovery.js";
import type { ResolvedEndpoint } from "./discovery/endpoints.js";
import { resolverOf, type Target } from "./discovery/target.js";
import { FailureNotes } from "./explain.js";
import { RetryBudget } from "./retry/budget.js";
import type { RecentLatency } from "./retry/recent-latency.js";
import { createStub } from "./stub.js";

/**
 * Makes a client and starts to connect. `target` is a URL, a comma list, an array of URLs or endpoints, a URL that a resolver
 * claims (`dns://…`), or a resolver.
 * @throws TypeError or RangeError that names what is wrong with the target or an option.
 */
export function createClient(target: Target, options: ClientOptions = {}): Client {
  return new Client(target, options);
}

/** Calls services. Made by `createClient`. */
export class Client extends EventEmitter<ClientEvents> {
  readonly #channel: Channel;
  readonly #discovery: Discovery;
  readonly #defaults: CallDefaults;
  readonly #contracts = new Map<string, string>();
  readonly #notes = new FailureNotes(this.#contracts);
  readonly #wheel: DeadlineWheel;
  readonly #clock: Clock;
  readonly #report: (thrown: unknown) => void;
  #closing: Promise<void> | undefined;
  /** Ends the waits of `ready`. */
  readonly #readyWaits = new Set<(error?: FarcallError) => void>();

  constructor(target: Target, options: ClientOptions) {
    super();
    const setting = parseClientOptions(options);
    const { clock, logger, random, retry, limits, contextPropagation } = setting;
    if (contextPropagation) installAsyncContext();
    this.#report = (thrown) => logger.error(escapeForLog(`farcall: a listener or callback threw: ${describeThrown(thrown)}`));
    const warn = (text: string): void => logger.warn(escapeForLog(`farcall: ${text}`));
    this.#clock = clock;
    this.#wheel = new DeadlineWheel(clock);
    this.#channel = new Channel({
      balancer: setting.balancer,
      maxQueuedCalls: setting.maxQueuedCalls,
      subsetSize: setting.subsetSize,
      clientId: random().toString(36),
      clock,
      report: (fault) => logger.error(escapeForLog(`farcall: ${fault.message}`)),
      warn,
      connect: (endpoint) => this.#connection(endpoint, setting),
      events: {
        added: ({ id, url }) => this.#tell("endpointAdded", { id, url }),
        removed: ({ id, url }) => this.#tell("endpointRemoved", { id, url }),
      },
    });
    this.#defaults = {
      dispatch: {
        channel: this.#channel,
        clock,
        random,
        retry,
        budget: new RetryBudget(retry.budget, clock),
        usual: new UsualLatency(),
        notes: this.#notes,
      },
      clock,
      wheel: this.#wheel,
      timeoutMs: setting.timeoutMs,
      streamIdleTimeoutMs: setting.streamIdleTimeoutMs,
      windowBytes: limits.streamWindowBytes,
      interceptors: setting.interceptors,
      contextPropagation,
      latencies: new Map<MethodRef, RecentLatency>(),
      report: this.#report,
    };
    const context = { clock, random };
    this.#discovery = new Discovery({
      resolver: resolverOf(target, { factories: setting.factories, context, schemes: setting.schemes }),
      clock,
      schemes: setting.schemes,
      isHealthy: ({ id }) => this.#channel.endpoint(id)?.session !== undefined,
      update: (endpoints) => this.#channel.update(endpoints),
      failed: (cause) => this.#channel.resolverFailed(cause),
      warn,
    });
    this.#discovery.start();
  }

  #connection({ id, url, serverName }: ResolvedEndpoint, setting: ClientSetting): Connection {
    return new Connection({
      ...setting,
      url,
      serverName,
      wheel: this.#wheel,
      agent,
      contracts: () => Object.fromEntries(this.#contracts),
      isAlone: () => this.#channel.isAlone(id),
      events: {
        changed: () => this.#channel.changed(),
        connecting: (attempt) => this.#tell("connecting", { url, attempt }),
        ready: () => {
          this.#endWaits();
          this.#tell("ready", { url });
        },
        suspect: (silenceMs) => this.#tell("suspect", { url, silenceMs }),
        reconnecting: (info) => {
          this.#discovery.refresh();
          this.#tell("reconnecting", { url, ...info });
        },
        draining: (reason) => this.#tell("draining", { url, reason }),
        closed: (cause) => {
          if (this.state === "closed") this.#endWaits(cause);
          this.#tell("closed", { url, cause });
        },
        reported: ({ lagMs = 0 }) => this.#channel.endpoint(id)?.load.reported(setting.clock.now(), { lagMs }),
        released: () => this.#channel.flush(),
        fault: this.#report,
      },
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

  /** The best state of all endpoints. */
  get state(): ClientState {
    if (this.#closing !== undefined) return "closed";
    const order: readonly ClientState[] = ["ready", "suspect", "draining", "connecting", "reconnecting"];
    const states = this.endpoints().map((endpoint) => endpoint.state);
    return order.find((state) => states.includes(state)) ?? (states.length === 0 ? "connecting" : "closed");
  }

  /** All endpoints, in the order they became known. */
  endpoints(): EndpointInfo[] {
    return this.#channel.endpoints.map(({ id, url, zone, weight, pending, latencyMs, connection: { state } }) => {
      return { id, url, zone, weight, pending, latencyMs, state: state === "backoff" ? "reconnecting" : state };
    });
  }

  /**
   * What happened to a call that failed with `error`, in a few lines for people: each attempt, where, how long, and why there
   * was no other. @throws TypeError for anything but a FarcallError.
   */
  explain(error: unknown): string {
    return this.#notes.explain(error);
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
        this.#readyWaits.delete(finish);
        this.#channel.want(-1);
        if (error === undefined) resolve();
        else reject(error);
      };
      const expired = (): void => {
        const { cause } = this.#channel;
        const why = cause === undefined ? "" : `: ${cause.message}`;
        finish(
          new FarcallError("DEADLINE_EXCEEDED", `no endpoint became ready within ${timeoutMs} ms${why}`, {
            executed: "no",
            cause,
          }),
        );
      };
      const timer = timeoutMs === Number.POSITIVE_INFINITY ? undefined : this.#clock.setTimeout(expired, timeoutMs);
      this.#channel.want(1);
      this.#readyWaits.add(finish);
    });
  }

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
    this.#discovery.stop();
    const open = this.#channel.endpoints.filter(({ connection }) => connection.state !== "closed");
    await this.#channel.close(cause);
    this.#wheel.stop();
    for (const { url } of open) this.#tell("closed", { url, cause });
    this.#endWaits(cause);
  }

  /** Not by events: of their listeners one that throws keeps the others from hearing. */
  #endWaits(error?: FarcallError): void {
    for (const finish of this.#readyWaits) finish(error);
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
