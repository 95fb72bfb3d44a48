import { copyEncoded } from "./codec.js";
import { FarcallError } from "./error.js";
import { scan } from "./scan.js";
import type { Schema } from "./schema/schema.js";
import { readValue, ShapeError, writeValue } from "./values.js";

/** What may be said about a declared error besides its fields. */
export interface DeclaredErrorOptions {
  /** For people. Default: the name of the error. */
  readonly message?: string;
  /** For local logs. Never sent. */
  readonly cause?: unknown;
}

/** An instance of a declared error: a `FarcallError` with the fields that the contract declares. */
export type DeclaredError<Fields> = FarcallError & Readonly<Fields>;

/**
 * The class of an error that a contract declares with `@throws`. Handlers throw it; at the caller, `instanceof` holds for it
 * and its fields are there, whatever a bundler made of its name.
 */
export interface DeclaredErrorClass<Fields> {
  /** @throws TypeError when the fields are not of the declared types. */
  new (fields: Fields, options?: DeclaredErrorOptions): DeclaredError<Fields>;
  /** By this name it travels. */
  readonly errorName: string;
  readFields(bytes: Uint8Array): object;
  [Symbol.hasInstance](value: unknown): boolean;
}

/** The class of any declared error. */
export interface AnyDeclaredErrorClass {
  new (fields: never, options?: DeclaredErrorOptions): FarcallError;
  readonly errorName: string;
  /** Reads fields that have travelled. @throws Error when they are of other types. */
  readFields(bytes: Uint8Array): object;
}

/** How a declared error stands in the details of an error frame. Details have no declared type; the fields do. */
interface Details {
  readonly error: string;
  /** The fields, written like any value of their type. */
  readonly fields: Uint8Array;
}

/** Holds the name of a declared error whose fields are there; shared by all copies of Farcall in a process. */
const brand = Symbol.for("farcall.declared-error");

/** Builds the class that a generated file exports. */
export function declaredError<Fields>(name: string, fieldsOf: () => Schema): DeclaredErrorClass<Fields> {
  const schema = fieldsOf();
  class Declared extends FarcallError {
    static readonly errorName = name;

    static readFields(bytes: Uint8Array): object {
      const end = scan(bytes, 0, bytes.length, 1);
      return readValue(schema, { bytes, start: 0, end, announced: 0, isOwn: false }) as object;
    }

    constructor(fields: Fields, options: DeclaredErrorOptions = {}) {
      const bytes = writeFields(name, schema, fields);
      const details: Details = { error: name, fields: bytes };
      super("FAILED_PRECONDITION", options.message ?? name, {
        details,
        ...(options.cause === undefined ? {} : { cause: options.cause }),
      });
      // For the wire alone: whoever prints the error sees its fields.
      Object.defineProperties(this, { details: { enumerable: false }, [brand]: { value: name } });
      // As they will arrive, so that nothing undeclared is there on this side only.
      Object.assign(this, Declared.readFields(bytes));
    }

    static override [Symbol.hasInstance](value: unknown): boolean {
      return FarcallError.is(value) && (value as { [brand]?: unknown })[brand] === name;
    }
  }
  // What consoles call it, and stack traces.
  Object.defineProperty(Declared, "name", { value: name });
  return Declared as unknown as DeclaredErrorClass<Fields>;
}

function writeFields(name: string, schema: Schema, fields: unknown): Uint8Array {
  try {
    return copyEncoded(writeValue(schema, fields));
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    throw new TypeError(`${name}: ${error.message}`);
  }
}

/** The fields of a declared error beside the error itself. Unchanged when it is none of `errors`, or its fields do not fit. */
export function revive(error: FarcallError, errors: Readonly<Record<string, AnyDeclaredErrorClass>> | undefined): FarcallError {
  const details = errors === undefined ? undefined : detailsOf(error);
  if (errors === undefined || details === undefined || !Object.hasOwn(errors, details.error)) return error;
  const Class = errors[details.error] as AnyDeclaredErrorClass;
  try {
    const revived = new Class(Class.readFields(details.fields) as never, { message: error.message, cause: error.cause });
    const { code, executed, stack } = error;
    return Object.assign(
      revived,
      { code, executed, stack },
      error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs },
    );
  } catch {
    return error;
  }
}

function detailsOf(value: unknown): Details | undefined {
  if (!FarcallError.is(value)) return undefined;
  const details = value.details as Partial<Details> | null | undefined;
  if (typeof details !== "object" || details === null) return undefined;
  const { error, fields } = details;
  return typeof error === "string" && fields instanceof Uint8Array ? { error, fields } : undefined;
}
