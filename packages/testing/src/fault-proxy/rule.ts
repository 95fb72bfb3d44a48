import { assertKnownKeys, show } from "@farcall/protocol";

/** `upstream` is from the client to the target, `downstream` from the target to the client. */
export type Direction = "upstream" | "downstream";

export const directions: readonly Direction[] = ["upstream", "downstream"];

/** What is wrong with one direction of a connection. Fields that are left out stay as they are. */
export interface FaultRule {
  /** Default: both. */
  readonly direction?: Direction;
  /** How much later bytes arrive, in milliseconds. From 0, which is no delay. Also holds for what is under way. */
  readonly delayMs?: number;
  /** Up to this much is added to `delayMs`, a random share for each piece read; pieces never overtake each other. From 0. */
  readonly jitterMs?: number;
  /** Most bytes that pass in a second, above 0. `Infinity` for no bound. */
  readonly bytesPerSecond?: number;
  /** Resets the connection (RST, both sides) once this many more bytes have passed; 0 resets it now. `Infinity` for never. */
  readonly cutAfterBytes?: number;
  /**
   * Nothing passes any more, not even the end of the connection; the sender hears nothing of it. What was on its way is
   * kept: `false` lets it go on, as a network does that has healed.
   */
  readonly blackHole?: boolean;
}

/** The faults of one direction, complete. */
export type Faults = Required<Omit<FaultRule, "direction">>;

export const noFaults: Faults = {
  delayMs: 0,
  jitterMs: 0,
  bytesPerSecond: Number.POSITIVE_INFINITY,
  cutAfterBytes: Number.POSITIVE_INFINITY,
  blackHole: false,
};

/** What becomes of a new connection. */
export type AcceptPolicy = "forward" | "silence" | "close" | "refuse";

const policies: readonly AcceptPolicy[] = ["forward", "silence", "close", "refuse"];

/**
 * The directions a rule is about, and its fields that are given.
 * @throws TypeError or RangeError that names the field and quotes the value.
 */
export function parseRule(
  rule: FaultRule,
  at: string,
): { readonly about: readonly Direction[]; readonly faults: Partial<Faults> } {
  if (typeof rule !== "object" || rule === null) throw new TypeError(`${at}: the rule must be an object, got ${show(rule)}`);
  assertKnownKeys(rule, at, ["direction", ...Object.keys(noFaults)]);
  const { direction, ...rest } = rule;
  if (direction !== undefined && !directions.includes(direction)) {
    throw new TypeError(`${at}: direction must be ${choice(directions)}, got ${show(direction)}`);
  }
  const faults = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)) as Partial<Faults>;
  assertNumber(faults.delayMs, `${at}: delayMs`, "a number of milliseconds from 0", (ms) => ms >= 0 && ms < Infinity);
  assertNumber(faults.jitterMs, `${at}: jitterMs`, "a number of milliseconds from 0", (ms) => ms >= 0 && ms < Infinity);
  assertNumber(faults.bytesPerSecond, `${at}: bytesPerSecond`, "greater than 0 (Infinity for no bound)", (rate) => rate > 0);
  assertNumber(
    faults.cutAfterBytes,
    `${at}: cutAfterBytes`,
    "a whole number from 0 (Infinity for never)",
    (count) => count === Infinity || (Number.isSafeInteger(count) && count >= 0),
  );
  if (faults.blackHole !== undefined && typeof faults.blackHole !== "boolean") {
    throw new TypeError(`${at}: blackHole must be true or false, got ${show(faults.blackHole)}`);
  }
  return { about: direction === undefined ? directions : [direction], faults };
}

/** @throws TypeError that names the policies. */
export function assertPolicy(policy: unknown, at: string): asserts policy is AcceptPolicy {
  if (!(policies as readonly unknown[]).includes(policy)) {
    throw new TypeError(`${at}: the policy must be ${choice(policies)}, got ${show(policy)}`);
  }
}

function assertNumber(value: unknown, name: string, what: string, holds: (value: number) => boolean): void {
  if (value === undefined) return;
  if (typeof value !== "number") throw new TypeError(`${name} must be a number, got ${show(value)}`);
  if (!holds(value)) throw new RangeError(`${name} must be ${what}, got ${show(value)}`);
}

function choice(names: readonly string[]): string {
  const quoted = names.map((name) => `"${name}"`);
  return `${quoted.slice(0, -1).join(", ")} or ${quoted.at(-1)}`;
}
