// A program with two copies of Farcall, in which others have registered extensions with the msgpackr of each.
import { deepStrictEqual } from "node:assert/strict";
import * as client from "@farcall/client";
import * as server from "@farcall/server";
import * as msgpackr from "msgpackr";
import * as values from "../contracts/gen/values.js";
import { secondCopy } from "./second-copy.js";

const other = await secondCopy();
const ours = { client, server, msgpackr, values };
const used: string[] = [];

for (const copy of [ours, other]) {
  for (const [type, Class] of [[0x42], [-1, Date], [0xff, Uint8Array], [0], [0x73, Set], [0x65, Error], [0x4d, Map]] as const) {
    const extension = {
      type,
      ...(Class === undefined ? {} : { Class }),
      pack: () => {
        used.push(`pack ${type}`);
        return Buffer.from([1]);
      },
      unpack: () => {
        used.push(`unpack ${type}`);
        return "hijacked";
      },
    };
    copy.msgpackr.addExtension(extension as unknown as Parameters<typeof msgpackr.addExtension>[0]);
  }
}

const samples = {
  date: new Date(1_123),
  bytes: new Uint8Array([1, 2]),
  bigint: 2n ** 80n,
  sparse: [undefined, 1],
  map: new Map([["a", new Date(5)]]),
  set: new Set([1n]),
  either: new Date(9),
  anyone: { name: "a", owners: new Set(["b"]) },
} as const;

for (const [calling, called] of [
  [ours, other],
  [other, ours],
] as const) {
  const serving = called.server.createServer();
  const handler: Record<string, unknown> = {};
  for (const name of called.values.Values.methods.keys()) handler[name] = (value: unknown) => value;
  serving.implement(called.values.Values, handler as unknown as values.ValuesHandler);
  const { url } = await serving.listen();
  const caller = calling.client.createClient(url);
  const stub = caller.service(calling.values.Values) as unknown as Record<string, (value: unknown) => Promise<unknown>>;
  for (const [method, value] of Object.entries(samples)) deepStrictEqual(await stub[method]?.(value), value);
  await caller.close();
  await serving.close();
}
deepStrictEqual(used, []);
// They do change what each msgpackr itself makes of such values.
for (const copy of [ours, other]) new copy.msgpackr.Packr({ useRecords: false }).pack(new Date(0));
deepStrictEqual(used, ["pack -1", "pack -1"]);
await other.remove();
console.log("unchanged");
