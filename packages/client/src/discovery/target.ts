import { show } from "@farcall/protocol";
import type { Schemes } from "./endpoints.js";
import type { Endpoint, Resolver, ResolverContext, ResolverFactory } from "./resolver.js";
import { parseTarget, StaticResolver, splitList } from "./static.js";

/** What a client can be made for: a URL, a comma list, an array of endpoints, a URL that a resolver claims, or a resolver. */
export type Target = string | readonly (string | Endpoint)[] | Resolver;

export interface TargetOptions {
  /** By scheme, as `parseResolvers` makes them. */
  readonly factories: ReadonlyMap<string, ResolverFactory>;
  readonly context: ResolverContext;
  /** Which may be an address. */
  readonly schemes: Schemes;
}

/** Scheme -> factory. Those given go before the built-in ones. @throws TypeError that says what is wrong. */
export function parseResolvers(
  given: unknown,
  builtIn: readonly ResolverFactory[],
  where: string,
): ReadonlyMap<string, ResolverFactory> {
  const factories = new Map<string, ResolverFactory>();
  if (given !== undefined && !Array.isArray(given))
    throw new TypeError(`${where} must be an array of resolver factories, got ${show(given)}`);
  for (const [i, factory] of ((given ?? []) as readonly unknown[]).entries()) {
    if (!isFactory(factory))
      throw new TypeError(`${where}[${i}] must be a resolver factory, with schemes and resolver(target, context)`);
    for (const scheme of factory.schemes) {
      if (typeof scheme !== "string" || !/^[a-z][a-z0-9+.-]*$/.test(scheme))
        throw new TypeError(`${where}[${i}].schemes: ${show(scheme)} is not a scheme; write it in lower case, without colon`);
      if (scheme === "ws" || scheme === "wss")
        throw new TypeError(`${where}[${i}].schemes: ${scheme} is an address already, there is nothing to resolve`);
      if (factories.has(scheme)) throw new TypeError(`${where}[${i}].schemes: ${scheme} is claimed by an earlier resolver`);
      factories.set(scheme, factory);
    }
  }
  for (const factory of builtIn) for (const scheme of factory.schemes) if (!factories.has(scheme)) factories.set(scheme, factory);
  return factories;
}

/** The resolver that a target stands for. @throws TypeError or RangeError that quotes what is wrong with it. */
export function resolverOf(target: Target, { factories, context, schemes }: TargetOptions): Resolver {
  if (isResolver(target)) return target;
  const entries: readonly unknown[] = typeof target === "string" ? splitList(target) : Array.isArray(target) ? target : [];
  for (const entry of entries) {
    const url = typeof entry === "string" ? entry : (entry as Endpoint | null | undefined)?.url;
    const scheme = typeof url === "string" ? (/^([a-z][a-z0-9+.-]*):\/\//i.exec(url)?.[1]?.toLowerCase() ?? "") : "";
    const factory = factories.get(scheme);
    if (factory === undefined) continue;
    // It stands for a list of its own, and may well have a comma in it.
    if (typeof target === "string" && url === entries[0]) return resolverFrom(factory, target, context, scheme);
    throw new TypeError(`createClient: ${JSON.stringify(url)} stands for a list of its own; it cannot be one of several`);
  }
  return new StaticResolver(parseTarget(target, schemes));
}

function resolverFrom(factory: ResolverFactory, target: string, context: ResolverContext, scheme: string): Resolver {
  const resolver: unknown = factory.resolver(target, context);
  if (!isResolver(resolver))
    throw new TypeError(
      `createClient: the factory for ${scheme}:// made no resolver of ${JSON.stringify(target)}; one has start, refresh and stop`,
    );
  return resolver;
}

function isResolver(value: unknown): value is Resolver {
  const { start, refresh, stop } = (value ?? {}) as Partial<Resolver>;
  return typeof start === "function" && typeof refresh === "function" && typeof stop === "function";
}

function isFactory(value: unknown): value is ResolverFactory {
  const { schemes, resolver } = (value ?? {}) as Partial<ResolverFactory>;
  return Array.isArray(schemes) && schemes.length > 0 && typeof resolver === "function";
}
