import {
  assertSendable,
  type CallContext,
  type CallOptions,
  type ClientCall,
  type ClientInterceptor,
  type Clock,
  compose,
  contextCarrier,
  type DeadlineWheel,
  type Encoded,
  encodeHead,
  FarcallError,
  Metadata,
  type MethodRef,
  OutgoingCall,
  outputOf,
  ownEncoded,
  ShapeError,
  show,
  withExecuted,
  writeValue,
} from "@farcall/protocol";
import { DeferredStream } from "./deferred-stream.js";
import { Dispatch, type DispatchSetting } from "./dispatch.js";
import { RecentLatency } from "./retry/recent-latency.js";

/** What every call of one client shares. */
export interface CallDefaults {
  readonly dispatch: DispatchSetting;
  readonly clock: Clock;
  readonly wheel: DeadlineWheel;
  readonly timeoutMs: number;
  readonly streamIdleTimeoutMs: number;
  readonly windowBytes: number;
  readonly interceptors: readonly ClientInterceptor[];
  /** Whether calls inherit from the call that is being served around them. */
  readonly contextPropagation: boolean;
  /** How long the recent calls of idempotent methods took. */
  readonly latencies: Map<MethodRef, RecentLatency>;
  /** Where something thrown by the caller's own callbacks is reported. */
  readonly report: (thrown: unknown) => void;
}

/** One call as the stub hands it over. */
export interface CallRequest {
  readonly method: MethodRef;
  /** The declared arguments without the stream. */
  readonly args: unknown[];
  readonly source: AsyncIterable<unknown> | undefined;
  readonly options: CallOptions | undefined;
}

/** A call whose handler answers once. Everything that goes wrong, misuse included, rejects the promise. */
export function callForResult(defaults: CallDefaults, request: CallRequest): Promise<unknown> {
  if (defaults.interceptors.length > 0) return intercept(defaults, request);
  return startForResult(defaults, request);
}

/** A call whose handler answers with a stream. It starts now, not with the first read. Misuse throws. */
export function callForStream(defaults: CallDefaults, request: CallRequest): AsyncIterable<unknown> {
  if (defaults.interceptors.length > 0) return new DeferredStream(intercept(defaults, request));
  return start(defaults, request, {}).output as AsyncIterable<unknown>;
}

function startForResult(defaults: CallDefaults, request: CallRequest): Promise<unknown> {
  return new Promise((resolve, reject) => {
    start(defaults, request, { resolve, reject });
  });
}

/** The call through the interceptors. They run at once, so arguments are still encoded inside the call unless one of them waits. */
function intercept(defaults: CallDefaults, { method, args, source, options }: CallRequest): Promise<unknown> {
  const { kind } = method.descriptor;
  const last = async (call: ClientCall): Promise<unknown> => {
    const request: CallRequest = { method, args: [...call.args], source: call.input, options: call.options };
    return kind === "server-stream" || kind === "bidi-stream"
      ? start(defaults, request, {}).output
      : startForResult(defaults, request);
  };
  const call: ClientCall = { service: method.service, method: method.name, kind, args, input: source, options: options ?? {} };
  return compose(defaults.interceptors, last)(call);
}

interface Settle {
  readonly resolve?: (value: unknown) => void;
  readonly reject?: (error: FarcallError) => void;
}

function start(defaults: CallDefaults, request: CallRequest, settle: Settle): OutgoingCall {
  const { dispatch, clock, wheel } = defaults;
  const { channel, budget } = dispatch;
  const { method, args, options } = request;
  if (options !== undefined) assertOptions(options);
  const { descriptor } = method;
  const parent = options?.parent ?? (defaults.contextPropagation ? contextCarrier()?.current() : undefined);
  const named = options?.timeoutMs ?? descriptor.timeoutMs;
  const own = named ?? (descriptor.kind === "unary" ? defaults.timeoutMs : Number.POSITIVE_INFINITY);
  // One budget for the whole chain: what is left of the caller's time is all there is.
  const timeoutMs = parent === undefined ? own : Math.min(own, parent.timeoutMs());
  const signals = signalsOf(options?.signal, parent?.signal);
  const inheritedAttempts = parent?.attempt ?? 0;
  let refusal: FarcallError | undefined;
  let head: Uint8Array | undefined;
  let encoded: Encoded | undefined;
  let answer = descriptor.output;
  let metadata = Metadata.empty;
  let key: string | undefined;
  try {
    metadata = Metadata.from(options?.metadata);
    if (parent !== undefined) metadata = withTrace(metadata, parent);
    head = encodeHead(metadata, inheritedAttempts);
    if (descriptor.key !== undefined) key = String(args[descriptor.key]);
    // Arguments are encoded now: what the caller does to them afterwards never matters.
    answer = outputOf(descriptor, args);
    encoded = writeValue(descriptor.args, args);
    assertSendable(encoded, channel.maxMessageBytes, `${method.service}.${method.name}: the arguments`, "no");
  } catch (error) {
    refusal = refusalOf(method, error);
  }
  const latency = latencyOf(defaults, method);
  const now = clock.now();
  const call = new OutgoingCall({
    method,
    answer,
    now,
    deadline: now + timeoutMs,
    timeoutMs,
    head,
    signals,
    onHeaders: options?.onHeaders,
    onTrailers: options?.onTrailers,
    report: defaults.report,
    wheel,
    source: request.source,
    windowBytes: defaults.windowBytes,
    streamIdleMs: defaults.streamIdleTimeoutMs,
    resultTimeoutMs: named === undefined ? defaults.timeoutMs : Number.POSITIVE_INFINITY,
    slowMs:
      latency === undefined || inheritedAttempts > 0 ? Number.POSITIVE_INFINITY : attemptTimeoutMs(dispatch, latency, timeoutMs),
    resolve: settle.resolve,
    reject: settle.reject,
  });
  const aborted = signals.find((signal) => signal.aborted);
  if (refusal !== undefined) call.fail(refusal);
  else if (aborted !== undefined) call.cancel(`${method.service}.${method.name} was aborted before it began`, aborted.reason);
  else if (timeoutMs <= 0) call.expired();
  else {
    budget.deposit(now);
    // The bytes are kept: they are what another attempt sends.
    const kept = ownEncoded(encoded as Encoded);
    const waitForReady = options?.waitForReady ?? true;
    channel.submit(new Dispatch(dispatch, { call, args: kept, metadata, key, waitForReady, inheritedAttempts, latency }), now);
  }
  return call;
}

