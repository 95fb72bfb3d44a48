import { parseEndpoints } from "./endpoints.js";
import type { Endpoint, Resolver, ResolverListener } from "./resolver.js";

/**
 * A resolver that is told what to say: for tests, and for programs that know their servers from elsewhere. Each client
 * needs one of its own.
 */
export interface ManualResolver extends Resolver {
  /**
   * The whole list as it is now, as URLs or objects. May be called before the client starts and, without effect, after it
   * has closed. @throws TypeError or RangeError that says which entry is wrong; what was set before stays.
   */
  set(endpoints: readonly (string | Endpoint)[]): void;
  /** Reports that looking has failed. What was set before stays in use. */
  fail(error: unknown): void;
}

/** Makes a resolver that is driven by hand. Without `initial` it says nothing until `set`. @throws like `set`. */
export function manualResolver(initial?: readonly (string | Endpoint)[]): ManualResolver {
  const resolver = new Manual();
  if (initial !== undefined) resolver.set(initial);
  return resolver;
}

class Manual implements ManualResolver {
  readonly isTrusted = true;
  #listener: ResolverListener | undefined;
  #isStarted = false;
  #endpoints: readonly Endpoint[] | undefined;
  #failure: { readonly error: unknown } | undefined;

  set(endpoints: readonly (string | Endpoint)[]): void {
    // Which schemes can be dialled is known to the client only; it looks again.
    this.#endpoints = parseEndpoints(endpoints, "manualResolver: endpoints", { schemes: "any", isStrict: true });
    this.#failure = undefined;
    this.#listener?.update(this.#endpoints);
  }

  fail(error: unknown): void {
    this.#failure = { error };
    this.#listener?.failed(error);
  }

  start(listener: ResolverListener): void {
    if (this.#isStarted) throw new Error("manualResolver: this resolver serves a client already; make one for each client");
    this.#isStarted = true;
    this.#listener = listener;
    if (this.#endpoints !== undefined) listener.update(this.#endpoints);
    if (this.#failure !== undefined) listener.failed(this.#failure.error);
  }

  refresh(): void {}

  stop(): void {
    this.#listener = undefined;
  }
}
