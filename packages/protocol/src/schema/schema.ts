import { explain, type Issue } from "./explain.js";
import { containsBigint, reviveBigints } from "./revive.js";
import type { Shape } from "./shape.js";

/** One type of the contract at run time: a fast check, and the shape that explains a refusal. */
export class Schema<T = unknown> {
  readonly shape: Shape;
  /** True when `value` is a `T`. Generated, straight-line code. */
  readonly is: (value: unknown) => value is T;
  #revives: boolean | undefined;

  constructor(shape: Shape, is: (value: unknown) => boolean) {
    this.shape = shape;
    this.is = is as (value: unknown) => value is T;
  }

  /** Why `value` is not a `T`: every problem with its path, up to a bound. Empty when it is one. */
  explain(value: unknown): Issue[] {
    return explain(this.shape, value);
  }

  /**
   * Turns a freshly decoded value into the declared type where MessagePack alone cannot tell:
   * a small integer becomes a `bigint` where the contract says so. May change `value` in place.
   */
  revive(value: unknown): unknown {
    this.#revives ??= containsBigint(this.shape);
    return this.#revives ? reviveBigints(this.shape, value) : value;
  }
}

/** Pairs a shape with its generated check. */
export function schema<T = unknown>(shape: Shape, is: (value: unknown) => boolean): Schema<T> {
  return new Schema<T>(shape, is);
}
