import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createClient } from "@farcall/client";
import { createServer } from "@farcall/server";
import { FakeClock, RawPeer, settle } from "@farcall/testing";
import { expect } from "chai";
import { carrier, transports, withPair } from "../conformance/pair.js";
import { welcoming } from "../conformance/quiet-server.js";
import { Conformance } from "../contracts/gen/conformance.js";
import { Wire, type WireHandler } from "../contracts/gen/wire.js";

const kiB = 1024;
const miB = 1024 * kiB;

function pattern(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i += 997) bytes[i] = i + seed;
  return bytes;
}

function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail("expected a failure"),
    (error: unknown) => error,
  );
}

for (const transport of transports) {
  describe(`row 17: large messages over ${transport}`, () => {
    it("arrive whole at every size around a chunk", async () => {
      await withPair(transport, {}, {}, async ({ stub }) => {
        // The array and binary headers around the bytes take a few more.
        for (const length of [64 * kiB - 10, 64 * kiB - 4, 64 * kiB - 1, 64 * kiB, 64 * kiB + 1, 128 * kiB, 128 * kiB + 1, miB]) {
          const bytes = pattern(length);
          expect(Buffer.compare(await stub.echo(bytes), bytes), `${length} bytes`).to.equal(0);
        }
      });
    });

    it("15: take the limit exactly, and one byte more fails alone, wherever it stands in a stream", async () => {
      const maxMessageBytes = 256 * kiB;
      const limits = { maxMessageBytes };
      // `[bin]` has a header of one byte for the array and three or five for the binary.
      const atLimit = maxMessageBytes - 6;
      await withPair(transport, {}, { server: { limits }, client: { limits } }, async ({ stub }) => {
        expect(await stub.resize(pattern(atLimit - 1), 1)).to.have.length(1);
        expect(await failure(stub.echo(pattern(atLimit + 1)))).to.include({
          code: "RESOURCE_EXHAUSTED",
          executed: "no",
          reason: "MESSAGE_TOO_LARGE",
        });
        expect(await stub.resize(new Uint8Array(1), maxMessageBytes - 5)).to.have.length(maxMessageBytes - 5);
        expect(await failure(stub.resize(new Uint8Array(1), maxMessageBytes - 4))).to.include({
          code: "RESOURCE_EXHAUSTED",
          executed: "yes",
        });
        for (const sizes of [[maxMessageBytes], [1, maxMessageBytes]]) {
          const items = async function* () {
            for (const size of sizes) yield new Uint8Array(size);
          };
          expect(await failure(stub.sum(items())), `up ${sizes.join()}`).to.include({
            code: "RESOURCE_EXHAUSTED",
            reason: "MESSAGE_TOO_LARGE",
          });
          const read = async (): Promise<void> => {
            for await (const _ of stub.download(sizes)) {
              // Read to the end.
            }
          };
          expect(await failure(read()), `down ${sizes.join()}`).to.include({
            code: "RESOURCE_EXHAUSTED",
            reason: "MESSAGE_TOO_LARGE",
          });
        }
        expect(await stub.echo(new Uint8Array(3))).to.have.length(3);
      });
    });

    it("15: a side that announces a smaller limit is never sent more", async () => {
      await withPair(transport, {}, { client: { limits: { maxMessageBytes: 100 * kiB } } }, async ({ stub }) => {
        expect(await failure(stub.resize(new Uint8Array(1), 101 * kiB))).to.include({
          code: "RESOURCE_EXHAUSTED",
          executed: "yes",
        });
        expect(await stub.resize(new Uint8Array(1), 99 * kiB)).to.have.length(99 * kiB);
      });
    });

    it("a 4 MiB item crosses a window of 64 KiB, in both directions, with small ones around it", async () => {
      const limits = { streamWindowBytes: 64 * kiB, maxMessageBytes: 5 * miB };
      await withPair(transport, {}, { client: { limits }, server: { limits } }, async ({ stub }) => {
        const sizes: number[] = [];
        for await (const chunk of stub.download([10, 4 * miB, 20, 4 * miB])) sizes.push(chunk.length);
        expect(sizes).to.deep.equal([10, 4 * miB, 20, 4 * miB]);
        const items = async function* () {
          for (const size of [1, 4 * miB, 2, 100 * kiB]) yield pattern(size);
        };
        expect(await stub.sum(items())).to.equal(4 * miB + 100 * kiB + 3);
        const echoed: number[] = [];
        for await (const line of stub.talk(items())) echoed.push(line.length);
        expect(echoed).to.deep.equal([1, 4 * miB, 2, 100 * kiB]);
      });
    });

    it("S4: small calls overtake large ones that were made before them", async () => {
      await withPair(transport, {}, {}, async ({ stub }) => {
        const order: string[] = [];
        const large = Array.from({ length: 20 }, () => stub.echo(pattern(2 * miB)).then(() => order.push("large")));
        await Promise.all(Array.from({ length: 20 }, () => stub.echo(pattern(10)).then(() => order.push("small"))));
        expect(order.slice(0, 20)).to.deep.equal(Array(20).fill("small"));
        await Promise.all(large);
      });
    });

    it("are dropped half-way when their call is cancelled, in both directions", async () => {
      await withPair(transport, {}, {}, async ({ stub }) => {
        const calls = Array.from({ length: 30 }, (_, i) => {
          const controller = new AbortController();
          const call = stub.echo(pattern(3 * miB), { signal: controller.signal });
          if (i % 2 === 0) setImmediate(() => controller.abort());
          return call.then(
            (bytes) => bytes.length,
            (error: { code: string }) => error.code,
          );
        });
        const outcomes = await Promise.all(calls);
        expect(outcomes.filter((_, i) => i % 2 === 1)).to.deep.equal(Array(15).fill(3 * miB));
        expect(
          outcomes.filter((_, i) => i % 2 === 0).every((outcome) => outcome === "CANCELLED" || outcome === 3 * miB),
        ).to.equal(true);
        expect(await stub.echo(pattern(miB))).to.have.length(miB);
      });
    });
  });
}

