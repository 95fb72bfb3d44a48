import type { Balancer, BalancerEndpoint, Picker } from "./balancer.js";

/**
 * Turns by weight, evenly mixed: weights 5, 1, 1 give `a a b a c a a`, never five in a row (smooth weighted round robin,
 * as nginx does it). A pick takes time in proportion to the number of endpoints.
 */
export class WeightedRoundRobin implements Balancer {
  readonly name = "weighted-round-robin";
  /** What each endpoint is owed, in calls times total weight. Survives changes of the list. */
  readonly #credit = new WeakMap<BalancerEndpoint, number>();

  picker(ready: readonly BalancerEndpoint[]): Picker {
    return {
      pick: (request) => {
        let total = 0;
        let most = Number.NEGATIVE_INFINITY;
        let best: BalancerEndpoint | undefined;
        for (const endpoint of ready) {
          if (request.excludes(endpoint)) continue;
          const weight = endpoint.weight * endpoint.warmth;
          const credit = (this.#credit.get(endpoint) ?? 0) + weight;
          this.#credit.set(endpoint, credit);
          total += weight;
          if (credit > most) {
            most = credit;
            best = endpoint;
          }
        }
        if (best !== undefined) this.#credit.set(best, most - total);
        return best;
      },
    };
  }
}
