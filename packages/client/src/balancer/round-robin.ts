import type { Balancer, BalancerEndpoint, Picker, PickRequest } from "./balancer.js";

/** Each ready endpoint in turn. The turn goes on when endpoints come and go. */
export class RoundRobin implements Balancer {
  readonly name = "round-robin";
  #turn = 0;

  picker(ready: readonly BalancerEndpoint[]): Picker {
    return {
      pick: (request: PickRequest) => {
        for (let i = 0; i < ready.length; i++) {
          const endpoint = ready[this.#turn++ % ready.length] as BalancerEndpoint;
          if (!request.excludes(endpoint)) return endpoint;
        }
        return undefined;
      },
    };
  }
}
