import type { Clock, Random, Timer } from "@farcall/protocol";
import { seeded } from "../seeded.spec.support.js";
import type { Balancer, BalancerEndpoint, Picker, PickRequest } from "./balancer.js";
import { EndpointLoad } from "./endpoint-load.js";
import { UsualLatency } from "./usual-latency.js";

export { seeded };

/** An endpoint whose figures are what a test says. */
export function endpoint(id: string, given: Partial<Omit<BalancerEndpoint, "id">> = {}) {
  return {
    id,
    url: `ws://${id}:1`,
    zone: undefined as string | undefined,
    metadata: {},
    weight: 1,
    warmth: 1,
    pending: 0,
    latencyMs: 0,
    ...given,
  };
}

export const anyCall: PickRequest = { key: undefined, excludes: () => false };

export function excluding(...ids: readonly string[]): PickRequest {
  return { key: undefined, excludes: ({ id }) => ids.includes(id) };
}

/** How many of `picks` picks each endpoint gets. */
export function tally(picker: Picker, picks: number, request: (i: number) => PickRequest = () => anyCall): Map<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i < picks; i++) {
    const id = picker.pick(request(i))?.id ?? "none";
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

interface Happening {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** Time that jumps from one happening to the next. Everything runs synchronously. */
export class SimulatedClock implements Clock {
  #now = 0;
  #order = 0;
  /** A binary heap, the next one first. */
  readonly #heap: Happening[] = [];

  now(): number {
    return this.#now;
  }

  setTimeout(run: () => void, delayMs: number): Timer {
    const timer = { isCancelled: false };
    this.#push({ at: this.#now + Math.max(0, delayMs), order: this.#order++, run: () => timer.isCancelled || run() });
    return {
      cancel: () => {
        timer.isCancelled = true;
      },
      ref() {},
      unref() {},
    };
  }

  defer(run: () => void): void {
    this.setTimeout(run, 0);
  }

  async yield(): Promise<void> {}

  advanceTo(at: number): void {
    while (this.#heap[0] !== undefined && this.#heap[0].at <= at) {
      const next = this.#pop();
      this.#now = next.at;
      next.run();
    }
    this.#now = at;
  }

  #push(happening: Happening): void {
    const heap = this.#heap;
    let at = heap.push(happening) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(happening, heap[parent] as Happening)) break;
      heap[at] = heap[parent] as Happening;
      at = parent;
    }
    heap[at] = happening;
  }

  #pop(): Happening {
    const heap = this.#heap;
    const top = heap[0] as Happening;
    const last = heap.pop() as Happening;
    if (heap.length === 0) return top;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const right = left + 1;
      if (left >= heap.length) break;
      const child = right < heap.length && isBefore(heap[right] as Happening, heap[left] as Happening) ? right : left;
      if (!isBefore(heap[child] as Happening, last)) break;
      heap[at] = heap[child] as Happening;
      at = child;
    }
    heap[at] = last;
    return top;
  }
}

function isBefore(a: Happening, b: Happening): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** A server of the simulation: it works on one call at a time, as a thread does, and the network takes its time besides. */
export interface Behaviour {
  /** CPU time of a call, in milliseconds. */
  readonly workMs: () => number;
  /** Time besides that keeps nobody else waiting, in milliseconds. */
  readonly awayMs: (method: string) => number;
  /** Whether a call fails, which takes no time at all. */
  readonly fails?: () => boolean;
  readonly isFrozen?: () => boolean;
}

export class SimulatedServer implements BalancerEndpoint {
  readonly id: string;
  readonly url: string;
  readonly zone = undefined;
  readonly metadata = {};
  readonly weight: number;
  readonly load: EndpointLoad;
  calls = 0;
  #freeAt = 0;
  readonly #clock: Clock;
  readonly #usual: UsualLatency<string>;
  behaviour: Behaviour;

  constructor(id: string, clock: Clock, usual: UsualLatency<string>, behaviour: Behaviour, weight = 1) {
    this.#usual = usual;
    this.id = id;
    this.url = `ws://${id}:1`;
    this.weight = weight;
    this.load = new EndpointLoad(clock);
    this.#clock = clock;
    this.behaviour = behaviour;
  }

  get warmth(): number {
    return this.load.warmth;
  }

  get pending(): number {
    return this.load.pending;
  }

  get latencyMs(): number {
    return this.load.latencyMs;
  }

  call(method: string): void {
    const clock = this.#clock;
    const sentAt = clock.now();
    const { behaviour } = this;
    this.calls++;
    this.load.started(sentAt, this.#usual.of(method));
    if (behaviour.isFrozen?.() === true) return;
    const isFailure = behaviour.fails?.() === true;
    this.#freeAt = Math.max(this.#freeAt, sentAt) + (isFailure ? 0 : behaviour.workMs());
    const doneAt = this.#freeAt + (isFailure ? 0.2 : behaviour.awayMs(method));
    clock.setTimeout(() => {
      const tookMs = clock.now() - sentAt;
      if (!isFailure) this.#usual.note(method, tookMs);
      this.load.finished(clock.now(), this.#usual.level(method, tookMs), isFailure);
    }, doneAt - sentAt);
  }
}

/** Calls at random moments, as many a second as asked for, given to servers by a balancer. */
export class Simulation {
  readonly clock = new SimulatedClock();
  readonly servers: SimulatedServer[] = [];
  readonly random: Random;
  readonly #usual = new UsualLatency<string>();
  readonly #balancer: Balancer;
  #picker: Picker;

  constructor(seed: number, balancer: (random: Random) => Balancer) {
    this.random = seeded(seed);
    this.#balancer = balancer(this.random);
    this.#picker = this.#balancer.picker([]);
  }

  add(
    id: string,
    behaviour: Behaviour,
    options: { readonly weight?: number; readonly slowStart?: boolean } = {},
  ): SimulatedServer {
    const server = new SimulatedServer(id, this.clock, this.#usual, behaviour, options.weight);
    server.load.ready(this.clock.now(), options.slowStart ?? false);
    this.servers.push(server);
    this.#picker = this.#balancer.picker([...this.servers]);
    return server;
  }

  /** Runs for `ms` at `perSecond` calls, and gives each server's share of them. */
  run(ms: number, perSecond: number, method = () => "any"): Map<string, number> {
    const before = new Map(this.servers.map((server) => [server.id, server.calls]));
    const end = this.clock.now() + ms;
    let total = 0;
    for (;;) {
      const next = this.clock.now() - (Math.log(1 - this.random()) * 1_000) / perSecond;
      if (next > end) break;
      this.clock.advanceTo(next);
      (this.#picker.pick(anyCall) as SimulatedServer).call(method());
      total++;
    }
    this.clock.advanceTo(end);
    return new Map(this.servers.map((server) => [server.id, (server.calls - (before.get(server.id) ?? 0)) / total]));
  }

  /** Around `ms` as real answers are: most close to it, one in a hundred ten times as long. */
  around(ms: number): () => number {
    return () => ms * (0.7 + 0.6 * this.random()) * (this.random() < 0.01 ? 10 : 1);
  }

  /** A server whose calls take about `ms` of waiting and a tenth of that of work. */
  taking(ms: number): Behaviour {
    return { workMs: this.around(ms / 10), awayMs: this.around(ms) };
  }
}
