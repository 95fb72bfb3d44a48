import type { Clock, Timer } from "@farcall/protocol";
import type { ResolvedEndpoint } from "./endpoints.js";

/** How long, in milliseconds, a list that takes away too much is not believed. */
export const holdMs = 30_000;
/** What may go at once, as a share of those there are: more than this looks like a registry in trouble. */
const maxShare = 0.5;

export interface ShrinkGuardOptions {
  readonly clock: Clock;
  /**
   * Whether calls still succeed there; false for an endpoint that is not in use. What is unwell may leave at once: the
   * registry is then not alone with its opinion.
   */
  isHealthy(endpoint: ResolvedEndpoint): boolean;
  /** The endpoints to use from now on. Called for every update, and once more when a hold has run out. */
  apply(endpoints: readonly ResolvedEndpoint[]): void;
  /** A hold begins: `endpoints` are no longer listed, and stay in use for `holdMs` unless they are listed again. */
  held(endpoints: readonly ResolvedEndpoint[]): void;
}

/**
 * Stands between a resolver and its client. A registry that has lost its memory tells an empty list, or a short one; the
 * servers it forgot are still there. So when an update takes away more than half of the endpoints, those of them that are
 * healthy stay in use for 30 s. If they are still missing then, they go. New endpoints count at once, and an update that
 * lists enough of the old ones again ends the hold.
 *
 * A list that melts away within 30 s is an empty list in instalments, and held likewise.
 */
export class ShrinkGuard {
  readonly #options: ShrinkGuardOptions;
  /** What was listed last. */
  #listed: readonly ResolvedEndpoint[] = [];
  /** What is in use: the listed ones, and those held. */
  #used: readonly ResolvedEndpoint[] = [];
  /** How long earlier lists were, and until when they stood. */
  #earlier: readonly { readonly until: number; readonly size: number }[] = [];
  /** Its `before` is what was in use when the doubt began. */
  #hold: { readonly before: readonly ResolvedEndpoint[]; readonly timer: Timer } | undefined;

  constructor(options: ShrinkGuardOptions) {
    this.#options = options;
  }

  update(listed: readonly ResolvedEndpoint[]): void {
    const options = this.#options;
    this.#remember(this.#listed.length);
    this.#listed = listed;
    const before = this.#hold?.before ?? this.#used;
    const ids = new Set(listed.map(({ id }) => id));
    const missing = before.filter(({ id }) => !ids.has(id));
    const peak = Math.max(0, ...this.#earlier.map(({ size }) => size));
    const isTooMuch = missing.length > before.length * maxShare || listed.length < peak * (1 - maxShare);
    // An address belongs to whoever is listed there now, even under another name.
    const addresses = new Set(listed.map(({ url }) => url));
    const kept = isTooMuch ? missing.filter((endpoint) => !addresses.has(endpoint.url) && options.isHealthy(endpoint)) : [];
    const isNew = kept.length > 0 && this.#hold === undefined;
    if (kept.length === 0) this.#release();
    else if (isNew) this.#doubt(before);
    this.#use(kept.length === 0 ? listed : [...listed, ...kept]);
    if (isNew) this.#options.held(kept);
  }

  stop(): void {
    this.#release();
  }

  #remember(size: number): void {
    const now = this.#options.clock.now();
    const recent = this.#hold === undefined ? this.#earlier.filter(({ until }) => now - until < holdMs) : this.#earlier;
    this.#earlier = [...recent.filter((one) => one.size > size), { until: now, size }];
  }

  #doubt(before: readonly ResolvedEndpoint[]): void {
    const timer = this.#options.clock.setTimeout(() => {
      // It has said so for long enough.
      this.#release();
      this.#earlier = [];
      this.#use(this.#listed);
    }, holdMs);
    // A doubt keeps no process alive.
    timer.unref();
    this.#hold = { before, timer };
  }

  #release(): void {
    this.#hold?.timer.cancel();
    this.#hold = undefined;
  }

  #use(endpoints: readonly ResolvedEndpoint[]): void {
    this.#used = endpoints;
    this.#options.apply(endpoints);
  }
}
