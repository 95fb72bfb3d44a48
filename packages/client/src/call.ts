import {
  assertSendable,
  type CallOptions,
  type Clock,
  copyEncoded,
  type DeadlineWheel,
  type Encoded,
  encode,
  FarcallError,
  Metadata,
  type MethodRef,
  OutgoingCall,
  ShapeError,
  show,
  writeMetadata,
  writeValue,
} from "@farcall/protocol";
import type { Channel } from "./channel.js";

/** What every call of one client shares. */
export interface CallDefaults {
  readonly channel: Channel;
  readonly clock: Clock;
  readonly wheel: DeadlineWheel;
  readonly timeoutMs: number;
  readonly streamIdleTimeoutMs: number;
  readonly windowBytes: number;
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
  return new Promise((resolve, reject) => {
    start(defaults, request, { resolve, reject });
  });
}

/** A call whose handler answers with a stream. It starts now, not with the first read. Misuse throws. */
export function callForStream(defaults: CallDefaults, request: CallRequest): AsyncIterable<unknown> {
  return start(defaults, request, {}).output as AsyncIterable<unknown>;
}

interface Settle {
  readonly resolve?: (value: unknown) => void;
  readonly reject?: (error: FarcallError) => void;
}

function start(defaults: CallDefaults, request: CallRequest, settle: Settle): OutgoingCall {
  const { channel, clock, wheel } = defaults;
  const { method, args, options } = request;
  if (options !== undefined) assertOptions(options);
  const { descriptor } = method;
  const timeoutMs =
    options?.timeoutMs ?? descriptor.timeoutMs ?? (descriptor.kind === "unary" ? defaults.timeoutMs : Number.POSITIVE_INFINITY);
  let refusal: FarcallError | undefined;
  let head: Uint8Array | undefined;
  let encoded: Encoded | undefined;
  try {
    if (options?.metadata !== undefined) head = encodeHead(Metadata.from(options.metadata));
    // Arguments are encoded now: what the caller does to them afterwards never matters.
    encoded = writeValue(descriptor.args, args);
    assertSendable(encoded, channel.maxMessageBytes, `${method.service}.${method.name}: the arguments`, "no");
  } catch (error) {
    refusal = refusalOf(method, error);
  }
  const call = new OutgoingCall({
    method,
    deadline: timeoutMs === Number.POSITIVE_INFINITY ? timeoutMs : clock.now() + timeoutMs,
    timeoutMs,
    head,
    signal: options?.signal,
    wheel,
    source: request.source,
    windowBytes: defaults.windowBytes,
    streamIdleMs: defaults.streamIdleTimeoutMs,
    resultTimeoutMs: defaults.timeoutMs,
    ...settle,
  });
  if (refusal !== undefined) call.fail(refusal);
  else if (options?.signal?.aborted === true)
    call.cancel(`${method.service}.${method.name} was aborted before it began`, options.signal.reason);
  else if (timeoutMs <= 0) call.expired();
  else channel.send(call, encoded as Encoded, options?.waitForReady ?? true);
  return call;
}

function refusalOf(method: MethodRef, error: unknown): FarcallError {
  if (FarcallError.is(error)) return error;
  const what = error instanceof ShapeError || error instanceof TypeError ? error.message : "an argument threw while it was read";
  return new FarcallError("INVALID_ARGUMENT", `${method.service}.${method.name}: ${what}`, { executed: "no", cause: error });
}

function encodeHead(metadata: Metadata): Uint8Array | undefined {
  const head = writeMetadata(metadata);
  if (head === undefined) return undefined;
  return copyEncoded(encode(head));
}

const known = new Set(["timeoutMs", "signal", "metadata", "waitForReady"]);

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
  if (waitForReady !== undefined && typeof waitForReady !== "boolean") {
    throw new TypeError(`call options: waitForReady must be true or false, got ${show(waitForReady)}`);
  }
}
