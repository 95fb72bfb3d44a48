// Written by hand until the generator prints it. Afterwards, from the repository root:
//   node packages/cli/bin/farcall.js gen benchmarks/src/contract.ts --out benchmarks/src/gen
import { type CallContext, type CallOptions, type ServiceDescriptor, isObject, schema, service, t } from "@farcall/protocol/codegen/v1";
import type { HelloReply, HelloRequest } from "../contract.js";

export type { HelloReply, HelloRequest } from "../contract.js";

export interface EchoClient {
  hello(request: HelloRequest, options?: CallOptions): Promise<HelloReply>;
}

export interface EchoHandler {
  hello(request: HelloRequest, ctx: CallContext): Promise<HelloReply> | HelloReply;
}

const helloRequestShape = /*@__PURE__*/ t.object({ id: t.number, name: t.string });
const isHelloRequest = (value: unknown): boolean => isObject(value) && typeof value.id === "number" && typeof value.name === "string";

const helloReplyShape = /*@__PURE__*/ t.object({ message: t.string, ok: t.boolean });
const isHelloReply = (value: unknown): boolean => isObject(value) && typeof value.message === "string" && typeof value.ok === "boolean";

/** The service every contender answers: one small unary call. */
export const Echo: ServiceDescriptor<EchoClient, EchoHandler> = /*@__PURE__*/ service<EchoClient, EchoHandler>({
  name: "Echo",
  fingerprint: "0000000000000001",
  methods: {
    hello: {
      kind: "unary",
      params: 1,
      args: /*@__PURE__*/ schema(
        /*@__PURE__*/ t.tuple([helloRequestShape], { labels: ["request"] }),
        (value) => Array.isArray(value) && value.length === 1 && isHelloRequest(value[0]),
      ),
      output: /*@__PURE__*/ schema(helloReplyShape, isHelloReply),
      fingerprint: "0000000000000002",
    },
  },
});
export type Echo = EchoClient;
