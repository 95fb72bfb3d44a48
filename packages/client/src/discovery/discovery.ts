import { type Clock, describeThrown, FarcallError } from "@farcall/protocol";
import { parseEndpoints, type ResolvedEndpoint, type Schemes } from "./endpoints.js";
import type { Resolver } from "./resolver.js";
import { ShrinkGuard } from "./shrink-guard.js";

export interface DiscoveryOptions {
  readonly resolver: Resolver;
  readonly clock: Clock;
  /** Which may be an address. */
  readonly schemes: Schemes;
  isHealthy(endpoint: ResolvedEndpoint): boolean;
  /** The endpoints to use from now on. */
  update(endpoints: readonly ResolvedEndpoint[]): void;
  /** There is nothing new to use, and why. */
  failed(cause: FarcallError): void;
  /** What the people who run this should know. */
  warn(text: string): void;
}

/** Runs a resolver for its client: checks what it tells, doubts lists that shrink too fast, and survives what it throws. */
export class Discovery {
  readonly #options: DiscoveryOptions;
  readonly #guard: ShrinkGuard;
  #isStopped = false;
  /** The last failure that was warned of: one that lasts is told once. */
  #lastWarning: string | undefined;

  constructor(options: DiscoveryOptions) {
    this.#options = options;
    this.#guard = new ShrinkGuard({
      clock: options.clock,
      isHealthy: (endpoint) => options.isHealthy(endpoint),
      apply: (endpoints) => options.update(endpoints),
      held: (endpoints) =>
        options.warn(
          `the resolver dropped ${endpoints.length} healthy endpoints at once; they stay in use for 30 s unless it lists them again: ${endpoints.map(({ id }) => id).join(", ")}`,
        ),
    });
  }

  start(): void {
    this.#try("start", () =>
      this.#options.resolver.start({
        update: (endpoints) => this.#updated(endpoints),
        failed: (error) => this.#failed("could not look up the endpoints", error),
      }),
    );
  }

  /** A connection was lost: the list may be out of date. */
  refresh(): void {
    if (!this.#isStopped) this.#try("refresh", () => this.#options.resolver.refresh());
  }

  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#guard.stop();
    this.#try("stop", () => this.#options.resolver.stop());
  }

  #updated(given: unknown): void {
    if (this.#isStopped) return;
    let endpoints: readonly ResolvedEndpoint[];
    try {
      endpoints = parseEndpoints(given, "the resolver's list", { schemes: this.#options.schemes });
    } catch (error) {
      return this.#failed("told a list that makes no sense", error);
    }
    this.#lastWarning = undefined;
    if (this.#options.resolver.isTrusted === true) this.#options.update(endpoints);
    else this.#guard.update(endpoints);
  }

  /** A method may well be async, whatever its declaration says: then it throws later. */
  #try(name: string, run: () => unknown): void {
    const failed = (error: unknown): void => this.#failed(`threw in ${name}()`, error);
    try {
      const returned = run();
      if (returned instanceof Promise) returned.catch(failed);
    } catch (error) {
      failed(error);
    }
  }

  #failed(what: string, error: unknown): void {
    const why = error instanceof Error ? error.message : describeThrown(error);
    const message = `the resolver ${what}: ${why}`;
    if (message !== this.#lastWarning) this.#options.warn(`${message}; the last good list stays in use`);
    this.#lastWarning = message;
    if (!this.#isStopped) this.#options.failed(new FarcallError("UNAVAILABLE", message, { executed: "no", cause: error }));
  }
}
