import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { assertCount, assertKnownKeys, type Clock, type Random, show, systemClock } from "@farcall/protocol";
import { Connection, faultless, type ProxiedConnection } from "./connection.js";
import {
  type AcceptPolicy,
  assertPolicy,
  type Direction,
  directions,
  type FaultRule,
  type Faults,
  noFaults,
  parseRule,
} from "./rule.js";

/** Everything has a default. Wrong values are refused by name. */
export interface FaultProxyOptions {
  /** Where to listen, on 127.0.0.1. Default 0: a port of the system's choice. */
  readonly port?: number;
  /** Kept per connection and direction, in bytes, before the sender is made to wait; one read more may come. Default 1 MiB. */
  readonly maxBufferedBytes?: number;
  /** Time and chance, for delays that a test moves itself. Default: the system's. */
  readonly clock?: Clock;
  readonly random?: Random;
}

/** A stretch of network between a client and a server, as bad as a test wants it. Knows TCP only: any protocol passes. */
export interface FaultProxy {
  /** The target's address with this proxy in its place: scheme and path are the target's. */
  readonly url: string;
  readonly port: number;
  /** Connections accepted so far, gone ones and those that were closed at once included. */
  readonly accepted: number;
  /** The connections there are, oldest first. One counts until both its sides are gone. */
  connections(): ProxiedConnection[];
  /**
   * Changes the faults of all connections, those that are open and those that come.
   * @throws TypeError or RangeError that names the field.
   */
  fault(rule: FaultRule): void;
  /** Resets every open connection now (RST, both sides). New ones are accepted as before. */
  cut(): void;
  /**
   * What becomes of new connections: `forward` (at first); `silence`: accepted, then a black hole in both directions;
   * `close`: accepted and closed at once; `refuse`: nobody listens. Open connections do not notice. Resolves when it holds.
   * @throws TypeError for any other policy. Rejects when another process has taken the port after `refuse`.
   */
  accept(policy: AcceptPolicy): Promise<void>;
  /** No faults any more: what was held back goes on, new connections are forwarded. Resolves when it holds. */
  heal(): Promise<void>;
  /** Drops every connection and stops to listen. Resolves when no socket and no timer is left. Safe to call twice. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts a proxy in front of `target`, such as `ws://127.0.0.1:4000` or `tcp://127.0.0.1:50051`.
 * @throws TypeError or RangeError that names what is wrong with the target or an option. Rejects when the port is taken.
 */
export async function createFaultProxy(target: string, options: FaultProxyOptions = {}): Promise<FaultProxy> {
  const at = "createFaultProxy:";
  const address = parseTarget(target, at);
  if (typeof options !== "object" || options === null) {
    throw new TypeError(`${at} options must be an object, got ${show(options)}`);
  }
  assertKnownKeys(options, `${at} options`, ["port", "maxBufferedBytes", "clock", "random"]);
  const { port = 0, maxBufferedBytes = 1024 * 1024, clock = systemClock, random = Math.random } = options;
  assertCount(port, `${at} port`, { min: 0, max: 65_535 });
  assertCount(maxBufferedBytes, `${at} maxBufferedBytes`, { min: 1, max: Number.MAX_SAFE_INTEGER });
  if (typeof clock?.setTimeout !== "function") throw new TypeError(`${at} clock must be a clock, got ${show(clock)}`);
  if (typeof random !== "function") throw new TypeError(`${at} random must be a function, got ${show(random)}`);
  const proxy = new LoopbackProxy({ url: address, port, maxBufferedBytes, clock, random });
  await proxy.accept("forward");
  return proxy;
}

interface ProxyOptions extends Required<FaultProxyOptions> {
  readonly url: URL;
}

class LoopbackProxy implements FaultProxy {
  readonly #options: ProxyOptions;
  readonly #faults: Record<Direction, Faults> = { ...faultless };
  readonly #connections = new Set<Connection>();
  /** Those that listen, and those that did and have connections still. */
  readonly #servers = new Set<Server>();
  #listening: Server | undefined;
  #policy: AcceptPolicy = "forward";
  #port: number;
  #accepted = 0;
  /** Listening begins and ends in the order in which it was asked for. */
  #turn: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(options: ProxyOptions) {
    this.#options = options;
    this.#port = options.port;
  }

