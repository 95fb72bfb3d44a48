import type { Endpoint } from "../resolver.js";

/** What a `dns://` target asks for. */
export interface DnsTarget {
  /** As it is asked for. */
  readonly name: string;
  /** `undefined`: SRV records tell it. */
  readonly port: number | undefined;
  /** Whether `name` is an address already, and there is nothing to ask. */
  readonly isAddress: boolean;
  /** 0 for both. */
  readonly family: 0 | 4 | 6;
  /** Scheme of the endpoints. */
  readonly scheme: "ws" | "wss";
  /** Path and nothing else; empty for the root. */
  readonly path: string;
  /** What the endpoints' certificates are made out to. */
  readonly serverName: string | undefined;
}

const example = "write something like dns://inventory.example:7070";
const parameters: ReadonlyMap<string, readonly string[]> = new Map([
  ["type", ["srv"]],
  ["family", ["4", "6"]],
  ["secure", ["true", "false"]],
]);

/** `_service._protocol.` in front of the domain it belongs to. */
const serviceLabels = /^_[^.]+\._[^.]+\./;

/**
 * Takes a target apart: `dns://host:port[/path][?secure=true&family=4]`, `dns://_service._tcp.domain[/path][?…]` or
 * `dns://name?type=srv`. @throws TypeError that quotes it and says what is wrong.
 */
export function parseDnsTarget(target: string): DnsTarget {
  const wrong = (what: string): TypeError => new TypeError(`createClient: ${JSON.stringify(target)} ${what}`);
  const rest = target.replace(/^dns:\/\//i, "");
  if (rest.startsWith("/")) throw wrong(`has no host; ${example}, with two slashes (dnsResolver({ servers }) says whom to ask)`);
  // A URL of a scheme that everybody knows has its host checked and put into the form that goes over the wire; one of any
  // other scheme keeps its port, even where it is the usual one.
  let host: URL;
  let url: URL;
  try {
    host = new URL(`ws://${rest}`);
    url = new URL(`dns://${rest}`);
  } catch {
    throw wrong(`is not a host, or not a host and a port; ${example}`);
  }
  if (url.username !== "" || url.password !== "")
    throw new TypeError("createClient: credentials do not belong into a URL; they end up in logs");
  if (url.hash !== "") throw wrong("has a fragment, which means nothing here");
  if (host.hostname.includes(",")) throw wrong("has a comma: one name stands for all its addresses; make a client for each name");
  for (const key of url.searchParams.keys()) {
    const known = parameters.get(key);
    const [value = "", ...others] = url.searchParams.getAll(key);
    if (known === undefined) throw wrong(`has a parameter ${key}; known are ${[...parameters.keys()].join(", ")}`);
    if (others.length > 0) throw wrong(`has the parameter ${key} twice`);
    if (!known.includes(value)) throw wrong(`has ${key}=${value}; it may be ${known.join(" or ")}`);
  }
  const name = host.hostname.replace(/^\[(.*)\]$/, "$1");
  const isAddress = name.includes(":") || /^\d+\.\d+\.\d+\.\d+$/.test(name);
  const isSrv = url.searchParams.has("type") || serviceLabels.test(name);
  if (isSrv && isAddress) throw wrong("asks for the SRV records of an address; they belong to names");
  if (isSrv && url.port !== "") throw wrong("names a port, but SRV records bring their own; leave it out");
  if (!isSrv && url.port === "")
    throw wrong("names no port; add it (dns://inventory.example:7070), or ?type=srv if SRV records tell it");
  if (url.port === "0") throw wrong("names port 0, where nobody can be reached");
  return {
    name,
    port: isSrv ? undefined : Number(url.port),
    isAddress,
    family: Number(url.searchParams.get("family") ?? 0) as 0 | 4 | 6,
    scheme: url.searchParams.get("secure") === "true" ? "wss" : "ws",
    path: host.pathname === "/" ? "" : host.pathname,
    serverName: isAddress ? undefined : name.replace(serviceLabels, "").replace(/\.$/, ""),
  };
}

/** One address that the target has turned out to stand for. */
export function endpointOf({ scheme, path, serverName }: DnsTarget, address: string, port: number, weight = 1): Endpoint {
  const host = address.includes(":") ? `[${address}]` : address;
  return { url: `${scheme}://${host}:${port}${path}`, weight, serverName };
}
