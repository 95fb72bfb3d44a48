import type { MethodDescriptor } from "../service.js";

/** A method as one side addresses it. One object per method, so that a session can number it by identity. */
export interface MethodRef {
  readonly service: string;
  readonly name: string;
  readonly descriptor: MethodDescriptor;
}
