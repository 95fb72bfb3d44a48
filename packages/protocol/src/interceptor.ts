import type { CallContext, CallOptions } from "./call-types.js";
import type { MethodKind } from "./service.js";

/** One call on its way, as interceptors on either side see it. Pass a changed copy to `next` to change the call. */
export interface InterceptedCall {
  readonly service: string;
  readonly method: string;
  readonly kind: MethodKind;
  /** The declared arguments in order, without the stream. */
  readonly args: readonly unknown[];
  /** What the caller streams, for `client-stream` and `bidi-stream`. */
  readonly input: AsyncIterable<unknown> | undefined;
}

export interface ClientCall extends InterceptedCall {
  /** The options of the call: deadline, signal, metadata. */
  readonly options: CallOptions;
}

export interface ServerCall extends InterceptedCall {
  readonly ctx: CallContext;
}

/**
 * Stands between a call and what carries it out: `next(call)` goes on, and resolves to the result, or to the async iterable
 * of a method that answers with a stream. It may change the call, the result or the error, or answer without `next`.
 */
export type Interceptor<Call extends InterceptedCall> = (call: Call, next: (call: Call) => Promise<unknown>) => Promise<unknown>;

export type ClientInterceptor = Interceptor<ClientCall>;
export type ServerInterceptor = Interceptor<ServerCall>;

/** The first interceptor is the outermost: it sees the call first and the answer last. */
export function compose<Call extends InterceptedCall>(
  interceptors: readonly Interceptor<Call>[],
  last: (call: Call) => Promise<unknown>,
): (call: Call) => Promise<unknown> {
  return interceptors.reduceRight<(call: Call) => Promise<unknown>>(
    (next, interceptor) => async (call) => interceptor(call, next),
    last,
  );
}

/** @throws TypeError that names the entry that is not a function. */
export function parseInterceptors<Call extends InterceptedCall>(
  given: readonly Interceptor<Call>[] | undefined,
  where: string,
): readonly Interceptor<Call>[] {
  if (given === undefined) return [];
  if (!Array.isArray(given)) throw new TypeError(`${where} must be an array of functions`);
  given.forEach((one: unknown, index) => {
    if (typeof one !== "function")
      throw new TypeError(`${where}[${index}] must be a function (call, next) => Promise, got ${typeof one}`);
  });
  return [...given];
}
