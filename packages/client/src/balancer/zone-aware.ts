import type { Random } from "@farcall/protocol";
import type { Balancer, BalancerEndpoint, Picker, PickRequest } from "./balancer.js";

/** How far a zone may be below its share of the fleet and still serve its own clients alone. */
const headroom = 1.4;

/**
 * Prefers endpoints of one zone while they have room enough, and sends the rest to the others. Enough means: the healthy
 * weight here, times 1.4, is at least the mean of all zones, since clients are taken to be spread over zones evenly. Half
 * of that and about half of the calls leave.
 */
export class ZoneAware implements Balancer {
  readonly name: string;
  readonly needsWholeList: boolean;
  readonly #zone: string;
  readonly #inner: Balancer;
  readonly #random: Random;

  constructor(zone: string, inner: Balancer, random: Random) {
    this.name = `zone-aware ${inner.name}`;
    this.needsWholeList = inner.needsWholeList === true;
    this.#zone = zone;
    this.#inner = inner;
    this.#random = random;
  }

  picker(ready: readonly BalancerEndpoint[]): Picker {
    const own = ready.filter((endpoint) => endpoint.zone === this.#zone);
    if (own.length === 0 || own.length === ready.length) return this.#inner.picker(ready);
    const others = ready.filter((endpoint) => endpoint.zone !== this.#zone);
    const zones = new Set(ready.map((endpoint) => endpoint.zone)).size;
    const needed = weightOf(ready) / zones / headroom;
    const here = this.#inner.picker(own);
    const there = this.#inner.picker(others);
    return {
      pick: (request) => {
        const share = healthyWeight(own, request) / needed;
        const stays = share >= 1 || this.#random() < share;
        return (stays ? here : there).pick(request) ?? (stays ? there : here).pick(request);
      },
    };
  }
}

function weightOf(endpoints: readonly BalancerEndpoint[]): number {
  return endpoints.reduce((sum, { weight }) => sum + weight, 0);
}

function healthyWeight(endpoints: readonly BalancerEndpoint[], request: PickRequest): number {
  let sum = 0;
  for (const endpoint of endpoints) if (!request.excludes(endpoint)) sum += endpoint.weight * endpoint.warmth;
  return sum;
}
