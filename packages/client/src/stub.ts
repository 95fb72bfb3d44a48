import { type CallOptions, FarcallError, type MethodDescriptor, type MethodRef, type ServiceDescriptor } from "@farcall/protocol";
import { assertOptions, type CallDefaults, type CallRequest, callForResult, callForStream } from "./call.js";

/**
 * An object with one function per method of the service, one such object per group, and `with`. It has no `then`, so it can be returned from an
 * async function, and no prototype, so nothing can be mistaken for a method.
 */
export function createStub(service: ServiceDescriptor, defaults: CallDefaults): object {
  return build(service, defaults, undefined);
}

/** One reference per method, however many stubs there are: a connection numbers methods by it. */
const references = new WeakMap<ServiceDescriptor, readonly MethodRef[]>();

function methodsOf(service: ServiceDescriptor): readonly MethodRef[] {
  const known = references.get(service);
  if (known !== undefined) return known;
  const methods = [...service.methods].map(([name, descriptor]): MethodRef => ({ service: service.name, name, descriptor }));
  references.set(service, methods);
  return methods;
}

/** What is said for one call counts more than what was said for all; what is not said counts nothing. */
function merge(base: CallOptions | undefined, given: CallOptions): CallOptions {
  if (base === undefined) return given;
  return { ...base, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) };
}

function build(service: ServiceDescriptor, defaults: CallDefaults, base: CallOptions | undefined): object {
  const stub: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const method of methodsOf(service)) stub[method.name] = stubMethod(method, defaults, base);
  for (const [name, group] of service.groups) stub[name] = build(group, defaults, base);
  stub.with = (options: CallOptions) => {
    assertOptions(options);
    return build(service, defaults, merge(base, options));
  };
  return Object.freeze(stub);
}

function stubMethod(method: MethodRef, defaults: CallDefaults, base: CallOptions | undefined): (...args: unknown[]) => unknown {
  const { kind, params, stream, signal, rest } = method.descriptor;
  const { shape } = method.descriptor.args;
  const required = shape.kind === "tuple" ? shape.required : 0;
  const answersStream = kind === "server-stream" || kind === "bidi-stream";
  const request = (args: unknown[]): CallRequest => {
    let options = base;
    if (rest === true) {
      args.length = Math.max(args.length, params - 1);
      args.splice(params - 1, args.length, args.slice(params - 1));
    } else if (args.length > params) {
      const given = args[params] as CallOptions | undefined;
      if (args.length > params + 1) {
        throw new TypeError(`${method.service}.${method.name} takes ${params} arguments and call options, got ${args.length}`);
      }
      args.length = params;
      if (given !== undefined) options = merge(base, given);
    }
    if (signal !== undefined) options = withSignal(options, signalOf(args, signal));
    const source = stream === undefined ? undefined : takeStream(method, args, stream);
    // Behind the stream, it has moved by one.
    if (signal?.property === undefined && signal !== undefined)
      args.splice(stream !== undefined && stream < signal.param ? signal.param - 1 : signal.param, 1);
    // Omitted parameters at the end need no bytes; one that is required may still be declared to allow undefined.
    while (args.length > required && args[args.length - 1] === undefined) args.length--;
    while (args.length < required) args.push(undefined);
    return { method, args, source, options };
  };
  if (answersStream) return (...args) => callForStream(defaults, request(args));
  return (...args) => {
    try {
      return callForResult(defaults, request(args));
    } catch (error) {
      return Promise.reject(error);
    }
  };
}

function signalOf(args: readonly unknown[], { param, property }: NonNullable<MethodDescriptor["signal"]>): unknown {
  const value = args[param];
  if (property === undefined) return value;
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[property] : undefined;
}

/** Either of two signals cancels the call. */
function withSignal(options: CallOptions | undefined, given: unknown): CallOptions | undefined {
  if (given === undefined || given === null) return options;
  const signal = given as AbortSignal;
  if (options?.signal === undefined || options.signal === signal) return { ...options, signal };
  assertOptions({ signal });
  return { ...options, signal: AbortSignal.any([options.signal, signal]) };
}

function takeStream(method: MethodRef, args: unknown[], index: number): AsyncIterable<unknown> {
  const source = args.length > index ? args.splice(index, 1)[0] : undefined;
  const isStream =
    typeof source === "object" &&
    source !== null &&
    typeof (source as { [Symbol.asyncIterator]?: unknown })[Symbol.asyncIterator] === "function";
  if (isStream) return source as AsyncIterable<unknown>;
  throw new FarcallError(
    "INVALID_ARGUMENT",
    `${method.service}.${method.name}: argument ${index + 1} must be an async iterable`,
    { executed: "no" },
  );
}
