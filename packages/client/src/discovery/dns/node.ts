import { lookup, Resolver } from "node:dns/promises";
import type { Addresses, Lookup, Lookups, ServiceRecord } from "./lookup.js";

/** c-ares asks again after this long, in milliseconds, and then waits longer; the end of the round ends it all. */
const retry = { timeout: 1_000, tries: 4 };

/**
 * Without `servers`, addresses come from where the whole system takes them (hosts file, search domains, whatever else is
 * configured), so that a name means here what it means everywhere; SRV records, which the system has no notion of, from the
 * DNS servers it is configured for. With `servers`, those alone are asked.
 * @throws when one of them is not an IP address with or without a port.
 */
export function nodeLookups(servers: readonly string[] | undefined): Lookups {
  if (servers !== undefined) new Resolver().setServers(servers);
  const pending = new Map<string, Promise<Addresses>>();
  return () => (servers === undefined ? new SystemLookup(pending) : new ServerLookup(servers));
}

/** Asks DNS servers. */
class ServerLookup implements Lookup {
  /** Made anew for each round: it reads the system's configuration as it is now, and has no socket open in between. */
  protected readonly resolver = new Resolver(retry);
  #isOver = false;

  constructor(servers?: readonly string[]) {
    if (servers !== undefined) this.resolver.setServers(servers);
  }

  async addresses(name: string, family: 0 | 4 | 6): Promise<Addresses> {
    this.assertNotOver();
    if (family === 4) return { addresses: await this.resolver.resolve4(name) };
    if (family === 6) return { addresses: await this.resolver.resolve6(name) };
    const [v4, v6] = await Promise.allSettled([this.resolver.resolve4(name), this.resolver.resolve6(name)]);
    if (v4.status === "fulfilled" && v6.status === "fulfilled") return { addresses: [...v4.value, ...v6.value] };
    if (v4.status === "fulfilled" && v6.status === "rejected") return withMissing(v4.value, 6, v6.reason);
    if (v6.status === "fulfilled" && v4.status === "rejected") return withMissing(v6.value, 4, v4.reason);
    const [error4, error6] = [v4, v6].map((one) => (one as PromiseRejectedResult).reason as unknown);
    throw isDefinite(error4) ? error6 : error4;
  }

  async services(name: string): Promise<readonly ServiceRecord[]> {
    this.assertNotOver();
    return await this.resolver.resolveSrv(name);
  }

  cancel(): void {
    this.#isOver = true;
    this.resolver.cancel();
  }

  protected assertNotOver(): void {
    if (this.#isOver) throw overError();
  }
}

/** Asks the system for addresses. That occupies a thread and cannot be called off, so we just stop listening. */
class SystemLookup extends ServerLookup {
  readonly #pending: Map<string, Promise<Addresses>>;
  readonly #waiting = new Set<(error: Error) => void>();

  /** `pending` outlives the round: a system that hangs is asked nothing more about a name until it has answered. */
  constructor(pending: Map<string, Promise<Addresses>>) {
    super();
    this.#pending = pending;
  }

  override async addresses(name: string, family: 0 | 4 | 6): Promise<Addresses> {
    this.assertNotOver();
    const key = `${family} ${name}`;
    const asked = this.#pending.get(key) ?? askSystem(name, family).finally(() => this.#pending.delete(key));
    this.#pending.set(key, asked);
    return await new Promise((resolve, reject) => {
      this.#waiting.add(reject);
      asked.then(resolve, reject).finally(() => this.#waiting.delete(reject));
    });
  }

  override cancel(): void {
    super.cancel();
    for (const reject of this.#waiting) reject(overError());
  }
}

async function askSystem(name: string, family: 0 | 4 | 6): Promise<Addresses> {
  const found = await lookup(name, { all: true, family, verbatim: true });
  return { addresses: found.map(({ address }) => address) };
}

function overError(): Error {
  return Object.assign(new Error("the round is over"), { code: "ECANCELLED" });
}

function withMissing(addresses: readonly string[], family: 4 | 6, error: unknown): Addresses {
  return { addresses, missing: isDefinite(error) ? undefined : family };
}

/** Whether the answer was that there is nothing, rather than no answer. */
function isDefinite(error: unknown): boolean {
  const code = (error as { readonly code?: unknown } | null)?.code;
  return code === "ENODATA" || code === "ENOTFOUND";
}
