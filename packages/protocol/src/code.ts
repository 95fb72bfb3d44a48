/**
 * Why a call failed: gRPC's sixteen names and numbers, so that nobody learns a new set.
 * `docs/protocol.md` section 9 says which of them Farcall itself raises, and when.
 */
export const codes = {
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

export type Code = keyof typeof codes;

const names: readonly (Code | undefined)[] = Object.entries(codes).reduce<(Code | undefined)[]>((list, [name, number]) => {
  list[number] = name as Code;
  return list;
}, []);

export function isCode(value: unknown): value is Code {
  return typeof value === "string" && Object.hasOwn(codes, value);
}

/** The name of a number from the wire; numbers this version does not know read as `UNKNOWN`. */
export function codeFromNumber(number: number): Code {
  return names[number] ?? "UNKNOWN";
}

/**
 * Whether the handler ran: `no` is proof that it was not entered (safe to send again), `yes` that it was,
 * `unknown` that the connection was lost or the caller stopped waiting before anybody could say.
 */
export type Executed = "no" | "yes" | "unknown";

const executedNames: readonly Executed[] = ["no", "yes", "unknown"];

export function isExecuted(value: unknown): value is Executed {
  return (executedNames as readonly unknown[]).includes(value);
}

export function executedToNumber(executed: Executed): number {
  return executedNames.indexOf(executed);
}

export function executedFromNumber(number: number): Executed {
  return executedNames[number] ?? "unknown";
}

const certainty: Readonly<Record<Executed, number>> = { no: 0, unknown: 1, yes: 2 };

/** Of what two attempts say, that which holds for both together. */
export function worst(a: Executed, b: Executed): Executed {
  return certainty[a] >= certainty[b] ? a : b;
}

/** What the sixteen codes cannot say; a closed list. */
export const reasons = [
  "STALE",
  "STREAM_GAP",
  "NOT_RESUMABLE",
  "KEY_REUSED",
  "KEY_EXPIRED",
  "MESSAGE_TOO_LARGE",
  "SHED",
  "CONTRACT_MISMATCH",
  "SESSION_NOT_HERE",
] as const;

export type Reason = (typeof reasons)[number];

export function isReason(value: unknown): value is Reason {
  return (reasons as readonly unknown[]).includes(value);
}