  get url(): string {
    const { protocol, pathname, search } = this.#options.url;
    return `${protocol}//127.0.0.1:${this.#port}${pathname === "/" ? "" : pathname}${search}`;
  }

  get port(): number {
    return this.#port;
  }

  get accepted(): number {
    return this.#accepted;
  }

  connections(): ProxiedConnection[] {
    return [...this.#connections];
  }

  fault(rule: FaultRule): void {
    const { about, faults } = parseRule(rule, "proxy.fault");
    this.#change(about, faults);
  }

  cut(): void {
    for (const connection of this.#connections) connection.cut();
  }

  async accept(policy: AcceptPolicy): Promise<void> {
    assertPolicy(policy, "proxy.accept");
    const turn = this.#turn.then(() => this.#follow(policy));
    this.#turn = turn.catch(() => {});
    await turn;
  }

  async heal(): Promise<void> {
    this.#change(directions, noFaults);
    await this.accept("forward");
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #change(about: readonly Direction[], faults: Partial<Faults>): void {
    for (const direction of about) this.#faults[direction] = { ...this.#faults[direction], ...faults };
    for (const connection of this.#connections) connection.change(about, faults);
  }

  async #follow(policy: AcceptPolicy): Promise<void> {
    if (this.#closing !== undefined) throw new Error("proxy.accept: the proxy is closed");
    if (policy !== "refuse" && this.#listening === undefined) await this.#listen();
    this.#policy = policy;
    if (policy !== "refuse") return;
    this.#listening?.close();
    this.#listening = undefined;
  }

  async #listen(): Promise<void> {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (socket) => this.#take(socket));
    server.listen({ host: "127.0.0.1", port: this.#port });
    await once(server, "listening");
    this.#port = (server.address() as AddressInfo).port;
    this.#listening = server;
    this.#servers.add(server);
    server.on("close", () => this.#servers.delete(server));
  }

  #take(client: Socket): void {
    this.#accepted++;
    if (this.#policy === "close" || this.#policy === "refuse" || this.#closing !== undefined) {
      client.on("error", () => {});
      client.destroy();
      return;
    }
    const silent: Faults = { ...noFaults, blackHole: true };
    const { url, clock, random, maxBufferedBytes } = this.#options;
    const connection = new Connection({
      id: this.#accepted,
      client,
      target: { host: hostOf(url), port: portOf(url) },
      clock,
      random,
      maxBufferedBytes,
      faults: this.#policy === "silence" ? { upstream: silent, downstream: silent } : this.#faults,
    });
    this.#connections.add(connection);
    void connection.gone.then(() => this.#connections.delete(connection));
  }

  async #close(): Promise<void> {
    await this.#turn;
    this.#listening?.close();
    const stopped = [...this.#servers].map((server) => once(server, "close"));
    const gone = [...this.#connections].map((connection) => connection.gone);
    for (const connection of this.#connections) connection.destroy();
    await Promise.all([...stopped, ...gone]);
  }
}

/** @throws TypeError that quotes the target. */
function parseTarget(target: string, at: string): URL {
  if (typeof target !== "string") throw new TypeError(`${at} the target must be a URL, got ${show(target)}`);
  const url = URL.canParse(target) ? new URL(target) : undefined;
  if (url === undefined || hostOf(url) === "" || Number.isNaN(portOf(url)) || portOf(url) === 0) {
    throw new TypeError(`${at} the target must be a URL with host and port, such as "ws://127.0.0.1:4000", got ${show(target)}`);
  }
  return url;
}

function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, "$1");
}

function portOf({ port, protocol }: URL): number {
  return port === "" ? (defaultPorts.get(protocol) ?? Number.NaN) : Number(port);
}

const defaultPorts: ReadonlyMap<string, number> = new Map([
  ["ws:", 80],
  ["http:", 80],
  ["wss:", 443],
  ["https:", 443],
]);
