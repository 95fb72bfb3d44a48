import {
  assertCount,
  assertDuration,
  assertKnownKeys,
  type ClientInterceptor,
  type Clock,
  type Connector,
  defaultLimits,
  fixedLimits,
  type HeartbeatOptions,
  type Limits,
  type Logger,
  parseHeartbeat,
  parseInterceptors,
  parseLimits,
  parseLogger,
  type Random,
  show,
  systemClock,
} from "@farcall/protocol";
import type { Balancer } from "./balancer/balancer.js";
import { type BalancerName, parseBalancer } from "./balancer/registry.js";
import { defaultSubsetSize } from "./balancer/subset.js";
import { parseReconnect, type ReconnectOptions } from "./connection/backoff.js";
import { dnsResolver } from "./discovery/dns/factory.js";
import { type Schemes, webSocketSchemes } from "./discovery/endpoints.js";
import type { ResolverFactory } from "./discovery/resolver.js";
import { parseResolvers } from "./discovery/target.js";
import { type GivenRetry, parseRetry, type RetryOptions } from "./retry/options.js";
import { parseHeaders } from "./socket/headers.js";
import { nodeConnector } from "./socket/node.js";
import { type ClientTlsOptions, parseTls } from "./socket/tls.js";

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
  /**
   * How calls choose among the endpoints that are ready. Default `p2c-ewma`: of two drawn by lot, the one where a call costs
   * less. `docs/guides/balancing.md` says when to use another, and how to write one.
   */
  readonly balancer?: BalancerName | Balancer;
  /** Resolvers for targets such as `consul://…`, besides the built-in ones. */
  readonly resolvers?: readonly ResolverFactory[];
  /**
   * Endpoints this client connects to, out of a longer list; each client has others. Default 20, or all with a balancer that
   * needs the whole list, as `consistent-hash` does. (gRPC proposal A68.)
   */
  readonly subsetSize?: number;
  /** What is sent again when it fails. */
  readonly retry?: GivenRetry;
  /** How long to wait between attempts to connect. */
  readonly reconnect?: Partial<ReconnectOptions>;
  /** When a silent server is asked for a sign of life, suspected, and given up. */
  readonly heartbeat?: Partial<HeartbeatOptions>;
  /** What this client accepts from its servers. `docs/guides/limits.md` lists the defaults. */
  readonly limits?: Partial<ClientLimits>;
  /**
   * How servers are checked, and what this client shows of itself (mutual TLS). Certificates that the system trusts need none of
   * this. With it every address has to be `wss://`: another one is refused, so that nothing leaves in the clear by mistake.
   */
  readonly tls?: ClientTlsOptions;
  /** Headers of the request that opens a connection, for what stands in between: a gateway, a load balancer. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Stand around every call, the first outermost. */
  readonly interceptors?: readonly ClientInterceptor[];
  /**
   * Whether calls made while a call is being served inherit its deadline, cancellation and trace by themselves. Default
   * true. It costs every promise of the process a little (AsyncLocalStorage), so a client that never serves may say false.
   */
  readonly contextPropagation?: boolean;
  /**
   * Where errors thrown by listeners and callbacks are reported, what is wrong with a resolver, and once for each outage why
   * calls have waited for a connection for 5 s. Default `console`.
   */
  readonly logger?: Logger;
  /** Dials in place of WebSocket; for tests and other carriers. */
  readonly connector?: Connector;
  /** Where the time comes from; for tests. */
  readonly clock?: Clock;
  /** Where chance comes from: numbers from 0 to less than 1; for tests. Default `Math.random`. */
  readonly random?: Random;
}

/** Schemes that need nothing to be installed. */
const builtInResolvers: readonly ResolverFactory[] = [dnsResolver()];

const knownOptions = [
  "timeoutMs",
  "connectTimeoutMs",
  "streamIdleTimeoutMs",
  "balancer",
  "resolvers",
  "subsetSize",
  "retry",
  "reconnect",
  "heartbeat",
  "limits",
  "tls",
  "headers",
  "interceptors",
  "contextPropagation",
  "logger",
  "connector",
  "clock",
  "random",
] as const satisfies readonly (keyof ClientOptions)[];

