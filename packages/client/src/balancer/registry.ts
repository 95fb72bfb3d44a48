import { assertKnownKeys, type Random, show } from "@farcall/protocol";
import type { Balancer } from "./balancer.js";
import { ConsistentHash, type ConsistentHashOptions } from "./consistent-hash.js";
import { LeastPending } from "./least-pending.js";
import { P2cEwma } from "./p2c-ewma.js";
import { PickFirst } from "./pick-first.js";
import { RandomBalancer } from "./random.js";
import { RoundRobin } from "./round-robin.js";
import { WeightedRandom } from "./weighted-random.js";
import { WeightedRoundRobin } from "./weighted-round-robin.js";
import { ZoneAware } from "./zone-aware.js";

/** The policies that come with the client. `docs/guides/balancing.md` says when to use which. */
export type BalancerName =
  | "p2c-ewma"
  | "least-pending"
  | "round-robin"
  | "weighted-round-robin"
  | "random"
  | "weighted-random"
  | "consistent-hash"
  | "pick-first";

const makers: Readonly<Record<BalancerName, (random: Random) => Balancer>> = {
  "p2c-ewma": (random) => new P2cEwma(random),
  "least-pending": (random) => new LeastPending(random),
  "round-robin": () => new RoundRobin(),
  "weighted-round-robin": () => new WeightedRoundRobin(),
  random: (random) => new RandomBalancer(random),
  "weighted-random": (random) => new WeightedRandom(random),
  "consistent-hash": (random) => new ConsistentHash({ random }),
  "pick-first": () => new PickFirst(),
};

/** Made here: they keep to the contract of a balancer. */
const builtIn = new WeakSet<Balancer>();

/** Whether nothing needs to be checked of what this balancer picks. */
export function isBuiltIn(balancer: Balancer): boolean {
  return builtIn.has(balancer);
}

function make(name: BalancerName, random: Random): Balancer {
  const made = makers[name](random);
  builtIn.add(made);
  return made;
}

const names = Object.keys(makers) as readonly BalancerName[];

/** The policy of a client that names none. */
export const defaultBalancer: BalancerName = "p2c-ewma";

/**
 * A balancer by name, or the caller's own as it is; the default one for `undefined`.
 * @throws TypeError that says what a balancer is, and which name may have been meant.
 */
export function parseBalancer(given: unknown, where: string, random: Random): Balancer {
  if (given === undefined) return make(defaultBalancer, random);
  if (typeof given === "string") {
    if (Object.hasOwn(makers, given)) return make(given as BalancerName, random);
    const meant = closest(given);
    const hint = meant === undefined ? "" : ` Did you mean "${meant}"?`;
    throw new TypeError(`${where} ${show(given)} is not known.${hint} Known are ${names.join(", ")}`);
  }
  if (typeof given !== "object" || given === null) {
    throw new TypeError(`${where} must be the name of a balancer or a Balancer, got ${show(given)}`);
  }
  const { name, picker, needsWholeList = false } = given as Partial<Balancer>;
  if (typeof picker !== "function")
    throw new TypeError(`${where}.picker must be a function (ready) => Picker, got ${show(picker)}`);
  if (typeof name !== "string" || name === "")
    throw new TypeError(`${where}.name must say what it is, for messages; got ${show(name)}`);
  if (typeof needsWholeList !== "boolean")
    throw new TypeError(`${where}.needsWholeList must be true or false, got ${show(needsWholeList)}`);
  return given as Balancer;
}

/**
 * One of the client's own balancers, to build another on: `picker` of yours can hand its list, or a part of it, to this one's.
 * @throws TypeError for a name that is not known.
 */
export function createBalancer(name: BalancerName, random: Random = Math.random): Balancer {
  return parseBalancer(name, "createBalancer:", random);
}

/** Consistent hashing with settings of its own: `createClient(target, { balancer: consistentHash({ loadFactor: 2 }) })`. */
export function consistentHash(options: ConsistentHashOptions = {}): Balancer {
  return new ConsistentHash(options);
}

/** How calls are kept in a zone. */
export interface ZoneAwareOptions {
  /** Where this client runs, by the name that the resolver gives to zones. */
  readonly zone: string;
  /** Chooses within the zone, and among the others. Default `p2c-ewma`. */
  readonly balancer?: BalancerName | Balancer;
  /** Default `Math.random`. */
  readonly random?: Random;
}

/**
 * Prefers the client's own zone while it has room enough: `createClient(target, { balancer: zoneAware({ zone: "eu-1a" }) })`.
 * @throws TypeError that names the option.
 */
export function zoneAware(options: ZoneAwareOptions): Balancer {
  const at = "zoneAware:";
  if (typeof options !== "object" || options === null) {
    throw new TypeError(`${at} options must be an object with a zone, got ${show(options)}`);
  }
  assertKnownKeys(options, `${at} options`, ["zone", "balancer", "random"]);
  const { zone, random = Math.random } = options;
  if (typeof zone !== "string" || zone === "") throw new TypeError(`${at} zone must be the name of a zone, got ${show(zone)}`);
  if (typeof random !== "function") throw new TypeError(`${at} random must be a function, got ${show(random)}`);
  return new ZoneAware(zone, parseBalancer(options.balancer, `${at} balancer`, random), random);
}

/** The known name that `given` may be a slip of; `undefined` when it is like none. */
function closest(given: string): BalancerName | undefined {
  const wanted = given.toLowerCase().replaceAll(/[_\s]/g, "-");
  const [best] = names.map((name) => ({ name, edits: edits(wanted, name) })).sort((a, b) => a.edits - b.edits);
  return best !== undefined && best.edits <= 3 ? best.name : undefined;
}

/** Letters to add, remove or change to make `b` out of `a` (Levenshtein's distance). */
function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= Math.min(a.length, 64); i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
