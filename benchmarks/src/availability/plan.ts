/**
 * When quotes take longer than this before anything was done to the servers, 99 of 100, the machine is busy with something
 * else: what then happens under the fault says little of the framework, and the round is done again.
 */
export const calmLimitMs = 150;

/** So many times a round is done until the machine is calm; the last one counts whatever it was. */
export const mostTries = 3;

/** One call takes this long on a healthy server. */
export const workMs = 2;

/** The part of the calls that must not be repeated. */
export const orderPart = 0.3;

export const callsPerSecond = 500;

/** Deadline of every call. */
export const timeoutMs = 5_000;

/** Load before anything counts: code is compiled as it is used. */
export const warmUpMs = 1_500;

/** How long everything lasts, in milliseconds. */
export interface Plan {
  /** Load before the fault and after the warm-up, to compare with. */
  readonly calmMs: number;
  /** Load after it is lifted. */
  readonly settleMs: number;
  /** A killed server stays away for this long. */
  readonly downMs: number;
  readonly freezeMs: number;
  readonly blackHoleMs: number;
  /** Between a server that is back and the next one told to go, and between two cuts. */
  readonly pauseMs: number;
  readonly slowMs: number;
  readonly growMs: number;
}

/** Long enough for the bounds as they are written. */
export const fullPlan: Plan = {
  calmMs: 3_000,
  settleMs: 6_000,
  downMs: 2_000,
  freezeMs: 15_000,
  blackHoleMs: 10_000,
  pauseMs: 2_000,
  slowMs: 12_000,
  growMs: 10_000,
};

/** Silence still outlasts the deadline of what is sent as it begins. */
export const fastPlan: Plan = {
  calmMs: 1_500,
  settleMs: 2_000,
  downMs: 1_000,
  freezeMs: 7_000,
  blackHoleMs: 6_000,
  pauseMs: 1_000,
  slowMs: 4_000,
  growMs: 5_000,
};
