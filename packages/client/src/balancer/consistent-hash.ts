import { assertKnownKeys, type Random, show } from "@farcall/protocol";
import type { Balancer, BalancerEndpoint, Picker, PickRequest } from "./balancer.js";
import { hashText, mix } from "./hash.js";
import { P2cEwma } from "./p2c-ewma.js";

/** How keys are spread. */
export interface ConsistentHashOptions {
  /**
   * How many times its even share of the calls under way an endpoint may have before calls for its keys go on to the next
   * one. Above 1; `Infinity` keeps a key in its place whatever happens there. Default 1.25.
   */
  readonly loadFactor?: number;
  /** For calls without a key, which are balanced by `p2c-ewma`. Default `Math.random`. */
  readonly random?: Random;
}

/**
 * Sends calls of one key (`@key` in the contract) to one endpoint, so that what it keeps in memory is of use. Every endpoint
 * has a score for the key and the highest takes it, so when one goes only its keys move, each to its own next (rendezvous
 * hashing). An endpoint that has too much to do hands calls on (bounded loads, Mirrokni and others). All clients must know
 * the same endpoints, or they will not agree. A pick takes time in proportion to the number of endpoints.
 */
export class ConsistentHash implements Balancer {
  readonly name = "consistent-hash";
  readonly needsWholeList = true;
  readonly #loadFactor: number;
  readonly #withoutKey: P2cEwma;

  /** @throws TypeError or RangeError that names the option. */
  constructor(options: ConsistentHashOptions = {}) {
    const at = "consistentHash:";
    if (typeof options !== "object" || options === null)
      throw new TypeError(`${at} options must be an object, got ${show(options)}`);
    assertKnownKeys(options, `${at} options`, ["loadFactor", "random"]);
    const { loadFactor = 1.25, random = Math.random } = options;
    if (typeof loadFactor !== "number") throw new TypeError(`${at} loadFactor must be a number, got ${show(loadFactor)}`);
    if (!(loadFactor > 1))
      throw new RangeError(`${at} loadFactor must be above 1 (1.25 allows a quarter more), got ${show(loadFactor)}`);
    if (typeof random !== "function") throw new TypeError(`${at} random must be a function, got ${show(random)}`);
    this.#loadFactor = loadFactor;
    this.#withoutKey = new P2cEwma(random);
  }

  picker(ready: readonly BalancerEndpoint[]): Picker {
    const withoutKey = this.#withoutKey.picker(ready);
    const places = new Places(ready, this.#loadFactor);
    return { pick: (request) => (request.key === undefined ? withoutKey.pick(request) : places.pick(request, request.key)) };
  }
}

/** Where the keys belong among the endpoints of one picker. */
class Places {
  readonly #endpoints: readonly BalancerEndpoint[];
  readonly #loadFactor: number;
  readonly #seeds: Uint32Array;
  readonly #isEven: boolean;

  constructor(endpoints: readonly BalancerEndpoint[], loadFactor: number) {
    this.#endpoints = endpoints;
    this.#loadFactor = loadFactor;
    this.#seeds = Uint32Array.from(endpoints, ({ id }) => hashText(id));
    this.#isEven = endpoints.every(({ weight }) => weight === endpoints[0]?.weight);
  }

  pick(request: PickRequest, key: string): BalancerEndpoint | undefined {
    const hash = hashText(key);
    const home = this.#best(hash, () => true);
    // An idle endpoint is never above its share: most calls end here.
    if (home === undefined || (home.pending === 0 && !request.excludes(home))) return home;
    const perWeight = this.#callsPerWeight();
    return (
      this.#best(
        hash,
        (endpoint) => endpoint.pending < Math.ceil(perWeight * endpoint.weight * endpoint.warmth) && !request.excludes(endpoint),
      ) ?? this.#best(hash, (endpoint) => !request.excludes(endpoint))
    );
  }

  /** The endpoint with the highest score for a key, of those that may have it. */
  #best(hash: number, mayTake: (endpoint: BalancerEndpoint) => boolean): BalancerEndpoint | undefined {
    let most = Number.NEGATIVE_INFINITY;
    let best: BalancerEndpoint | undefined;
    for (let i = 0; i < this.#endpoints.length; i++) {
      const endpoint = this.#endpoints[i] as BalancerEndpoint;
      const score = this.#score(hash ^ (this.#seeds[i] as number), endpoint.weight);
      if (score > most && mayTake(endpoint)) {
        most = score;
        best = endpoint;
      }
    }
    return best;
  }

  /** The chance that this is the highest score is in proportion to the weight, whoever else there is. */
  #score(hash: number, weight: number): number {
    const drawn = mix(hash);
    return this.#isEven ? drawn : -weight / Math.log((drawn + 0.5) / 2 ** 32);
  }

  /** Calls that an endpoint may have for each unit of its weight, this call counted. */
  #callsPerWeight(): number {
    let calls = 1;
    let weight = 0;
    for (const endpoint of this.#endpoints) {
      calls += endpoint.pending;
      weight += endpoint.weight * endpoint.warmth;
    }
    return (this.#loadFactor * calls) / weight;
  }
}