describe("announced messages from a stranger", () => {
  const announced = (length: number): Buffer => {
    const bytes = Buffer.from([0xd6, 0x63, 0, 0, 0, 0]);
    bytes.writeUInt32BE(length, 2);
    return bytes;
  };
  /** `method 0 = echo`, then `call <id> of it` with an announcement. */
  const openCall = (id: number, length: number, named = true): Buffer => {
    const name = (text: string): Buffer => Buffer.from([0xd9, text.length, ...Buffer.from(text)]);
    const method = Buffer.concat([Buffer.from([0x95, 23, 0]), name("farcall.test.Conformance"), name("echo"), name("")]);
    return Buffer.concat([...(named ? [method] : []), Buffer.from([0x96, 16, id, 0, 0, 0xc0]), announced(length)]);
  };
  const chunk = (id: number, length: number): Buffer => {
    const header = Buffer.from([0x93, 24, id, 0xc6, 0, 0, 0, 0]);
    header.writeUInt32BE(length, 4);
    return Buffer.concat([header, Buffer.alloc(length)]);
  };

  const table: readonly [string, readonly Buffer[], number][] = [
    ["a chunk for a call that never was", [chunk(1, 10)], 4400],
    ["a chunk beyond what was announced", [openCall(1, 100_000), chunk(1, 65_536), chunk(1, 65_536)], 4400],
    ["an empty announcement", [openCall(1, 0)], 4400],
    ["an empty chunk", [openCall(1, 100_000), chunk(1, 0)], 4400],
    ["a chunk of more than 64 KiB", [openCall(1, 100_000), chunk(1, 65_537)], 4400],
    [
      "a ninth unfinished message",
      [openCall(1, 100_000), ...[3, 5, 7, 9, 11, 13, 15, 17].map((id) => openCall(id, 100_000, false))],
      4413,
    ],
    ["bytes that are no value", [openCall(1, 65_537), chunk(1, 65_536), Buffer.from([0x93, 24, 1, 0xc4, 1, 0xc1])], 4400],
  ];
  for (const [what, messages, code] of table) {
    it(`end the connection for ${what} with ${code}, and only that connection`, async () => {
      await withPair("WebSocket", {}, {}, async ({ stub, url }) => {
        const peer = await RawPeer.welcomed(url);
        for (const message of messages) peer.sendBytes(message);
        expect(await peer.closed()).to.include({ code });
        expect(await stub.echo(new Uint8Array(1))).to.have.length(1);
      });
    });
  }

  it("are refused by their announced length, before a byte of them is kept, and the connection goes on", async () => {
    await withPair("WebSocket", {}, {}, async ({ url }) => {
      const peer = await RawPeer.welcomed(url);
      const before = process.memoryUsage().rss;
      peer.sendBytes(openCall(1, 0xffff_ffff));
      const frame = await peer.frame();
      expect(frame).to.include({ kind: 18, id: 1, code: "RESOURCE_EXHAUSTED", executed: "no" });
      expect(process.memoryUsage().rss - before).to.be.below(64 * miB);
      // A chunk that was under way is late: credited and dropped.
      peer.sendBytes(chunk(1, 1_000));
      expect(await peer.frame()).to.deep.equal({ kind: 22, id: 0, total: 4 * miB + 1_000 });
      peer.terminate();
    });
  });
});