/** Options with everything filled in and checked. */
export interface ClientSetting {
  readonly timeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly streamIdleTimeoutMs: number;
  readonly balancer: Balancer;
  readonly factories: ReadonlyMap<string, ResolverFactory>;
  readonly subsetSize: number;
  readonly retry: RetryOptions;
  readonly reconnect: ReconnectOptions;
  readonly heartbeat: HeartbeatOptions;
  readonly limits: Limits;
  readonly maxQueuedCalls: number;
  readonly interceptors: readonly ClientInterceptor[];
  readonly contextPropagation: boolean;
  readonly logger: Logger;
  readonly connector: Connector;
  /** Schemes of addresses that may be dialled; any for a connector of the caller's own. */
  readonly schemes: Schemes;
  readonly clock: Clock;
  readonly random: Random;
}

/** @throws TypeError or RangeError that names what is wrong. */
export function parseClientOptions(options: ClientOptions): ClientSetting {
  const at = "createClient:";
  if (typeof options !== "object" || options === null)
    throw new TypeError(`${at} options must be an object, got ${show(options)}`);
  assertKnownKeys(options, `${at} options`, knownOptions);
  const { timeoutMs = 15_000, connectTimeoutMs = 10_000, streamIdleTimeoutMs = 300_000, contextPropagation = true } = options;
  assertDuration(timeoutMs, `${at} timeoutMs`, { infinite: true });
  assertDuration(connectTimeoutMs, `${at} connectTimeoutMs`);
  assertDuration(streamIdleTimeoutMs, `${at} streamIdleTimeoutMs`, { infinite: true });
  if (options.limits !== undefined && (typeof options.limits !== "object" || options.limits === null)) {
    throw new TypeError(`${at} limits must be an object, got ${show(options.limits)}`);
  }
  const { random = Math.random } = options;
  const balancer = parseBalancer(options.balancer, `${at} balancer`, random);
  if (options.subsetSize !== undefined) assertCount(options.subsetSize, `${at} subsetSize`, { min: 1, max: 10_000 });
  const subsetSize = options.subsetSize ?? (balancer.needsWholeList === true ? Number.POSITIVE_INFINITY : defaultSubsetSize);
  const { maxQueuedCalls = 10_000, ...rest } = options.limits ?? {};
  assertCount(maxQueuedCalls, `${at} limits.maxQueuedCalls`, { min: 0, max: 10_000_000 });
  if (typeof contextPropagation !== "boolean")
    throw new TypeError(`${at} contextPropagation must be true or false, got ${show(contextPropagation)}`);
  const { connector } = options;
  for (const name of ["tls", "headers"] as const) {
    if (options[name] !== undefined && connector !== undefined)
      throw new TypeError(`${at} ${name} has no effect on a connector of your own; leave one of the two out`);
  }
  const tls = parseTls(options.tls, `${at} tls`);
  const headers = parseHeaders(options.headers, `${at} headers`);
  return {
    timeoutMs,
    connectTimeoutMs,
    streamIdleTimeoutMs,
    balancer,
    factories: parseResolvers(options.resolvers, builtInResolvers, `${at} resolvers`),
    subsetSize,
    retry: parseRetry(options.retry, `${at} retry`),
    reconnect: parseReconnect(options.reconnect, `${at} reconnect`),
    heartbeat: parseHeartbeat(options.heartbeat, `${at} heartbeat`),
    limits: options.limits === undefined ? defaultLimits : parseLimits(rest, `${at} limits`, ["maxQueuedCalls"]),
    maxQueuedCalls,
    interceptors: parseInterceptors(options.interceptors, `${at} interceptors`),
    contextPropagation,
    logger: parseLogger(options.logger, at),
    connector: connector ?? nodeConnector({ maxPayloadBytes: fixedLimits.webSocketMessageBytes, tls, headers }),
    schemes: connector !== undefined ? "any" : tls === undefined ? webSocketSchemes : ["wss:"],
    clock: options.clock ?? systemClock,
    random,
  };
}
