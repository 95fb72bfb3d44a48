import { isPlain } from "../schema/any.js";
import { type Input, misfit } from "./input.js";
import type { Output } from "./output.js";
import { UnsendableError } from "./unsendable.js";

/** Writes a value of no declared type; the form alone says what it is, so a bigint never takes that of an integer. */
export function writeAny(out: Output, value: unknown): void {
  switch (typeof value) {
    case "undefined":
      return out.undefined();
    case "boolean":
      return out.boolean(value);
    case "number":
      return out.number(value);
    case "bigint":
      return out.bigintAsSuch(value);
    case "string":
      return out.string(value);
    case "object":
      return writeObject(out, value);
    default:
      throw new UnsendableError(`a ${typeof value} has no form on the wire`);
  }
}

function writeObject(out: Output, value: object | null): void {
  if (value === null) return out.null();
  if (value instanceof Uint8Array) return out.binary(value);
  if (value instanceof Date) return out.date(value.getTime());
  if (Array.isArray(value)) {
    const { length } = value;
    out.openArray(length);
    for (let i = 0; i < length; i++) writeAny(out, value[i]);
  } else {
    // Getters and proxies may show one thing to the check and another to us.
    if (!isPlain(value)) throw new UnsendableError("the value changed while it was read");
    const keys = Object.keys(value);
    out.openMap(keys.length);
    for (const key of keys) {
      out.key(key);
      writeAny(out, (value as Record<string, unknown>)[key]);
    }
  }
  out.close();
}

/** Reads whatever is there. An integer beyond 2^53, which only other languages send, becomes a bigint. */
export function readAny(input: Input): unknown {
  switch (input.next()) {
    case "nil":
      return input.nil();
    case "undefined":
      return input.undefined();
    case "boolean":
      return input.boolean();
    case "integer":
    case "float":
      return input.numeric();
    case "bigint":
      return input.bigint();
    case "string":
      return input.string();
    case "date":
      return input.date();
    case "binary": {
      const begin = input.openBinary();
      return Uint8Array.prototype.slice.call(
        new Uint8Array(input.bytes.buffer, input.bytes.byteOffset + begin, input.position - begin),
      );
    }
    case "array": {
      const length = input.openArray();
      const values: unknown[] = [];
      for (let i = 0; i < length; i++) values.push(readAny(input));
      return values;
    }
    case "map": {
      const length = input.openMap();
      const values: Record<string, unknown> = {};
      for (let i = 0; i < length; i++) {
        // `scan` has refused a key that is `__proto__`.
        const key = input.string();
        values[key] = readAny(input);
      }
      return values;
    }
    default:
      throw misfit;
  }
}
