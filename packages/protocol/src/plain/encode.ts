import type { Encoded } from "../codec.js";
import { Output } from "./output.js";
import type { Write } from "./writers.js";

/** Not in use at the moment: a getter of a value that is being written may send something itself. */
let idle: Output | undefined;

/** Encodes a value that has been checked; valid until the next one is encoded. @throws UnsendableError */
export function encodeAs(write: Write, value: unknown): Encoded {
  const out = idle ?? new Output();
  idle = undefined;
  try {
    // The frame is the first container.
    out.begin(1);
    write(out, value);
    return { bytes: out.bytes, start: 0, end: out.position };
  } finally {
    idle = out;
  }
}