/** What is known of the method's calls; `undefined` for methods that are never raced. */
function latencyOf({ dispatch, latencies }: CallDefaults, method: MethodRef): RecentLatency | undefined {
  const { kind, repeatability } = method.descriptor;
  if (kind !== "unary" || repeatability !== "idempotent" || dispatch.retry.maxAttempts === 1) return undefined;
  let known = latencies.get(method);
  if (known === undefined) {
    known = new RecentLatency();
    latencies.set(method, known);
  }
  return known;
}

/** How long an attempt may take before another is made: generous beside what is usual, small beside the deadline. */
function attemptTimeoutMs({ retry }: DispatchSetting, latency: RecentLatency, timeoutMs: number): number {
  if (retry.attemptTimeoutMs !== "auto") return retry.attemptTimeoutMs;
  const { p99Ms = Number.POSITIVE_INFINITY } = latency;
  return Math.max(250, Math.min(4 * p99Ms, 1_000, timeoutMs / 3));
}

function refusalOf(method: MethodRef, error: unknown): FarcallError {
  const ours = FarcallError.from(error);
  // A getter of an argument may pass on the error of another call; this one was never sent, whatever that one says.
  if (ours !== undefined) return withExecuted(ours, "no");
  const what = error instanceof ShapeError || error instanceof TypeError ? error.message : "an argument threw while it was read";
  return new FarcallError("INVALID_ARGUMENT", `${method.service}.${method.name}: ${what}`, { executed: "no", cause: error });
}

const noSignals: readonly AbortSignal[] = [];

function signalsOf(own: AbortSignal | undefined, inherited: AbortSignal | undefined): readonly AbortSignal[] {
  if (own === undefined) return inherited === undefined ? noSignals : [inherited];
  return inherited === undefined || inherited === own ? [own] : [own, inherited];
}

/** W3C Trace Context: what a call carries, the calls made for it carry too, unless they say otherwise. */
const traceKeys = ["traceparent", "tracestate"] as const;

function withTrace(metadata: Metadata, parent: CallContext): Metadata {
  if (metadata.has("traceparent")) return metadata;
  const inherited = traceKeys.flatMap((key) => parent.metadata.getAll(key).map((value) => [key, value] as const));
  return inherited.length === 0 ? metadata : Metadata.from([...metadata, ...inherited]);
}

const known = new Set(["timeoutMs", "signal", "metadata", "waitForReady", "onHeaders", "onTrailers", "parent"]);

/** @throws TypeError or RangeError that names the option and quotes the value. */
export function assertOptions(options: CallOptions): void {
  if (typeof options !== "object" || options === null)
    throw new TypeError(`call options must be an object, got ${show(options)}`);
  for (const key in options) {
    if (!known.has(key)) throw new TypeError(`call options: ${key} is not an option; known are ${[...known].join(", ")}`);
  }
  const { timeoutMs, signal, waitForReady } = options;
  if (timeoutMs !== undefined) {
    if (typeof timeoutMs !== "number")
      throw new TypeError(`call options: timeoutMs must be a number of milliseconds, got ${show(timeoutMs)}`);
    if (Number.isNaN(timeoutMs))
      throw new RangeError("call options: timeoutMs must be a number of milliseconds or Infinity, got NaN");
  }
  if (signal !== undefined && (typeof signal !== "object" || signal === null || typeof signal.addEventListener !== "function")) {
    throw new TypeError(`call options: signal must be an AbortSignal, got ${show(signal)}`);
  }
  for (const name of ["onHeaders", "onTrailers"] as const) {
    if (options[name] !== undefined && typeof options[name] !== "function") {
      throw new TypeError(`call options: ${name} must be a function, got ${show(options[name])}`);
    }
  }
  if (options.parent !== undefined && typeof (options.parent as { timeoutMs?: unknown } | null)?.timeoutMs !== "function") {
    throw new TypeError(`call options: parent must be the ctx of a handler, got ${show(options.parent)}`);
  }
  if (waitForReady !== undefined && typeof waitForReady !== "boolean") {
    throw new TypeError(`call options: waitForReady must be true or false, got ${show(waitForReady)}`);
  }
}
