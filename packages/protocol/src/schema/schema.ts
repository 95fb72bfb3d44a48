import { argsReaderOf, type Read, readerOf } from "../plain/readers.js";
import { type Write, writerOf } from "../plain/writers.js";
import { explain, formatIssue, type Issue, type View } from "./explain.js";
import type { Shape } from "./shape.js";

/** What Standard Schema asks of a validator. Nothing is changed on the way: the value that comes out is the one that went in. */
export interface StandardProps<T> {
  readonly version: 1;
  readonly vendor: "farcall";
  readonly validate: (
    value: unknown,
  ) =>
    | { readonly value: T; readonly issues?: undefined }
    | { readonly issues: readonly { readonly message: string; readonly path?: readonly (string | number)[] }[] };
  readonly types?: { readonly input: T; readonly output: T };
}

/** One type of the contract at run time: a fast check, how it travels, and the shape that explains a refusal. */
export class Schema<T = unknown> {
  readonly shape: Shape;
  /** True when `value` is a `T`. Generated, straight-line code. */
  readonly is: (value: unknown) => value is T;
  /** For the arguments of an overloaded method: those of each overload, of which the value fits at least one. */
  readonly arms: readonly Schema[] | undefined;
  /** Made when first needed: a program uses few of the types it knows. */
  #standard: StandardProps<T> | undefined;
  #write: Write | undefined;
  #read: Read | undefined;
  #readArgs: Read | undefined;

  constructor(shape: Shape, is: (value: unknown) => boolean, arms?: readonly Schema[]) {
    this.shape = shape;
    this.is = is as (value: unknown) => value is T;
    this.arms = arms;
  }

  /** Why `value` is not a `T`: every problem with its path, up to a bound. Empty when it is one. */
  explain(value: unknown, view?: View): Issue[] {
    const issues = explain(this.shape, value, view);
    // Each part may be right by itself, and the whole be none of the overloads.
    if (issues.length > 0 || this.arms === undefined) return issues;
    return this.arms.map(({ shape }) => explain(shape, value, view)).reduce(nearer);
  }

  /** For libraries that take validators of any make: Standard Schema, version 1 (https://standardschema.dev). */
  get "~standard"(): StandardProps<T> {
    this.#standard ??= {
      version: 1,
      vendor: "farcall",
      validate: (value) => {
        if (this.is(value)) return { value };
        const issues = this.explain(value).map((issue) => ({ message: formatIssue(issue), path: issue.path }));
        return { issues: issues.length > 0 ? issues : [{ message: "the value does not fit its contract" }] };
      },
    };
    return this.#standard;
  }

  /** Writes a value that has been checked. */
  get write(): Write {
    this.#write ??= writerOf(this.shape);
    return this.#write;
  }

  /** Reads a value, and checks it on the way. */
  get read(): Read {
    this.#read ??= readerOf(this.shape);
    return this.#read;
  }

  /** Reads an argument list; what follows the declared parameters comes from a newer caller and is skipped. */
  get readArgs(): Read {
    this.#readArgs ??= argsReaderOf(this.shape);
    return this.#readArgs;
  }
}

/** Pairs a shape with its generated check. */
export function schema<T = unknown>(shape: Shape, is: (value: unknown) => boolean): Schema<T> {
  return new Schema<T>(shape, is);
}

/** The arguments of an overloaded method: `shape` is how they travel, position by position, `arms` what they may be together. */
export function overloaded<T = unknown>(shape: Shape, arms: readonly Schema[]): Schema<T> {
  return new Schema<T>(shape, (value) => arms.some((arm) => arm.is(value)), arms);
}

/** What is wrong inside an argument says more than that it is another one. */
function nearer(a: Issue[], b: Issue[]): Issue[] {
  const depth = ([first]: Issue[]): number => first?.path.length ?? 0;
  return b.length < a.length || (b.length === a.length && depth(b) > depth(a)) ? b : a;
}
