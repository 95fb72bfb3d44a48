import {
  type CallContext,
  type Clock,
  type ContextCarrier,
  carried,
  compose,
  contextCarrier,
  describeThrown,
  escapeForLog,
  FarcallError,
  type IncomingCall,
  isFromCall,
  type Logger,
  type Peer,
  type ServerCall,
  type ServerInterceptor,
  withExecuted,
  withRetryAfter,
} from "@farcall/protocol";
import { HandlerContext } from "./context.js";
import type { Route } from "./router.js";

export interface InvokerOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Longest wait for a caller that takes nothing from its stream. */
  readonly streamIdleMs: number;
  /** Names a fault, in the log and for the caller. */
  readonly newId: () => string;
  readonly interceptors: readonly ServerInterceptor[];
}

/** Runs handlers: builds the context, calls user code, and turns whatever it does into exactly one answer. */
export class Invoker {
  readonly #options: InvokerOptions;

  constructor(options: InvokerOptions) {
    this.#options = options;
  }

  /** Runs the handler of `call`. Never throws; the call is finished when the handler has returned. */
  run(call: IncomingCall, args: unknown[], peer: Peer): void {
    const ctx = new HandlerContext(call, peer, this.#options.clock);
    const carrier = contextCarrier();
    if (carrier === undefined) this.#run(call, args, ctx, undefined);
    else carrier.run(ctx, () => this.#run(call, args, ctx, carrier));
  }

  #run(call: IncomingCall, args: unknown[], ctx: HandlerContext, carrier: ContextCarrier | undefined): void {
    const { kind } = call.method.descriptor;
    const isIntercepted = this.#options.interceptors.length > 0;
    let returned: unknown;
    try {
      returned = isIntercepted ? this.#intercept(call, args, ctx) : enter(call, args, call.input, ctx);
      if (kind === "server-stream" || kind === "bidi-stream") {
        void this.#stream(call, returned, ctx, carrier);
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

  #intercept(call: IncomingCall, args: unknown[], ctx: HandlerContext): Promise<unknown> {
    const { service, name: method, descriptor } = call.method;
    const last = async (given: ServerCall): Promise<unknown> => {
      if (call.expiresAt <= this.#options.clock.now()) call.expired();
      return enter(call, [...given.args], given.input, given.ctx);
    };
    return compose(this.#options.interceptors, last)({ service, method, kind: descriptor.kind, args, input: call.input, ctx });
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
    if (!told) call.answerError(this.#errorOf(call, thrown));
    call.finished();
  }

  /**
   * What the caller gets to see. A handler that was entered has run, one that an interceptor refused has not, whatever the
   * error says: it may have come from another call.
   */
  #errorOf(call: IncomingCall, thrown: unknown): FarcallError {
    const error = FarcallError.from(thrown) ?? this.redact(call, thrown);
    const told = withExecuted(error, call.entered ? "yes" : "no");
    // It has been tried again where it failed, as far as that made sense: whoever called us need not begin anew.
    return isFromCall(thrown) ? withRetryAfter(told, Number.POSITIVE_INFINITY) : told;
  }

  async #stream(call: IncomingCall, returned: unknown, ctx: HandlerContext, carrier: ContextCarrier | undefined): Promise<void> {
    try {
      const source = await returned;
      if (!isAsyncIterable(source)) throw new TypeError(`the handler returned ${typeof source}, not an async iterable`);
      await call.answerStream(carrier === undefined ? source : carried(carrier, ctx, source), this.#options.streamIdleMs);
      call.finished();
    } catch (thrown) {
      this.#fail(call, thrown);
    }
  }
}

/**
 * Calls the handler with its arguments where it declared them. A call that has been answered or aborted while an
 * interceptor waited has told its caller so, and must not begin any more.
 */
function enter(call: IncomingCall, args: unknown[], input: AsyncIterable<unknown> | undefined, ctx: CallContext): unknown {
  if (call.isDone) throw call.abort.reason ?? new FarcallError("CANCELLED", "the call has been answered already");
  const { handler, descriptor } = call.method as Route;
  call.entered = true;
  const { stream, signal } = descriptor;
  const takesSignal = signal !== undefined && signal.property === undefined;
  // Each where it was declared, so the one that stands further left goes first.
  if (takesSignal && (stream === undefined || signal.param < stream)) args.splice(signal.param, 0, ctx.signal);
  if (stream !== undefined) args.splice(stream, 0, input);
  if (takesSignal && stream !== undefined && signal.param > stream) args.splice(signal.param, 0, ctx.signal);
  if (signal?.property !== undefined) args[signal.param] = withSignal(args[signal.param], signal.property, ctx.signal);
  args.push(ctx);
  return handler(...args);
}

/** Options that were left out stay so: `ctx.signal` is there all the same. */
function withSignal(options: unknown, property: string, signal: AbortSignal): unknown {
  return typeof options === "object" && options !== null ? { ...options, [property]: signal } : options;
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
