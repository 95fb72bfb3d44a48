import type { Timer } from "@farcall/protocol";
import type { Endpoint, Resolver, ResolverContext, ResolverListener } from "../resolver.js";
import type { Lookup, Lookups, ServiceRecord } from "./lookup.js";
import { type DnsTarget, endpointOf } from "./target.js";

export interface DnsResolverOptions extends ResolverContext {
  readonly target: DnsTarget;
  readonly lookups: Lookups;
  readonly intervalMs: number;
  readonly timeoutMs: number;
}

/** First wait, in milliseconds, while there is no list at all; it doubles up to the interval. */
const firstRetryMs = 1_000;
/** The largest and the smallest part of an interval that is waited, around 1. */
const jitter = 0.2;

/** Asks DNS again and again: a change is found without anything being lost first. */
export class DnsResolver implements Resolver {
  readonly #options: DnsResolverOptions;
  #listener: ResolverListener | undefined;
  #lookup: Lookup | undefined;
  #timer: Timer | undefined;
  #failures = 0;
  #hasList = false;
  /** Addresses of the hosts asked about in the last round. */
  #known: ReadonlyMap<string, readonly string[]> = new Map();

  constructor(options: DnsResolverOptions) {
    this.#options = options;
  }

  start(listener: ResolverListener): void {
    this.#listener = listener;
    void this.#round(listener);
  }

  /** The next round comes as soon as it may already: a lost connection must not turn into a storm of questions. */
  refresh(): void {}

  stop(): void {
    this.#listener = undefined;
    this.#timer?.cancel();
    this.#lookup?.cancel();
  }

  async #round(listener: ResolverListener): Promise<void> {
    const { target, lookups, clock, timeoutMs } = this.#options;
    const lookup = lookups();
    this.#lookup = lookup;
    const known = new Map<string, readonly string[]>();
    const faults: unknown[] = [];
    let endpoints: readonly Endpoint[] = [];
    try {
      // What has been answered by then still counts.
      this.#timer = clock.setTimeout(() => lookup.cancel(), timeoutMs);
      this.#timer.unref();
      endpoints = await (target.port === undefined
        ? this.#services(lookup, known, faults)
        : this.#hosts(lookup, known, target.port));
    } catch (error) {
      faults.unshift(describe(target.name, error));
    } finally {
      this.#timer?.cancel();
    }
    if (this.#listener === undefined) return;
    if (endpoints.length > 0) {
      this.#known = known;
      this.#hasList = true;
      listener.update(endpoints);
    } else this.#failures++;
    if (faults[0] !== undefined) listener.failed(faults[0]);
    this.#timer = clock.setTimeout(() => void this.#round(listener), this.#delayMs());
    this.#timer.unref();
  }

  #delayMs(): number {
    const { intervalMs, random } = this.#options;
    const delayMs = this.#hasList ? intervalMs : Math.min(intervalMs, firstRetryMs * 2 ** (this.#failures - 1));
    return delayMs * (1 - jitter + 2 * jitter * random());
  }

  async #hosts(lookup: Lookup, known: Map<string, readonly string[]>, port: number): Promise<readonly Endpoint[]> {
    const addresses = await this.#addresses(lookup, known, this.#options.target.name);
    return addresses.map((address) => endpointOf(this.#options.target, address, port));
  }

  /** The addresses of the records that go first and have any. */
  async #services(lookup: Lookup, known: Map<string, readonly string[]>, faults: unknown[]): Promise<readonly Endpoint[]> {
    const { target } = this.#options;
    const records = (await lookup.services(target.name)).filter(({ name, port }) => name !== "" && port > 0);
    if (records.length === 0) throw new Error("the service is not offered there");
    const priorities = [...new Set(records.map(({ priority }) => priority))].sort((a, b) => a - b);
    for (const priority of priorities) {
      const group = records.filter((record) => record.priority === priority);
      const names = [...new Set(group.map(({ name }) => name))];
      await Promise.all(
        names.map((name) =>
          this.#addresses(lookup, known, name).catch((error: unknown) => {
            faults.push(describe(name, error));
            const last = this.#known.get(name);
            if (last !== undefined) known.set(name, last);
          }),
        ),
      );
      const endpoints = new Map<string, Endpoint>();
      for (const record of group) {
        const addresses = known.get(record.name) ?? [];
        for (const address of addresses) {
          const endpoint = endpointOf(target, address, record.port, weightOf(record, group) / addresses.length);
          if (!endpoints.has(endpoint.url)) endpoints.set(endpoint.url, endpoint);
        }
      }
      if (endpoints.size > 0) return [...endpoints.values()];
    }
    throw new Error("none of its hosts has an address");
  }

  async #addresses(lookup: Lookup, known: Map<string, readonly string[]>, name: string): Promise<readonly string[]> {
    const { addresses, missing } = await lookup.addresses(name, this.#options.target.family);
    // What one family said last still holds while it cannot be asked.
    const last = missing === undefined ? [] : (this.#known.get(name) ?? []);
    const kept = last.filter((address) => address.includes(":") === (missing === 6));
    // Addresses with a zone belong to one link of this machine; a URL cannot hold them.
    const usable = [...new Set([...addresses, ...kept])].filter((address) => !address.includes("%"));
    if (usable.length === 0) throw new Error("it has no address that can be reached from everywhere");
    known.set(name, usable);
    return usable;
  }
}

/** A weight of 0 means hardly ever, as long as there are others. */
function weightOf({ weight }: ServiceRecord, group: readonly ServiceRecord[]): number {
  if (weight > 0) return weight;
  const others = group.map((one) => one.weight).filter((one) => one > 0);
  return others.length === 0 ? 1 : Math.min(...others) / 100;
}

const reasons: ReadonlyMap<string | undefined, string> = new Map([
  ["ENOTFOUND", "there is no such name"],
  ["ENODATA", "the name has no such records"],
  ["ESERVFAIL", "the DNS server has failed"],
  ["EREFUSED", "the DNS server refuses to say"],
  ["ETIMEOUT", "the DNS server does not answer"],
  ["ECONNREFUSED", "the DNS server cannot be reached"],
  ["ECANCELLED", "no answer in time"],
  ["EAI_AGAIN", "no DNS server answers"],
]);

function describe(name: string, error: unknown): Error {
  const { code, message } = error as { readonly code?: string; readonly message?: string };
  const why = code === undefined ? message : `${reasons.get(code) ?? message} (${code})`;
  return new Error(`dns: cannot find ${name}: ${why}`, { cause: error });
}