describe("O6: limits", () => {
  it("row 70: are refused at construction, by name", () => {
    expect(() => createClient("ws://127.0.0.1:1", { limits: { chunkWindowBytes: 1 } })).to.throw(
      RangeError,
      /limits\.chunkWindowBytes must be/,
    );
  });
});

describe("row 49: large messages that wait for a place", () => {
  it("leave nothing behind when they are cancelled, and make room for as many others", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const held = async (): Promise<number> => {
      // What was freed may hold what is freed only then.
      for (let i = 0; i < 2; i++) {
        await settle(5);
        collect();
      }
      return process.memoryUsage().arrayBuffers;
    };
    // It takes eight at once, and never says that it has taken any of them in.
    const { connector } = welcoming();
    const client = createClient("memory://full", { connector, clock: new FakeClock() });
    await client.ready();
    const stub = client.service(Conformance);
    const started = Array.from({ length: 8 }, () => failure(stub.echo(new Uint8Array(300 * kiB))));
    await settle();
    const before = await held();
    const cancelled = async (): Promise<void> => {
      const stop = new AbortController();
      const waiting = Array.from({ length: 100 }, () => failure(stub.echo(new Uint8Array(300 * kiB), { signal: stop.signal })));
      expect(await held()).to.be.above(before + 29 * miB);
      stop.abort();
      for (const error of await Promise.all(waiting)) expect(error).to.include({ code: "CANCELLED", executed: "no" });
    };
    for (let round = 0; round < 2; round++) {
      await cancelled();
      expect(await held()).to.be.below(before + 3 * miB);
    }
    await client.close();
    await Promise.all(started);
  });
});

describe("a stream that follows large arguments", () => {
  it("row 17: is begun while an item of another call is being written, and makes calls itself: each has its own bytes", async () => {
    const { client: connects, server: listens } = carrier("memory");
    const server = createServer(listens);
    const unused: unknown = Object.fromEntries([...Wire.methods.keys()].map((name) => [name, () => expect.fail(name)]));
    const seen: Record<string, Set<number>> = {};
    const note = (label: string, bytes: Uint8Array): void => {
      seen[label] ??= new Set();
      for (const byte of bytes) seen[label].add(byte);
    };
    server.implement(Wire, {
      ...(unused as WireHandler),
      async tally(label, parts) {
        let items = 0;
        for await (const part of parts) {
          items++;
          note(label.slice(0, 10), part);
        }
        return { label: "", items, bytes: 0 };
      },
      echo(bytes) {
        note("echo", bytes);
        return new Uint8Array(0);
      },
    });
    const client = createClient((await server.listen()).url, connects);
    try {
      await client.ready();
      const stub = client.service(Wire);
      const calls: Promise<unknown>[] = [];
      // Its first step comes when the last chunk of the arguments has left.
      async function* ofLarge(): AsyncGenerator<Uint8Array> {
        calls.push(stub.echo(new Uint8Array(1_000).fill(9)));
        yield new Uint8Array(3).fill(8);
      }
      async function* items(): AsyncGenerator<Uint8Array> {
        calls.push(stub.tally("large".padEnd(100 * kiB), ofLarge()));
        // As long as an item in one piece can be: what has been written before it leaves first, chunks included.
        yield new Uint8Array(64 * kiB - 10).fill(7);
      }
      await stub.tally("items", items());
      await Promise.all(calls);
      expect(seen).to.deep.equal({ items: new Set([7]), echo: new Set([9]), "large     ": new Set([8]) });
    } finally {
      await client.close();
      await server.close();
    }
  });
});
