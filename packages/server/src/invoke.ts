import { type Clock, describeThrown, FarcallError, type IncomingCall, type Peer } from "@farcall/protocol";
import { HandlerContext } from "./context.js";
import { escapeForLog, type Logger } from "./logger.js";
import type { Route } from "./router.js";

export interface InvokerOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Longest wait for a caller that takes nothing from its stream. */
  readonly streamIdleMs: number;
  /** Names a fault, in the log and for the caller. */
  readonly newId: () => string;
}

/** Runs handlers: builds the context, calls user code, and turns whatever it does into exactly one answer. */
export class Invoker {
  readonly #options: InvokerOptions;

  constructor(options: InvokerOptions) {
    this.#options = options;
  }

  /** Runs the handler of `call`. Never throws; the call is finished when the handler has returned. */
  run(call: IncomingCall, args: unknown[], peer: Peer): void {
    const route = call.method as Route;
    const { kind, stream } = route.descriptor;
    if (stream !== undefined) args.splice(stream, 0, call.input);
    args.push(new HandlerContext(call, peer, this.#options.clock));
    let returned: unknown;
    try {
      returned = route.handler(...args);
      if (kind === "server-stream" || kind === "bidi-stream") {
        void this.#stream(call, returned);
        return;
      }
      if (isThenable(returned)) {
        Promise.resolve(returned).then(
          (value) => this.#answer(call, value),
          (thrown: unknown) => this.#fail(call, thrown),
        );
        return;
      }
    } catch (thrown) {
      this.#fail(call, thrown);
      return;
    }
    this.#answer(call, returned);
  }

  /** The opaque error the peer sees in place of what was thrown; the log has the rest under the same id. */
  redact(call: IncomingCall, thrown: unknown): FarcallError {
    const id = this.#options.newId();
    this.#options.logger.error(
      escapeForLog(`farcall: ${call.method.service}.${call.method.name} failed (${id}): ${describeThrown(thrown)}`),
    );
    return new FarcallError("INTERNAL", `internal error ${id}`, { executed: "yes" });
  }

  #answer(call: IncomingCall, value: unknown): void {
    call.answer(value);
    call.finished();
  }

  #fail(call: IncomingCall, thrown: unknown): void {
    // A handler that stops because it was told to has nothing to add, and nothing went wrong.
    const told = call.abort.reason !== undefined;
    if (!told) call.answerError(FarcallError.is(thrown) ? thrown : this.redact(call, thrown));
    call.finished();
  }

  async #stream(call: IncomingCall, returned: unknown): Promise<void> {
    try {
      const source = await returned;
      if (!isAsyncIterable(source)) throw new TypeError(`the handler returned ${typeof source}, not an async iterable`);
      await call.answerStream(source, this.#options.streamIdleMs);
      call.finished();
    } catch (thrown) {
      this.#fail(call, thrown);
    }
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as { [Symbol.asyncIterator]?: unknown })[Symbol.asyncIterator] === "function"
  );
}
