import { show } from "@farcall/protocol";
import { parseEndpoints, type ResolvedEndpoint, webSocketSchemes } from "./endpoints.js";
import type { Endpoint, Resolver, ResolverListener } from "./resolver.js";

/**
 * Parses a target that names its endpoints: one URL, a comma list in which later entries may leave the scheme out
 * (`ws://10.0.0.1:7070,10.0.0.2:7070`), or an array of URLs and `Endpoint` objects. Duplicates are refused: they would
 * carry twice the load.
 * @throws TypeError or RangeError that quotes the entry.
 */
export function parseTarget(
  target: string | readonly (string | Endpoint)[],
  schemes = webSocketSchemes,
): readonly ResolvedEndpoint[] {
  const given = typeof target === "string" ? splitList(target) : target;
  if (!Array.isArray(given))
    throw new TypeError(
      `createClient: the target must be a URL as a text, an array of endpoints or a resolver, got ${describe(given)}`,
    );
  if (given.length === 0)
    throw new TypeError("createClient: the target names no endpoint; write something like ws://127.0.0.1:7070");
  return parseEndpoints(given, "createClient: target", { schemes, isStrict: true });
}

function describe(given: unknown): string {
  if (given instanceof URL) return "a URL object; pass its href";
  const isEndpoint = typeof given === "object" && given !== null && "url" in given;
  return isEndpoint ? "a single endpoint; put it into an array" : show(given);
}

/** `new URL` refuses a comma list, and rightly: so we take it apart ourselves. */
export function splitList(target: string): readonly string[] {
  const entries = target.split(",").map((entry) => entry.trim());
  const scheme = /^([a-z][a-z0-9+.-]*:)\/\//i.exec(entries[0] ?? "")?.[1];
  return entries.map((entry) => (scheme === undefined || entry === "" || entry.includes("://") ? entry : `${scheme}//${entry}`));
}

/** Endpoints that never change: told once. */
export class StaticResolver implements Resolver {
  readonly #endpoints: readonly Endpoint[];

  constructor(endpoints: readonly Endpoint[]) {
    this.#endpoints = endpoints;
  }

  start(listener: ResolverListener): void {
    listener.update(this.#endpoints);
  }

  refresh(): void {}

  stop(): void {}
}
