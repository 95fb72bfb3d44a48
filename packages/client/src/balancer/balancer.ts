/**
 * An endpoint that takes calls now, as a balancer sees it. The object lives as long as the endpoint is known: what it
 * counts survives address updates and reconnects. The figures are live: read them in `pick`.
 */
export interface BalancerEndpoint {
  readonly id: string;
  readonly url: string;
  readonly zone: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  /** As the resolver says; 1 unless it does. */
  readonly weight: number;
  /** How much of its share it should get while it warms up: rises to 1 during slow start. */
  readonly warmth: number;
  /** Calls sent there that have not been answered. */
  readonly pending: number;
  /**
   * What a call there takes now, in milliseconds: a moving average that follows rises at their second answer (peak EWMA), grows with
   * failures, and is at least the time for which calls have waited there without any answer. 0 when nothing is known.
   */
  readonly latencyMs: number;
}

/** The call an endpoint is wanted for. */
export interface PickRequest {
  /** Value of the `@key` parameter, as text; `undefined` when the method has none. */
  readonly key: string | undefined;
  /** Whether this call must not go there: it was tried there, or the endpoint has no room or is unwell. */
  excludes(endpoint: BalancerEndpoint): boolean;
}

/** Chooses an endpoint for one call. Immutable: it is replaced whenever the set of ready endpoints changes. */
export interface Picker {
  /** One of the endpoints it was made for that `request` does not exclude; `undefined` when there is none. */
  pick(request: PickRequest): BalancerEndpoint | undefined;
}

/**
 * Makes a picker for the endpoints that are ready now, in the order in which they are listed. Called on every change; what
 * must survive changes it keeps itself. What throws, or picks what it may not, is reported, and round robin stands in.
 */
export interface Balancer {
  /** For messages and figures: `round-robin`. */
  readonly name: string;
  /** Whether all clients must choose from the same endpoints, as keys need it: then a long list is not cut to a subset. */
  readonly needsWholeList?: boolean;
  picker(ready: readonly BalancerEndpoint[]): Picker;
}
