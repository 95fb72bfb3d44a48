export {
  type CallContext,
  type CallOptions,
  type ClientCall,
  type ClientInterceptor,
  type Code,
  type Executed,
  FarcallError,
  type FarcallErrorOptions,
  type HeartbeatOptions,
  type Logger,
  Metadata,
} from "@farcall/protocol";
export type { Balancer, BalancerEndpoint, Picker, PickRequest } from "./balancer/balancer.js";
export type { ConsistentHashOptions } from "./balancer/consistent-hash.js";
export { type BalancerName, consistentHash, createBalancer, type ZoneAwareOptions, zoneAware } from "./balancer/registry.js";
export type { ClientEvents, ClientState, EndpointInfo } from "./client-events.js";
export type { ClientLimits, ClientOptions } from "./client-options.js";
export type { ReconnectOptions } from "./connection/backoff.js";
export { Client, createClient } from "./create-client.js";
export { type DnsOptions, dnsResolver } from "./discovery/dns/factory.js";
export { type ManualResolver, manualResolver } from "./discovery/manual.js";
export type { Endpoint, Resolver, ResolverContext, ResolverFactory, ResolverListener } from "./discovery/resolver.js";
export type { Target } from "./discovery/target.js";
export type { GivenRetry, RetryBudgetOptions, RetryOptions } from "./retry/options.js";
export type { ClientTlsOptions, Pem } from "./socket/tls.js";
