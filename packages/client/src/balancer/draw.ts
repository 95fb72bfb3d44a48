import type { Random } from "@farcall/protocol";
import { AliasTable } from "./alias-table.js";
import type { BalancerEndpoint, PickRequest } from "./balancer.js";

/** Draws before it looks through the whole list. */
const maxDraws = 8;

/** Draws endpoints by weight and warmth. One draw costs the same for ten endpoints and for a thousand. */
export class Draw {
  readonly #endpoints: readonly BalancerEndpoint[];
  readonly #table: AliasTable;
  readonly #random: Random;

  constructor(
    endpoints: readonly BalancerEndpoint[],
    random: Random,
    weightOf: (endpoint: BalancerEndpoint) => number = (endpoint) => endpoint.weight,
  ) {
    this.#endpoints = endpoints;
    this.#table = new AliasTable(endpoints.map(weightOf));
    this.#random = random;
  }

  /** An endpoint that `request` does not exclude and that is not `other`; `undefined` when there is none. */
  next(request: PickRequest, other?: BalancerEndpoint): BalancerEndpoint | undefined {
    const endpoints = this.#endpoints;
    if (endpoints.length === 0) return undefined;
    let cold: BalancerEndpoint | undefined;
    for (let i = 0; i < maxDraws; i++) {
      const drawn = endpoints[this.#table.draw(this.#random)] as BalancerEndpoint;
      if (drawn === other || request.excludes(drawn)) {
        if (endpoints.length <= 2) break;
        continue;
      }
      const { warmth } = drawn;
      if (warmth >= 1 || this.#random() < warmth) return drawn;
      cold = drawn;
    }
    return cold ?? this.#scan(request, other);
  }

  /** The first that will do, from a random place on, so that no neighbour of those that will not gets all their calls. */
  #scan(request: PickRequest, other: BalancerEndpoint | undefined): BalancerEndpoint | undefined {
    const endpoints = this.#endpoints;
    let at = Math.floor(this.#random() * endpoints.length);
    for (let i = 0; i < endpoints.length; i++) {
      const endpoint = endpoints[at] as BalancerEndpoint;
      if (endpoint !== other && !request.excludes(endpoint)) return endpoint;
      at = at + 1 === endpoints.length ? 0 : at + 1;
    }
    return undefined;
  }
}
