import type { Random } from "@farcall/protocol";
import type { Balancer, BalancerEndpoint, Picker } from "./balancer.js";
import { Draw } from "./draw.js";

/** Any ready endpoint, as likely as its weight says. */
export class WeightedRandom implements Balancer {
  readonly name = "weighted-random";
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  picker(ready: readonly BalancerEndpoint[]): Picker {
    const draw = new Draw(ready, this.#random);
    return { pick: (request) => draw.next(request) };
  }
}
