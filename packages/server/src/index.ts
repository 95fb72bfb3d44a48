export {
  type CallContext,
  type Code,
  type Executed,
  FarcallError,
  type FarcallErrorOptions,
  type HeartbeatOptions,
  type Limits,
} from "@farcall/protocol";
export type { ConnectionInfo } from "./connection.js";
export type { Logger } from "./logger.js";
export { createServer, Server, type ServerOptions } from "./server.js";
