import { createClient, FarcallError } from "@farcall/client";
import { type RawPeer, RawServer } from "@farcall/testing";
import { expect } from "chai";
import { bytesOf } from "../conformance/malformed.js";
import { failureOf } from "../conformance/settlement.js";
import { Conformance } from "../contracts/gen/conformance.js";
import { countCompiled } from "../fuzz/compiled.js";
import { methods, withVictim } from "./victim.js";

const huge = [0xff, 0xff, 0xff, 0xff];
const text = (value: string): Uint8Array => bytesOf(0xda, value.length >> 8, value.length & 255, Buffer.from(value));
const nested = (levels: number): Uint8Array => bytesOf(new Uint8Array(levels - 1).fill(0x91), 0x90);
const call = (head: Uint8Array, args: Uint8Array, method: (typeof methods)[number] = "record"): Uint8Array =>
  bytesOf(0x96, 16, 1, methods.indexOf(method), 0, head, args);
const none = bytesOf(0xc0);

/** Where a caller can put a value. */
const places: readonly { readonly name: string; readonly around: (value: Uint8Array) => Uint8Array }[] = [
  { name: "arguments", around: (value) => call(none, bytesOf(0x91, value)) },
  { name: "metadata", around: (value) => call(bytesOf(0x81, text("metadata"), 0x92, text("k"), value), bytesOf(0x90)) },
  { name: "an unknown key of the head", around: (value) => call(bytesOf(0x81, text("x"), value), bytesOf(0x90)) },
  { name: "an ignorable frame", around: (value) => bytesOf(0x92, 70, value) },
  { name: "a pong", around: (value) => bytesOf(0x93, 4, 1, value) },
];

const bombs: readonly { readonly row: number; readonly name: string; readonly bytes: Uint8Array; readonly code: number }[] = [
  { row: 71, name: "array 32 of 2^32 - 1", bytes: bytesOf(0xdd, huge), code: 4400 },
  { row: 71, name: "map 32 of 2^32 - 1", bytes: bytesOf(0xdf, huge), code: 4400 },
  { row: 71, name: "str 32 of 2^32 - 1", bytes: bytesOf(0xdb, huge), code: 4400 },
  { row: 71, name: "bin 32 of 2^32 - 1", bytes: bytesOf(0xc6, huge), code: 4400 },
  { row: 71, name: "ext 32 of 2^32 - 1", bytes: bytesOf(0xc9, huge, 0x42), code: 4400 },
  {
    row: 71,
    name: "73 KB of array 16 in array 16",
    bytes: bytesOf(...Array.from({ length: 24_000 }, () => [0xdc, 0x7f, 0xff])),
    code: 4413,
  },
  { row: 72, name: "65 levels", bytes: nested(65), code: 4413 },
  { row: 72, name: "5,000 levels", bytes: nested(5_000), code: 4413 },
  { row: 72, name: "100,000 levels", bytes: nested(100_000), code: 4413 },
  { row: 73, name: "the key __proto__", bytes: bytesOf(0x81, text("__proto__"), 0x81, text("polluted"), 1), code: 4400 },
  {
    row: 73,
    name: "a key of 100 KB",
    bytes: bytesOf(0x81, 0xdb, 0, 1, 0x86, 0xa0, new Uint8Array(100_000).fill(97), 1),
    code: 4413,
  },
  { row: 74, name: "a bigint of 100 KB", bytes: bytesOf(0xc9, 0, 1, 0x86, 0xa0, 0x42, new Uint8Array(100_000)), code: 4413 },
  { row: 74, name: "0xc1", bytes: bytesOf(0xc1), code: 4400 },
  // Error, RegExp, Set, typed array, reference, pointer, bundled strings, record, and what nobody has assigned.
  ...[0x65, 0x78, 0x73, 0x74, 0x69, 0x70, 0x62, 0x72, 0x01, 0x7f, 0x80].map((type) => ({
    row: 74,
    name: `extension 0x${type.toString(16)}`,
    bytes: bytesOf(0xd7, type, 0x93, 0xa1, 97, 0xa1, 98, 0xa1, 99, 0xc0),
    code: 4400,
  })),
];

/** Keys that are allowed, and must be nothing but keys. */
const inert = [
  "constructor",
  "prototype",
  "toJSON",
  "then",
  "toString",
  "valueOf",
  "hasOwnProperty",
  "0",
  "4294967295",
  "-1",
  "",
];

const before = Object.getOwnPropertyNames(Object.prototype).join();
const unchanged = (): void => {
  expect(Object.getOwnPropertyNames(Object.prototype).join()).to.equal(before);
  expect(({} as { polluted?: unknown }).polluted).to.equal(undefined);
};

