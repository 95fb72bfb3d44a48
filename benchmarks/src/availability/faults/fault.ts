import type { FleetServer } from "../fleet.js";
import type { ClientMessage } from "../messages.js";
import type { Plan } from "../plan.js";

/** What a fault can work with. */
export interface Scene {
  readonly servers: readonly FleetServer[];
  readonly plan: Plan;
  /** One of the servers, chosen by the seed. */
  readonly victim: FleetServer;
  /** Says that the fault strikes now. */
  readonly strike: () => void;
  readonly tellClient: (message: ClientMessage) => Promise<void>;
  /** Starts one server more; the client does not know of it yet. */
  readonly addServer: () => Promise<FleetServer>;
}

export interface Fault {
  readonly name: FaultName;
  readonly title: string;
  /** Servers there are when the load begins. */
  readonly servers: 2 | 3;
  /** Whether the client will be told of more. */
  readonly grows: boolean;
  /** Whether the client reaches the servers through a proxy each, for faults of the network. */
  readonly throughProxies: boolean;
  /** Does it, and undoes it. Resolves to the servers it was done to; none means all alike. */
  run(scene: Scene): Promise<readonly FleetServer[]>;
}

export const faultNames = ["kill", "freeze", "black-hole", "rolling", "cut", "slow", "added"] as const;
export type FaultName = (typeof faultNames)[number];

/** Faults in which a server says nothing any more, and nobody says that it is gone. */
export const silentFaults: readonly FaultName[] = ["freeze", "black-hole"];
