/** How long everything lasts, in milliseconds. */
export interface Plan {
  /** Traffic before the first fault. */
  readonly calm: number;
  /** A killed server stays away. */
  readonly down: number;
  /** A server stands still. */
  readonly freeze: number;
  /** Traffic after a fault, before the next one. */
  readonly settle: number;
  /** Between a server that is back and the next one told to leave. */
  readonly pause: number;
}

export const fullPlan: Plan = { calm: 4_000, down: 3_000, freeze: 15_000, settle: 6_000, pause: 3_000 };

/** The freeze still outlasts the deadline of a call. */
export const fastPlan: Plan = { calm: 1_500, down: 500, freeze: 6_000, settle: 1_000, pause: 300 };
