import type { Random } from "@farcall/protocol";
import type { Balancer, BalancerEndpoint, Picker } from "./balancer.js";
import { Draw } from "./draw.js";

/** Costs that differ by less than this factor are equal: single calls differ more than that, and shares follow weights then. */
const noise = 2;
/** Added to every latency, in milliseconds: below that, differences are those of event loops, not of endpoints. */
const floorMs = 0.25;
/** How often an endpoint that has nothing to do is tried although it costs too much: how else would it get better? */
const probeShare = 0.01;

/**
 * Draws two by weight and compares what a call costs there: latency times calls under way for its weight. The first drawn
 * is kept unless it costs more than twice as much, and then with the square of the odds, so that ten times the cost leaves
 * a twenty-fifth of the share: nobody is chased by a herd for being best by a hair. Where the latency of one of them is not
 * known, it counts as the other's. The second must be better off with this call, for its weight, than the first is.
 */
export class P2cEwma implements Balancer {
  readonly name = "p2c-ewma";
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  picker(ready: readonly BalancerEndpoint[]): Picker {
    const [only] = ready;
    if (only !== undefined && ready.length === 1) return { pick: (request) => (request.excludes(only) ? undefined : only) };
    const draw = new Draw(ready, this.#random);
    const meanWeight = ready.reduce((sum, endpoint) => sum + endpoint.weight, 0) / ready.length;
    return {
      pick: (request) => {
        const first = draw.next(request);
        const second = first && draw.next(request, first);
        if (first === undefined || second === undefined) return first;
        const ratio = slowness(first, second) * (crowd(first, meanWeight) / crowdWith(second, meanWeight));
        if (ratio <= noise) return first;
        const share = (noise / ratio) ** 2;
        return this.#random() < (first.pending === 0 ? Math.max(share, probeShare) : share) ? first : second;
      },
    };
  }
}

/** How many times slower `one` is than `other`. */
function slowness(one: BalancerEndpoint, other: BalancerEndpoint): number {
  const mine = one.latencyMs;
  const others = other.latencyMs;
  return mine === 0 || others === 0 ? 1 : (mine + floorMs) / (others + floorMs);
}

/** Calls under way for its weight, this one on top of them, and 1 when it is idle: idle endpoints are equal, whatever their weights. */
function crowd({ pending, weight, warmth }: BalancerEndpoint, meanWeight: number): number {
  return 1 + (pending * meanWeight) / (weight * warmth);
}

/** The same for whoever gets this call instead: a small one is not made to help a large one beyond its weight. */
function crowdWith({ pending, weight, warmth }: BalancerEndpoint, meanWeight: number): number {
  return Math.max(1, ((pending + 1) * meanWeight) / (weight * warmth));
}
