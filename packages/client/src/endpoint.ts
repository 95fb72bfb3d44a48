import type { Clock, Code, MethodRef, Session } from "@farcall/protocol";
import type { BalancerEndpoint } from "./balancer/balancer.js";
import { countsAgainst, EndpointLoad } from "./balancer/endpoint-load.js";
import type { UsualLatency } from "./balancer/usual-latency.js";
import type { Connection } from "./connection/connection.js";
import type { ResolvedEndpoint } from "./discovery/endpoints.js";

/** One endpoint of a client: its address, its connection, and what is known about how it does. */
export class ClientEndpoint implements BalancerEndpoint {
  readonly id: string;
  readonly url: string;
  readonly connection: Connection;
  readonly load: EndpointLoad;
  readonly #clock: Clock;
  #described: ResolvedEndpoint;
  /** Since when it takes calls. */
  readySince: number | undefined;

  constructor(described: ResolvedEndpoint, connection: Connection, clock: Clock) {
    this.id = described.id;
    this.url = described.url;
    this.connection = connection;
    this.load = new EndpointLoad(clock);
    this.#clock = clock;
    this.#described = described;
  }

  /** What the resolver says of it now. */
  describe(described: ResolvedEndpoint): void {
    this.#described = described;
  }

  get weight(): number {
    return this.#described.weight;
  }

  get zone(): string | undefined {
    return this.#described.zone;
  }

  get metadata(): Readonly<Record<string, string>> {
    return this.#described.metadata;
  }

  get pending(): number {
    return this.load.pending;
  }

  get latencyMs(): number {
    return this.load.latencyMs;
  }

  get warmth(): number {
    return this.load.warmth;
  }

  /** The session that takes calls now, if there is one. */
  get session(): Session | undefined {
    return this.connection.session;
  }

  /** Whether a call of that service can go there now. */
  takes(service: string): boolean {
    return this.connection.takes(service);
  }

  /** How long it has taken calls, in milliseconds; 0 when it takes none. */
  get readyMs(): number {
    return this.readySince === undefined ? 0 : this.#clock.now() - this.readySince;
  }

  /** It takes calls, for the first time or with a new connection. `slowStart` when others carry the load already. */
  becameReady(slowStart: boolean): void {
    const now = this.#clock.now();
    this.readySince = now;
    this.load.ready(now, slowStart);
  }

  /** It takes no calls any more. */
  wentAway(): void {
    this.readySince = undefined;
  }
}

/** One attempt, as the load of its endpoint sees it: started, and ended once, whatever happens. */
export class Visit {
  readonly endpoint: ClientEndpoint;
  readonly startedAt: number;
  readonly #method: MethodRef;
  readonly #usual: UsualLatency<MethodRef>;
  /** How long a stream lasts, in either direction, says nothing about the endpoint. */
  readonly #isTimed: boolean;

  constructor(endpoint: ClientEndpoint, now: number, method: MethodRef, usual: UsualLatency<MethodRef>) {
    this.endpoint = endpoint;
    this.startedAt = now;
    this.#method = method;
    this.#usual = usual;
    this.#isTimed = method.descriptor.kind === "unary";
    if (this.#isTimed) endpoint.load.started(now, usual.of(method));
  }

  /** `code` is `undefined` for an attempt that was never sent. */
  end(now: number, code: Code | "OK" | undefined): void {
    if (!this.#isTimed) return;
    const { load } = this.endpoint;
    if (code === undefined) return load.cancelled(now, 0);
    const tookMs = now - this.startedAt;
    if (code === "OK") this.#usual.note(this.#method, tookMs);
    const levelMs = this.#usual.level(this.#method, tookMs);
    if (code === "CANCELLED" || code === "DEADLINE_EXCEEDED") load.cancelled(now, levelMs);
    else load.finished(now, levelMs, code !== "OK" && countsAgainst(code));
  }
}
