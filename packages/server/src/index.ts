export {
  type CallContext,
  type Code,
  type ContextKey,
  ContextValues,
  createContextKey,
  type Executed,
  FarcallError,
  type FarcallErrorOptions,
  type HeartbeatOptions,
  type Limits,
  type Logger,
  Metadata,
  type ServerCall,
  type ServerInterceptor,
} from "@farcall/protocol";
export type { ConnectionInfo } from "./connection.js";
export type { ServerLimits, ServerOptions } from "./options.js";
export { createServer, Server, type ServerStats } from "./server.js";
export { type DrainOnSignalsOptions, drainOnSignals, type SignalDrain } from "./signals.js";
