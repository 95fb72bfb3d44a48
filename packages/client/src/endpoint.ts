import type { Session } from "@farcall/protocol";
import type { BalancerEndpoint } from "./balancer/balancer.js";
import type { Connection } from "./connection/connection.js";

/** One endpoint of a client: its address and its connection. */
export class ClientEndpoint implements BalancerEndpoint {
  readonly id: string;
  readonly url: string;
  readonly zone = undefined;
  readonly metadata = {};
  readonly weight = 1;
  readonly warmth = 1;
  readonly latencyMs = 0;
  readonly connection: Connection;

  constructor(connection: Connection) {
    this.id = connection.url;
    this.url = connection.url;
    this.connection = connection;
  }

  get pending(): number {
    return this.session?.waitingCalls ?? 0;
  }

  get session(): Session | undefined {
    return this.connection.session;
  }
}
