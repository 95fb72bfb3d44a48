import { decode, type Encoded } from "./codec.js";
import { FarcallError } from "./error.js";
import type { Payload } from "./frame.js";
import { encodeAs } from "./plain/encode.js";
import { Input, misfit as misfitOfBytes } from "./plain/input.js";
import type { Read } from "./plain/readers.js";
import { formatIssue, type Issue, type View } from "./schema/explain.js";
import type { Schema } from "./schema/schema.js";

/** A value that does not fit its contract, and where. */
export class ShapeError extends Error {
  override readonly name = "ShapeError";
}

/** Reads and checks a payload. @throws ShapeError with a path, never anything else. */
export function readValue(schema: Schema, payload: Payload): unknown {
  return readChecked(schema, schema.read, payload);
}

/** The same for an argument list, which may be longer than this side knows. @throws ShapeError */
export function readArgs(schema: Schema, payload: Payload): unknown[] {
  return readChecked(schema, schema.readArgs, payload) as unknown[];
}

function readChecked(schema: Schema, read: Read, payload: Payload): unknown {
  let value: unknown;
  try {
    value = read(new Input(payload.bytes, payload.start, payload.end, payload.isOwn));
  } catch (error) {
    if (error !== misfitOfBytes) throw notPlain(error);
    throw misfitOnWire(schema, payload);
  }
  if (!schema.is(value)) throw misfit(schema, value);
  return value;
}

function notPlain(cause: unknown): ShapeError {
  return new ShapeError("the bytes are not a value of the plain encoding", { cause });
}

/** Reads the bytes again, as whatever they are, to say what they are. */
function misfitOnWire(schema: Schema, payload: Payload): ShapeError {
  try {
    return misfit(schema, decode(payload), "wire");
  } catch (error) {
    return notPlain(error);
  }
}

/** Checks a value and encodes it; valid until the next one is encoded. @throws ShapeError, or RangeError from a getter of the value. */
export function writeValue(schema: Schema, value: unknown): Encoded {
  if (!schema.is(value)) throw misfit(schema, value);
  try {
    // A `void` has no value of its own on the wire: it is nil, as other languages write it.
    return encodeAs(schema.write, value === undefined && schema.shape.kind === "undefined" ? null : value);
  } catch (error) {
    const issues = schema.explain(value, "sent");
    throw issues.length > 0 ? shapeError(issues) : unsendable(error);
  }
}

function unsendable(cause: unknown): ShapeError {
  return new ShapeError(`the value cannot be encoded: ${cause instanceof Error ? cause.message : "unknown reason"}`, { cause });
}

/** Names what is wrong, at most three things of it, so that a message stays a line. */
export function misfit(schema: Schema, value: unknown, view?: View): ShapeError {
  const issues = schema.explain(value, view);
  if (issues.length > 0) return shapeError(issues);
  return new ShapeError(`the value does not fit its contract${view === "wire" ? "" : " (nested too deeply?)"}`);
}

function shapeError(issues: readonly Issue[]): ShapeError {
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

/** What a caller is told of a value of its own, or of an answer, that could not be written or read. */
export function misfitOf(error: unknown): string {
  return (error instanceof ShapeError ? error : FarcallError.from(error))?.message ?? "the value threw while it was read";
}
