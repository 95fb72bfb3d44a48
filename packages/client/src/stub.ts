import { type CallOptions, FarcallError, type MethodRef, type ServiceDescriptor } from "@farcall/protocol";
import { assertOptions, type CallDefaults, type CallRequest, callForResult, callForStream } from "./call.js";

/**
 * An object with one function per method of the service, and `with`. It has no `then`, so it can be returned from an
 * async function, and no prototype, so nothing can be mistaken for a method.
 */
export function createStub(service: ServiceDescriptor, defaults: CallDefaults): object {
  return build(methodsOf(service), defaults, undefined);
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

function build(methods: readonly MethodRef[], defaults: CallDefaults, base: CallOptions | undefined): object {
  const stub: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const method of methods) stub[method.name] = stubMethod(method, defaults, base);
  stub.with = (options: CallOptions) => {
    assertOptions(options);
    return build(methods, defaults, merge(base, options));
  };
  return Object.freeze(stub);
}

function stubMethod(method: MethodRef, defaults: CallDefaults, base: CallOptions | undefined): (...args: unknown[]) => unknown {
  const { kind, params, stream } = method.descriptor;
  const answersStream = kind === "server-stream" || kind === "bidi-stream";
  const request = (args: unknown[]): CallRequest => {
    let options = base;
    if (args.length > params) {
      const given = args[params] as CallOptions | undefined;
      if (args.length > params + 1) {
        throw new TypeError(`${method.service}.${method.name} takes ${params} arguments and call options, got ${args.length}`);
      }
      args.length = params;
      if (given !== undefined) options = merge(base, given);
    }
    const source = stream === undefined ? undefined : takeStream(method, args, stream);
    // Omitted parameters at the end need no bytes.
    while (args.length > 0 && args[args.length - 1] === undefined) args.length--;
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
