import { assertDuration, assertKnownKeys, show } from "@farcall/protocol";
import type { ResolverFactory } from "../resolver.js";
import { StaticResolver } from "../static.js";
import { nodeLookups } from "./node.js";
import { DnsResolver } from "./resolver.js";
import { endpointOf, parseDnsTarget } from "./target.js";

/** How DNS is asked. Everything has a default. */
export interface DnsOptions {
  /**
   * DNS servers to ask, IP addresses with or without a port: `["127.0.0.1:5353"]`. They are asked for exactly the name that
   * was given; the hosts file and search domains do not count. Default: whatever the system uses.
   */
  readonly servers?: readonly string[];
  /**
   * Time between two lookups, in milliseconds, ±20 %. Nothing makes one come sooner, whatever the TTL says; only while there
   * is no list yet it is tried again after 1 s, 2 s, 4 s and so on. At least 1 000; default 30 000.
   */
  readonly intervalMs?: number;
  /** How long DNS may take to answer, in milliseconds. Default 5 000. */
  readonly timeoutMs?: number;
}

const minIntervalMs = 1_000;

/**
 * Finds endpoints by DNS, for `dns://` targets. Each address of a name is an endpoint, A and AAAA alike:
 *
 * - `dns://inventory.example:7070/rpc`: the addresses of the name, at that port and path.
 * - `dns://_farcall._tcp.inventory.example`: what its SRV records say. Among those of the lowest priority that have
 *   addresses, the weight decides. `?type=srv` asks for them under a name without underscores.
 * - `?secure=true` makes `wss://` endpoints; their certificates must be made out to the name without its underscored
 *   labels. `?family=4` or `6` leaves out the other.
 *
 * A client has one of these; make your own to change the options.
 * @throws TypeError or RangeError that names the wrong option; a wrong target is refused by `createClient`.
 */
export function dnsResolver(options: DnsOptions = {}): ResolverFactory {
  if (typeof options !== "object" || options === null)
    throw new TypeError(`dnsResolver: options must be an object, got ${show(options)}`);
  assertKnownKeys(options, "dnsResolver: options", ["servers", "intervalMs", "timeoutMs"]);
  const { servers, intervalMs = 30_000, timeoutMs = 5_000 } = options;
  assertDuration(intervalMs, "dnsResolver: intervalMs");
  if (intervalMs < minIntervalMs)
    throw new RangeError(
      `dnsResolver: intervalMs must be at least ${minIntervalMs}, to spare the DNS servers; got ${intervalMs}`,
    );
  assertDuration(timeoutMs, "dnsResolver: timeoutMs");
  const own = servers === undefined ? undefined : parseServers(servers);
  return {
    schemes: ["dns"],
    resolver: (given, context) => {
      const target = parseDnsTarget(given);
      if (target.isAddress) return new StaticResolver([endpointOf(target, target.name, target.port as number)]);
      return new DnsResolver({ ...context, target, lookups: nodeLookups(own), intervalMs, timeoutMs });
    },
  };
}

function parseServers(given: unknown): readonly string[] {
  const where = "dnsResolver: servers";
  if (!Array.isArray(given) || given.length === 0)
    throw new TypeError(`${where} must be an array of addresses such as ["127.0.0.1:5353"], got ${show(given)}`);
  const servers = Array.from(given as readonly unknown[]);
  for (const [i, server] of servers.entries()) {
    const wrong = new TypeError(`${where}[${i}] must be an IP address with or without a port, got ${show(server)}`);
    if (typeof server !== "string") throw wrong;
    // Node lets any number pass.
    const port = /(?:\]|^[\d.]+):(\d+)$/.exec(server)?.[1];
    if (port !== undefined && !(Number(port) >= 1 && Number(port) <= 65_535)) throw wrong;
    try {
      nodeLookups([server]);
    } catch {
      throw wrong;
    }
  }
  return servers as readonly string[];
}
