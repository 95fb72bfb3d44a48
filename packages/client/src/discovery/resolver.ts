import type { Clock, Random } from "@farcall/protocol";

/** One address of a service, as a resolver tells it. */
export interface Endpoint {
  /** `ws://host:port/path` or `wss://…`. */
  readonly url: string;
  /** Names the instance behind the address, across updates. Default: the URL. Two endpoints of one list must not share it. */
  readonly id?: string | undefined;
  /** Share of the load relative to others. Above 0; default 1. */
  readonly weight?: number | undefined;
  /** Where it runs; balancers that know zones prefer their own. */
  readonly zone?: string | undefined;
  /**
   * Name of the service when `url` holds a bare address: sent as host name, and what a certificate must be made out to.
   * Default: the host of the URL.
   */
  readonly serverName?: string | undefined;
  /** Whatever else is known: versions, tags. For balancers of the user's own, and for people. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/** Where a resolver reports. Calls after `stop` are ignored. Neither method throws. */
export interface ResolverListener {
  /**
   * The whole list as it is now. A list that makes no sense is refused and reported; the last good one stays in use. One
   * that takes away more than half of the healthy endpoints at once is believed only after 30 s; what is new counts at once.
   */
  update(endpoints: readonly Endpoint[]): void;
  /** Looking failed. The last good list stays in use; the resolver goes on trying by itself. */
  failed(error: unknown): void;
}

/**
 * Finds the endpoints of one service and keeps looking. Three methods, so that a registry of one's own is a small class.
 * None of them may block; what they throw is reported like `failed`.
 */
export interface Resolver {
  /** Its lists are somebody's explicit wish: they are never doubted, however much they take away. Default false. */
  readonly isTrusted?: boolean;
  /** Begins to look. Called once. */
  start(listener: ResolverListener): void;
  /** A hint that the list may be out of date (a connection was lost). A resolver with a floor on its lookups keeps to it. */
  refresh(): void;
  /** Ends: no timer or socket is left. */
  stop(): void;
}

/** What a resolver gets from its client. */
export interface ResolverContext {
  readonly clock: Clock;
  readonly random: Random;
}

/** Makes resolvers for targets of its URL schemes: `createClient("dns://…", { resolvers: [dnsResolver()] })`. */
export interface ResolverFactory {
  /** Lower case, without colon: `["dns"]`. */
  readonly schemes: readonly string[];
  /** @throws TypeError that says what is wrong with `target`. */
  resolver(target: string, context: ResolverContext): Resolver;
}