describe("rows 71 to 74, O6: values", () => {
  for (const place of places) {
    it(`rows 71 to 74: every bomb in ${place.name} closes that connection, at once and for little memory`, () =>
      withVictim({}, async ({ attacker, stub }) => {
        const rss = process.memoryUsage().rss;
        for (const { row, name, bytes, code } of bombs) {
          const peer = await attacker();
          peer.sendBytes(place.around(bytes));
          const began = performance.now();
          const ended = await peer.closed();
          expect(performance.now() - began, `ms for row ${row}, ${name}`).to.be.lessThan(500);
          expect(ended.code, `row ${row}, ${name}`).to.equal(code);
        }
        expect(process.memoryUsage().rss - rss).to.be.lessThan(64 * 1024 * 1024);
        unchanged();
        await stub.empty();
      }));
  }

  it("row 71: 100 KB of empty arrays cost less than 50 ms", () =>
    withVictim({}, async ({ attacker }) => {
      const bytes = bytesOf(0xdd, 0, 1, 0x80, 0, new Uint8Array(0x18000).fill(0x90));
      const message = call(none, bytesOf(0x91, bytes));
      const times: number[] = [];
      for (let n = 0; n < 5; n++) {
        const peer = await attacker();
        const began = process.cpuUsage();
        peer.sendBytes(message);
        expect(await peer.frame()).to.include({ kind: 18, code: "INVALID_ARGUMENT", executed: "no" });
        const { user, system } = process.cpuUsage(began);
        times.push((user + system) / 1_000);
      }
      // Of the processor, both ends together. A collection of garbage may fall into one of them, not into all.
      expect(Math.min(...times)).to.be.lessThan(50);
    }));

  it("row 73: odd keys are keys: they come back as they went, and nothing is called", () =>
    withVictim({}, async ({ stub }) => {
      const values = Object.fromEntries(inert.map((key) => [key, `value of ${key}`]));
      const back = await stub.record(values);
      expect(Object.keys(back).sort()).to.deep.equal([...inert].sort());
      for (const key of inert) expect(Object.getOwnPropertyDescriptor(back, key)?.value).to.equal(`value of ${key}`);
      // An answer that looks like a promise is data all the same.
      const promising = Object.fromEntries(["then"].map((key) => [key, "later"]));
      expect(await stub.record(promising)).to.deep.equal(promising);
      unchanged();
    }));

  it("row 73: duplicate keys and 30,000 tiny keys are read without harm", () =>
    withVictim({}, async ({ attacker }) => {
      const peer = await attacker();
      const pairs = Array.from({ length: 20_000 }, (_, i) => [
        0xa3,
        48 + (i % 10),
        48 + ((i >> 3) % 10),
        48 + ((i >> 6) % 10),
        0xa0,
      ]);
      peer.sendBytes(call(none, bytesOf(0x91, 0xde, 20_000 >> 8, 20_000 & 255, ...pairs)));
      expect(await peer.frame()).to.include({ kind: 17, id: 1 });
      unchanged();
    }));

  it("row 74: nothing from the wire is ever compiled", async () => {
    const spy = countCompiled();
    let compiled = 0;
    try {
      await withVictim({}, async ({ attacker }) => {
        for (const { bytes } of bombs.filter(({ row }) => row === 74)) {
          const peer = await attacker();
          peer.sendBytes(call(none, bytesOf(0x91, bytes)));
          await peer.closed();
        }
      });
    } finally {
      compiled = spy.stop();
    }
    expect(compiled).to.equal(0);
  });
});

describe("rows 71 to 74: values from a server", () => {
  /** The call has come: before that nothing can be answered. */
  const called = async (peer: RawPeer): Promise<void> => {
    let next = await peer.frame();
    while (next !== undefined && next.kind !== 16) next = await peer.frame();
  };
  const error = (head: Uint8Array): Uint8Array => bytesOf(0x96, 18, 1, 13, 1, 0xa1, 97, head);
  for (const { row, name, bytes } of bombs) {
    it(`row ${row}: the client closes for ${name} in the details of an error, and its call settles`, async () => {
      const server = await RawServer.listen();
      const client = createClient(server.url, { reconnect: { baseMs: 30_000 } });
      try {
        const pending = failureOf(client.service(Conformance).empty());
        const peer = await server.welcomed();
        await called(peer);
        peer.sendBytes(error(bytesOf(0x81, text("details"), bytes)));
        expect(await pending).to.include({ code: "UNAVAILABLE" });
        unchanged();
      } finally {
        await client.close();
        await server.close();
      }
    });
  }

  it("row 72: details at the limit of depth arrive", async () => {
    const server = await RawServer.listen();
    const client = createClient(server.url);
    try {
      const pending = failureOf(client.service(Conformance).empty());
      const peer = await server.welcomed();
      await called(peer);
      peer.sendBytes(error(bytesOf(0x81, text("details"), nested(62))));
      const settled = await pending;
      expect(settled).to.include({ code: "INTERNAL" });
      expect(JSON.stringify(settled.details)).to.equal("[".repeat(62) + "]".repeat(62));
    } finally {
      await client.close();
      await server.close();
    }
  });

  it("rows 72 and 86: details too long for a frame are left out, and the error itself arrives", async () => {
    const echo = (): never => {
      throw new FarcallError("FAILED_PRECONDITION", "too much to say", { details: "d".repeat(300_000) });
    };
    await withVictim({ implementation: { resize: echo } }, async ({ stub }) => {
      const settled = await failureOf(stub.resize(new Uint8Array(0), 1));
      expect(settled).to.include({ code: "FAILED_PRECONDITION", message: "too much to say" });
      expect(settled.details).to.equal(undefined);
    });
  });

  it("a call with all the metadata there may be and arguments at the edge of a frame arrives", () =>
    withVictim({}, async ({ stub }) => {
      const metadata = Array.from({ length: 2_000 }, (_, i): [string, string] => [`k${i}`, "v".repeat(26)]);
      const bytes = new Uint8Array(65_000);
      expect(await stub.echo(bytes, { metadata })).to.have.lengthOf(bytes.length);
    }));
});
