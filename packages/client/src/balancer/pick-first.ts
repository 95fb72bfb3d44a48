import type { Balancer, BalancerEndpoint, Picker } from "./balancer.js";

/** The first of the list that is ready: one place for all calls while it lives, and spares in the order given. */
export class PickFirst implements Balancer {
  readonly name = "pick-first";

  picker(ready: readonly BalancerEndpoint[]): Picker {
    return { pick: (request) => ready.find((endpoint) => !request.excludes(endpoint)) };
  }
}
