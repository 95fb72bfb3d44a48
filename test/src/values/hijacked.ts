// A program in which another library has registered msgpackr extensions for everything that Farcall sends.
import { deepStrictEqual } from "node:assert/strict";
import { addExtension, Packr } from "msgpackr";
import { openEcho } from "./echo.js";

class Account {
  readonly name = "a";
}

const hijacked: string[] = [];

function hijack(type: number, Class?: unknown): void {
  const extension = {
    type,
    ...(Class === undefined ? {} : { Class }),
    pack: () => {
      hijacked.push(`pack ${type}`);
      return Buffer.from([1]);
    },
    unpack: () => {
      hijacked.push(`unpack ${type}`);
      return "hijacked";
    },
  };
  addExtension(extension as unknown as Parameters<typeof addExtension>[0]);
}

hijack(0x42);
hijack(-1, Date);
hijack(0xff, Uint8Array);
hijack(0);
hijack(0x43, Account);
hijack(0x73, Set);

const echo = await openEcho("WebSocket");
deepStrictEqual(await echo.stub.date(new Date(1_123)), new Date(1_123));
deepStrictEqual(
  await echo.stub.bytes(new Uint8Array([1, 2]), { metadata: { trace: new Uint8Array([3]) } }),
  new Uint8Array([1, 2]),
);
deepStrictEqual(echo.seen.metadata, [["trace", new Uint8Array([3])]]);
deepStrictEqual(await echo.stub.bigint(2n ** 80n), 2n ** 80n);
deepStrictEqual(await echo.stub.sparse([undefined, 1]), [undefined, 1]);
deepStrictEqual(await echo.stub.set(new Set([1n])), new Set([1n]));
deepStrictEqual(await echo.stub.anyone({ name: "a", owners: new Set() }), { name: "a", owners: new Set() });
await echo.close();
deepStrictEqual(hijacked, []);
// The same library does change what msgpackr itself makes of them.
new Packr({ useRecords: false }).pack(new Date(0));
deepStrictEqual(hijacked, ["pack -1"]);
console.log("unchanged");
