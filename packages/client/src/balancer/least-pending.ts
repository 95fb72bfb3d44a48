import type { Random } from "@farcall/protocol";
import type { Balancer, BalancerEndpoint, Picker } from "./balancer.js";
import { Draw } from "./draw.js";

/**
 * Draws two by weight and takes the one with fewer calls under way for its weight (power of two choices); the first drawn
 * when both have as many, which keeps the weights while little is going on.
 */
export class LeastPending implements Balancer {
  readonly name = "least-pending";
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  picker(ready: readonly BalancerEndpoint[]): Picker {
    const draw = new Draw(ready, this.#random);
    return {
      pick: (request) => {
        const first = draw.next(request);
        const second = first && draw.next(request, first);
        return second !== undefined && load(second) < load(first as BalancerEndpoint) ? second : first;
      },
    };
  }
}

function load({ pending, weight, warmth }: BalancerEndpoint): number {
  return pending / (weight * warmth);
}
