import type { AnyDeclaredErrorClass } from "./declared-error.js";
import type { Schema } from "./schema/schema.js";

/** How many messages travel each way: one or many from the caller, one or many from the handler. */
export type MethodKind = "unary" | "server-stream" | "client-stream" | "bidi-stream";

/**
 * What a repeated run of the handler may do. `at-most-once` is never sent again once it may have run;
 * `idempotent` may run more than once; `exactly-once` needs a key and a record on the server.
 */
export type Repeatability = "at-most-once" | "idempotent" | "exactly-once";

/** One method of a service, as the generator wrote it down. */
export interface MethodDescriptor {
  readonly kind: MethodKind;
  /** How many parameters the interface declares, the stream and the signal included. Call options and `ctx` follow them. */
  readonly params: number;
  /** Index of the `AsyncIterable` parameter, for `client-stream` and `bidi-stream`. */
  readonly stream?: number;
  /** Where the caller's `AbortSignal` stands, and the handler finds its own. It cancels the call, and does not travel. */
  readonly signal?: {
    /** Index of the declared parameter. */
    readonly param: number;
    /** The property of that parameter which holds it. Default: the parameter itself is the signal. */
    readonly property?: string;
  };
  /**
   * The last declared parameter takes any number of values; it travels, and reaches the handler, as one list. Call options
   * have no place behind it: see `with`. Default: no.
   */
  readonly rest?: boolean;
  /** A handler may lack it; calls of it then end with `UNIMPLEMENTED`. Default: no. */
  readonly optional?: boolean;
  /**
   * Declared with `@key`: index in `args` of the parameter that routes and orders calls. Its value is a string, number,
   * bigint or boolean, never missing. Calls of equal keys belong together; without one, calls are independent.
   */
  readonly key?: number;
  /** The declared parameters without the stream and the signal, as a tuple. */
  readonly args: Schema<readonly unknown[]>;
  /** One item of the stream the caller sends. */
  readonly input?: Schema;
  /** The result, or one item of the stream the handler sends. */
  readonly output: Schema;
  /**
   * For overloads that answer differently: what each answers, in the order of `args.arms`. `output` holds them all.
   * Default: a call is answered with any `output`.
   */
  readonly outputs?: readonly Schema[];
  /** Default: `at-most-once`. */
  readonly repeatability?: Repeatability;
  /** Declared with `@timeout`: milliseconds, `Infinity` for none. Default: the client's. */
  readonly timeoutMs?: number;
  /** Declared with `@throws`: the classes of errors that callers are told apart from others, by their name on the wire. */
  readonly errors?: Readonly<Record<string, AnyDeclaredErrorClass>>;
  /** Sixteen hex digits over the method's wire shape alone: comments, type names and timeouts do not change it. */
  readonly fingerprint: string;
}

/**
 * A service at run time: its wire name and its methods. `Client` and `Handler` exist for the type checker only.
 * Methods are looked up in a `Map`, so that no name from the wire can reach an object's prototype.
 */
export interface ServiceDescriptor<Client = unknown, Handler = unknown> {
  readonly name: string;
  readonly fingerprint: string;
  readonly methods: ReadonlyMap<string, MethodDescriptor>;
  /** Services that hang on a property of this one, by its name. On the wire they are services of their own. */
  readonly groups: ReadonlyMap<string, ServiceDescriptor>;
  /** Groups that a handler may lack. */
  readonly optionalGroups: ReadonlySet<string>;
  /** Type only, never present: what `client.service` returns and what `server.implement` takes. */
  readonly types?: { readonly client: Client; readonly handler: Handler };
}

/** What a call with these arguments is answered with: the result of its overload, or an item of that stream. */
export function outputOf({ args, output, outputs }: MethodDescriptor, values: readonly unknown[]): Schema {
  if (outputs === undefined) return output;
  return outputs[(args.arms ?? []).findIndex((arm) => arm.is(values))] ?? output;
}

/**
 * Builds the descriptor that a generated file exports. The methods come as a function, because a bundler that leaves out a
 * service that nobody uses must not have to ask whether the calls inside have effects.
 */
export function service<Client, Handler>(definition: {
  readonly name: string;
  readonly fingerprint: string;
  readonly methods: () => Readonly<Record<string, MethodDescriptor>>;
  readonly groups?: Readonly<Record<string, ServiceDescriptor>>;
  readonly optionalGroups?: readonly string[];
}): ServiceDescriptor<Client, Handler> {
  return {
    name: definition.name,
    fingerprint: definition.fingerprint,
    methods: new Map(Object.entries(definition.methods())),
    groups: new Map(Object.entries(definition.groups ?? {})),
    optionalGroups: new Set(definition.optionalGroups),
  };
}
