import { frame } from "../conformance/malformed.js";
import { methods } from "../hostile/victim.js";

const service = "farcall.test.Conformance";
const metadata = ["trace", "abc", "bytes", new Uint8Array([1, 2, 3]), "trace", "zweite Zeile"];
const limits = { maxMessageBytes: 4_194_304, streamWindowBytes: 262_144, maxCalls: 4_096, chunkWindowBytes: 4_194_304 };
const value = { sku: "tea", units: 3, lines: [{ note: "hé", price: 1.5 }], at: new Date(0), big: 2n ** 70n, none: null };
const hello = {
  minor: 0,
  agent: "fuzz/1",
  limits,
  contracts: { [service]: "0123456789abcdef" },
  capabilities: ["drain", "health"],
};
const announcement = (kind: number, ...before: number[]): Uint8Array =>
  Uint8Array.from([0x90 + before.length + 2, kind, ...before, 0xd6, 0x63, 0, 1, 0x11, 0x70]);

/** Valid frames of every kind, in more than one form. */
export const corpus: Readonly<Record<string, readonly Uint8Array[]>> = {
  hello: [frame(1, hello), frame(1, {})],
  welcome: [frame(2, { ...hello, instanceId: "i", connectionId: "c" }), frame(2, {})],
  ping: [frame(3, 1), frame(3, 70_000)],
  pong: [frame(4, 1, null), frame(4, 1, { running: 3, lagMs: 70_000, calls: 3 })],
  goodbye: [frame(5, 7, "leaving"), frame(5, 0, "")],
  drain: [frame(7, 1, {}), frame(7, 2, { lastCallId: 3, reconnectMinMs: 5, reconnectMaxMs: 70_000 })],
  health: [frame(8, {}), frame(8, { "": false, [service]: true })],
  call: [
    frame(16, 1, 1, 15_000, { metadata }, [new Uint8Array(20)]),
    frame(16, 3, 2, 0, null, []),
    frame(16, 5, 3, 0, null, [[1, 2, 3]]),
    frame(16, 7, 7, 0, null, [Object.fromEntries(["a", "then"].map((key) => [key, "c"]))]),
    frame(16, 9, 6, 0, null, []),
    announcement(16, 11, 1, 0, 0xc0),
  ],
  result: [frame(17, 1, value), frame(17, 3, new Uint8Array(30)), announcement(17, 5)],
  error: [
    frame(18, 1, 5, 1, "no such sku", { reason: "MESSAGE_TOO_LARGE", details: value, retryAfterMs: 10 }),
    frame(18, 3, 14, 0, "", null),
  ],
  item: [frame(19, 3, new Uint8Array(5)), frame(19, 3, new Uint8Array(1), new Uint8Array(2)), announcement(19, 3)],
  end: [frame(20, 3), frame(20, 9)],
  cancel: [frame(21, 1, 1), frame(21, 5, 4)],
  credit: [frame(22, 0, 5_000_000), frame(22, 5, 300_000)],
  method: methods.map((method, number) => frame(23, number, service, method, "0123456789abcdef")),
  chunk: [frame(24, 11, new Uint8Array(70)), frame(24, 5, new Uint8Array(300))],
  headers: [frame(25, 1, metadata), frame(25, 3, [])],
  trailers: [frame(26, 1, metadata)],
  ignorable: [frame(64, value), frame(127), frame(100, [1, [2, [3]]])],
};

export const all: readonly Uint8Array[] = Object.values(corpus).flat();
