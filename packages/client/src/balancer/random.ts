import type { Random } from "@farcall/protocol";
import type { Balancer, BalancerEndpoint, Picker } from "./balancer.js";
import { Draw } from "./draw.js";

/** Any ready endpoint, each as likely as the others; one that warms up less so. */
export class RandomBalancer implements Balancer {
  readonly name = "random";
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  picker(ready: readonly BalancerEndpoint[]): Picker {
    const draw = new Draw(ready, this.#random, () => 1);
    return { pick: (request) => draw.next(request) };
  }
}
