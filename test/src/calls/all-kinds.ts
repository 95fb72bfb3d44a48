import { createClient } from "@farcall/client";
import { createServer } from "@farcall/server";
import { wellBehaved } from "../conformance/implementation.js";
import { collect, failureOf, streamOf } from "../conformance/settlement.js";
import { Conformance } from "../contracts/gen/conformance.js";

// A program of its own: one call of each kind, and a refusal, between a server and a client.
const server = createServer().implement(Conformance, wellBehaved);
const { url } = await server.listen();
const client = createClient(url);
const stub = client.service(Conformance);
const unary = await stub.record({ a: "b" });
const upload = await stub.sum(streamOf(new Uint8Array(3), new Uint8Array(4)));
const download = await collect(stub.download([1, 2]));
const talk = await collect(stub.talk(streamOf(new Uint8Array(5))));
const refusal = await failureOf(stub.order({} as never));
await client.close();
await server.close();
const isRight =
  unary.a === "b" && upload === 7 && download.length === 2 && talk[0]?.length === 5 && refusal.code === "INVALID_ARGUMENT";
if (!isRight) throw new Error("a wrong answer");
console.log("4 kinds answered");
