import type { CallOptions } from "@farcall/client";
import type { CallContext } from "@farcall/server";
import type { ConformanceClient, ConformanceHandler } from "../contracts/gen/conformance.js";
import { collect, streamOf } from "./settlement.js";

type AnyHandler = (input: AsyncIterable<Uint8Array> | undefined, ctx: CallContext) => unknown;

/** One of the four kinds of call, so that a case can be written once for all. */
export interface Kind {
  readonly name: "unary" | "server-stream" | "client-stream" | "bidi-stream";
  readonly answersStream: boolean;
  readonly takesStream: boolean;
  /** An implementation whose method of this kind does what `handler` does. */
  serve(handler: AnyHandler): Partial<ConformanceHandler>;
  /** Calls that method. Resolves with everything it answered. */
  call(stub: ConformanceClient, options?: CallOptions, source?: AsyncIterable<Uint8Array>): Promise<unknown[]>;
  /** The answers of a server stream or bidirectional call, one by one. */
  open(stub: ConformanceClient, options?: CallOptions, source?: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
}

const item = new Uint8Array([1]);

export const kinds: readonly Kind[] = [
  {
    name: "unary",
    answersStream: false,
    takesStream: false,
    serve: (handler) => ({ echo: (_bytes, ctx) => handler(undefined, ctx) as Uint8Array }),
    call: async (stub, options) => [await stub.echo(item, options)],
    open: () => streamOf(),
  },
  {
    name: "server-stream",
    answersStream: true,
    takesStream: false,
    serve: (handler) => ({ download: (_sizes, ctx) => handler(undefined, ctx) as AsyncIterable<Uint8Array> }),
    call: (stub, options) => collect(stub.download([1], options)),
    open: (stub, options) => stub.download([1], options),
  },
  {
    name: "client-stream",
    answersStream: false,
    takesStream: true,
    serve: (handler) => ({ sum: (chunks, ctx) => handler(chunks, ctx) as number }),
    call: async (stub, options, source = streamOf(item)) => [await stub.sum(source, options)],
    open: () => streamOf(),
  },
  {
    name: "bidi-stream",
    answersStream: true,
    takesStream: true,
    serve: (handler) => ({ talk: (lines, ctx) => handler(lines, ctx) as AsyncIterable<Uint8Array> }),
    call: (stub, options, source = streamOf(item)) => collect(stub.talk(source, options)),
    open: (stub, options, source = streamOf(item)) => stub.talk(source, options),
  },
];
