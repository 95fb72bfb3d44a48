import { assertKnownKeys, show } from "@farcall/protocol";
import type { Endpoint } from "./resolver.js";

/** An endpoint that has passed all checks, with its defaults filled in. Frozen. */
export interface ResolvedEndpoint {
  readonly url: string;
  readonly id: string;
  readonly weight: number;
  readonly zone: string | undefined;
  readonly serverName: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Schemes of addresses, each with its colon. */
export type Schemes = readonly string[] | "any";

export const webSocketSchemes: Schemes = ["ws:", "wss:"];

export interface EndpointRules {
  /** Which may pass. Default: those of WebSockets. */
  readonly schemes?: Schemes;
  /** Refuse what is not a field of an endpoint: right for what people write by hand. Registries may grow fields. Default false. */
  readonly isStrict?: boolean;
}

const fields = ["url", "id", "weight", "zone", "serverName", "metadata"] as const satisfies readonly (keyof Endpoint)[];

/**
 * Checks a list of endpoints from anywhere: URLs, `Endpoint` objects, or both. Duplicates are refused: they would carry
 * twice the load. An empty list is a list. @throws TypeError or RangeError that says which entry is wrong, and why.
 */
export function parseEndpoints(given: unknown, where: string, rules: EndpointRules = {}): readonly ResolvedEndpoint[] {
  if (!Array.isArray(given)) throw new TypeError(`${where} must be an array of endpoints, got ${show(given)}`);
  const addresses = new Map<string, number>();
  const ids = new Map<string, number>();
  const endpoints = Array.from(given as readonly unknown[], (entry, i) => {
    const at = `${where}[${i}]`;
    const endpoint = parseEndpoint(entry, at, where, rules);
    const address = new URL(endpoint.url).href;
    if (addresses.has(address))
      throw new TypeError(`${where}: ${endpoint.url} is listed twice, at ${addresses.get(address)} and ${i}`);
    if (ids.has(endpoint.id))
      throw new TypeError(`${where}: the id ${show(endpoint.id)} is given twice, at ${ids.get(endpoint.id)} and ${i}`);
    addresses.set(address, i);
    ids.set(endpoint.id, i);
    return endpoint;
  });
  return Object.freeze(endpoints);
}

function parseEndpoint(entry: unknown, at: string, where: string, rules: EndpointRules): ResolvedEndpoint {
  if (typeof entry === "string") return freeze({ url: parseUrl(entry, at, where, rules) });
  if (typeof entry !== "object" || entry === null)
    throw new TypeError(`${at}: an endpoint must be a URL such as ws://127.0.0.1:7070 or an object with one, got ${show(entry)}`);
  if (rules.isStrict) assertKnownKeys(entry, at, fields);
  // Each field is read once: whatever stands behind it cannot answer the check and the use differently.
  const { url, id, weight, zone, serverName, metadata } = entry as Readonly<Record<keyof Endpoint, unknown>>;
  return freeze({
    url: parseUrl(url, `${at}.url`, `${at}.url`, rules),
    id: parseText(id, `${at}.id`),
    weight: parseWeight(weight, `${at}.weight`),
    zone: parseText(zone, `${at}.zone`),
    serverName: parseText(serverName, `${at}.serverName`),
    metadata: parseMetadata(metadata, `${at}.metadata`),
  });
}

function freeze({ url, id, weight, zone, serverName, metadata }: Endpoint): ResolvedEndpoint {
  return Object.freeze({ url, id: id ?? url, weight: weight ?? 1, zone, serverName, metadata: metadata ?? noMetadata });
}

const noMetadata: Readonly<Record<string, string>> = Object.freeze({});

/** `where` stands before messages that quote the URL; `at` before those that cannot. */
function parseUrl(given: unknown, at: string, where: string, { schemes = webSocketSchemes }: EndpointRules): string {
  if (typeof given !== "string" || given === "")
    throw new TypeError(`${at}: an endpoint must be a URL such as ws://127.0.0.1:7070, got ${show(given)}`);
  let url: URL;
  try {
    url = new URL(given);
  } catch {
    throw new TypeError(`${where}: ${JSON.stringify(given)} is not a URL; ${suggestion(given)}`);
  }
  if (schemes !== "any" && !schemes.includes(url.protocol)) {
    if (url.protocol === "ws:") throw new TypeError(`${where}: tls is given, and ${given} would not use it; write wss://…`);
    const what = given.includes("://") ? `no resolver knows the scheme ${url.protocol}// of` : "there is no scheme in";
    throw new TypeError(`${where}: ${what} ${JSON.stringify(given)}; ${suggestion(given)}`);
  }
  if (url.username !== "" || url.password !== "")
    throw new TypeError(`${at}: credentials do not belong into a URL; they end up in logs`);
  if (url.hash !== "") throw new TypeError(`${where}: ${JSON.stringify(given)} has a fragment, which means nothing here`);
  if (url.port === "0") throw new TypeError(`${where}: nobody can be reached at port 0 of ${JSON.stringify(given)}`);
  return given;
}

/** What the entry may have been meant to be. */
function suggestion(entry: string): string {
  const rest = entry.replace(/^[a-z][a-z0-9+.-]*:?\/\//i, "");
  const scheme = /^(https|wss):/i.test(entry) ? "wss" : "ws";
  return /^[\w.[\]:-]+(\/.*)?$/.test(rest) && URL.canParse(`${scheme}://${rest}`)
    ? `did you mean ${scheme}://${rest}?`
    : "write something like ws://127.0.0.1:7070";
}

function parseText(given: unknown, at: string): string | undefined {
  if (given === undefined) return undefined;
  if (typeof given !== "string" || given === "")
    throw new TypeError(`${at} must be a text that is not empty, got ${show(given)}`);
  return given;
}

function parseWeight(given: unknown, at: string): number | undefined {
  if (given === undefined) return undefined;
  if (typeof given !== "number") throw new TypeError(`${at} must be a number, got ${show(given)}`);
  if (!Number.isFinite(given) || given <= 0) throw new RangeError(`${at} must be greater than 0 and finite, got ${given}`);
  return given;
}

function parseMetadata(given: unknown, at: string): Readonly<Record<string, string>> | undefined {
  if (given === undefined) return undefined;
  if (typeof given !== "object" || given === null || Array.isArray(given))
    throw new TypeError(`${at} must be an object of texts, got ${Array.isArray(given) ? "an array" : show(given)}`);
  const entries = Object.entries(given);
  for (const [key, value] of entries)
    if (typeof value !== "string") throw new TypeError(`${at}.${key} must be a text, got ${show(value)}`);
  return Object.freeze(Object.fromEntries(entries) as Record<string, string>);
}
