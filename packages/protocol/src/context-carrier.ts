import type { CallContext } from "./call-types.js";

/**
 * Carries the context of the call being served to the calls that serving it makes. A port: on Node the first client
 * of a process puts an AsyncLocalStorage behind it, elsewhere there is none and `{ parent: ctx }` says it explicitly.
 */
export interface ContextCarrier {
  run<T>(ctx: CallContext, body: () => T): T;
  current(): CallContext | undefined;
}

/** Shared by all copies of Farcall in a process. */
const slot = Symbol.for("farcall.context-carrier");
const holder = globalThis as { [slot]?: ContextCarrier };

export function contextCarrier(): ContextCarrier | undefined {
  return holder[slot];
}

/** The first one stays. */
export function installContextCarrier(make: () => ContextCarrier): void {
  holder[slot] ??= make();
}

/** The same items, each asked for inside the context of `ctx`: a generator's body runs in the context of who pulls it. */
export function carried(carrier: ContextCarrier, ctx: CallContext, source: AsyncIterable<unknown>): AsyncIterable<unknown> {
  return {
    [Symbol.asyncIterator]() {
      const iterator = carrier.run(ctx, () => source[Symbol.asyncIterator]());
      return {
        next: () => carrier.run(ctx, () => iterator.next()),
        return: () => carrier.run(ctx, () => iterator.return?.() ?? Promise.resolve({ done: true, value: undefined })),
      };
    },
  };
}
