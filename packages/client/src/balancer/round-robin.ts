import type { Balancer, BalancerEndpoint, Picker, PickRequest } from "./balancer.js";

/** Each ready endpoint in turn, whatever its weight. The turn goes on when endpoints come and go. */
export class RoundRobin implements Balancer {
  readonly name = "round-robin";
  #turn = 0;
  /** What an endpoint that warms up has of its next call: it lets turns pass until that makes a whole one. */
  readonly #saved = new WeakMap<BalancerEndpoint, number>();

  picker(ready: readonly BalancerEndpoint[]): Picker {
    return {
      pick: (request: PickRequest) => {
        let cold: BalancerEndpoint | undefined;
        for (let i = 0; i < ready.length; i++) {
          const endpoint = ready[this.#turn++ % ready.length] as BalancerEndpoint;
          if (request.excludes(endpoint)) continue;
          if (endpoint.warmth >= 1 || this.#isItsTurn(endpoint)) return endpoint;
          cold ??= endpoint;
        }
        // All of them are cold, and a whole round has gone by: begin the next one with another.
        this.#turn++;
        return cold;
      },
    };
  }

  #isItsTurn(endpoint: BalancerEndpoint): boolean {
    const saved = (this.#saved.get(endpoint) ?? 0) + endpoint.warmth;
    this.#saved.set(endpoint, saved % 1);
    return saved >= 1;
  }
}
