import { decode, type Encoded, encode } from "./codec.js";
import { FarcallError } from "./error.js";
import type { Payload } from "./frame.js";
import { formatIssue } from "./schema/explain.js";
import type { Schema } from "./schema/schema.js";

/** A value that does not fit its contract, and where. */
export class ShapeError extends Error {
  override readonly name = "ShapeError";
}

/** Decodes a payload and checks it. @throws ShapeError with a path, never anything else. */
export function readValue(schema: Schema, payload: Payload): unknown {
  let value: unknown;
  try {
    value = schema.revive(decode(payload));
  } catch (error) {
    throw new ShapeError("the bytes are not a value of the plain encoding", { cause: error });
  }
  if (!schema.is(value)) throw misfit(schema, value);
  return value === null && schema.shape.kind === "undefined" ? undefined : value;
}

/** Checks a value and encodes it; valid until the next one is encoded. @throws ShapeError, or RangeError from a getter of the value. */
export function writeValue(schema: Schema, value: unknown): Encoded {
  if (!schema.is(value)) throw misfit(schema, value);
  try {
    // A `void` has no value of its own on the wire: it is nil, as other languages write it.
    return encode(value === undefined && schema.shape.kind === "undefined" ? null : value);
  } catch (error) {
    throw new ShapeError(`the value cannot be encoded: ${error instanceof Error ? error.message : "unknown reason"}`, {
      cause: error,
    });
  }
}

/** Names what is wrong, at most three things of it, so that a message stays a line. */
export function misfit(schema: Schema, value: unknown): ShapeError {
  const issues = schema.explain(value);
  if (issues.length === 0) return new ShapeError("the value does not fit its contract (nested too deeply?)");
  const shown = issues.slice(0, 3).map(formatIssue).join("; ");
  return new ShapeError(issues.length > 3 ? `${shown}; and ${issues.length - 3} more` : shown);
}

/** @throws FarcallError `RESOURCE_EXHAUSTED` when the peer would refuse a message of this size. */
export function assertSendable(encoded: Encoded, maxMessageBytes: number, what: string, executed: "no" | "yes"): void {
  const length = encoded.end - encoded.start;
  if (length > maxMessageBytes) {
    throw new FarcallError("RESOURCE_EXHAUSTED", `${what} of ${length} bytes; the peer accepts ${maxMessageBytes}`, {
      executed,
      reason: "MESSAGE_TOO_LARGE",
    });
  }
}
