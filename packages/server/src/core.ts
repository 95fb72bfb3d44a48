import type {
  BacklogOptions,
  Clock,
  DeadlineWheel,
  HeartbeatOptions,
  Limits,
  Load,
  LoopMonitor,
  MethodRef,
} from "@farcall/protocol";
import type { DrainPlan, ServerConnection } from "./connection.js";
import type { Health } from "./health.js";
import type { Invoker } from "./invoke.js";
import type { Router } from "./router.js";

/** What the connections of one server share. */
export interface ServerCore {
  readonly clock: Clock;
  readonly wheel: DeadlineWheel;
  readonly limits: Limits;
  readonly heartbeat: HeartbeatOptions;
  readonly backlog: BacklogOptions;
  readonly monitor: LoopMonitor;
  readonly router: Router;
  readonly invoker: Invoker;
  readonly health: Health;
  readonly agent: string;
  readonly instanceId: string;
  readonly isLeaving: boolean;
  deadline(method: MethodRef, timeoutMs: number): number;
  /** How old the next connection may become, in milliseconds. */
  ageMs(): number;
  /** How a connection leaves that has become so old. */
  agedPlan(): DrainPlan;
  /** Over how long the clients should spread their return when they lose this server without a farewell, in milliseconds. */
  reconnectMs(): number;
  /** What pongs say of this server. */
  load(): Load;
  /** A call was dropped before its handler ran. */
  dropped(): void;
  fault(error: unknown): void;
  /** A connection has said hello, or ended before it did. */
  greeted(): void;
  /** A handler has returned, or bytes have gone out: somebody may be waiting for that. */
  settled(): void;
  /** A connection was closed while so many handlers were still running for it. */
  abandoned(calls: number): void;
  gone(connection: ServerConnection): void;
}
