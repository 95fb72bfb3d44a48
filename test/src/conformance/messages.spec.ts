import { expect } from "chai";
import { aborted } from "./implementation.js";
import { transports, withPair } from "./pair.js";
import { collect, failureOf, gate, streamOf, until } from "./settlement.js";

const bytes = (size: number, fill = 1): Uint8Array => new Uint8Array(size).fill(fill);

for (const transport of transports) {
  describe(`row 17: messages over ${transport}`, () => {
    it("row 1: passes calls with nothing in and nothing out, and empty bytes", () =>
      withPair(transport, {}, {}, async ({ stub }) => {
        expect(await stub.empty()).to.equal(undefined);
        expect(await stub.echo(bytes(0))).to.deep.equal(bytes(0));
        expect(await collect(stub.download([0, 0]))).to.deep.equal([bytes(0), bytes(0)]);
        expect(await stub.sum(streamOf(bytes(0)))).to.equal(0);
      }));

    it("row 3: counts four sizes of a client stream to 74,922", () =>
      withPair(transport, {}, {}, async ({ stub }) => {
        expect(await stub.sum(streamOf(bytes(27_182), bytes(8), bytes(1_828), bytes(45_904)))).to.equal(74_922);
      }));

    it("row 4: yields exactly four items of a server stream, in order, then nothing more", () =>
      withPair(transport, {}, {}, async ({ stub }) => {
        const sizes = [31_415, 9, 2_653, 58_979];
        const iterator = stub.download(sizes)[Symbol.asyncIterator]();
        for (const size of sizes) expect(await iterator.next()).to.deep.equal({ done: false, value: bytes(size, size % 251) });
        expect(await iterator.next()).to.deep.equal({ done: true, value: undefined });
        expect(await iterator.next()).to.deep.equal({ done: true, value: undefined });
      }));

    it("row 5: answers a thousand strict pings of a bidirectional call in order", () =>
      withPair(transport, {}, {}, async ({ stub }) => {
        let next = gate();
        async function* pings(): AsyncGenerator<Uint8Array> {
          for (let i = 0; i < 1_000; i++) {
            yield new Uint8Array([i >> 8, i & 255]);
            await next.opened;
            next = gate();
          }
        }
        const pongs: number[] = [];
        for await (const pong of stub.talk(pings())) {
          pongs.push(((pong[0] as number) << 8) | (pong[1] as number));
          next.open();
        }
        expect(pongs).to.deep.equal(Array.from({ length: 1_000 }, (_, i) => i));
      }));

    it("row 6: ends a bidirectional call that is half-closed at once, without a message", () =>
      withPair(transport, {}, {}, async ({ stub }) => {
        expect(await collect(stub.talk(streamOf()))).to.deep.equal([]);
        expect(await stub.sum(streamOf())).to.equal(0);
      }));

    it("row 7: takes the answer of a server that ends before it has read anything, and lets the client's source go", async () => {
      const released: string[] = [];
      async function* endless(name: string): AsyncGenerator<Uint8Array> {
        try {
          for (;;) yield bytes(1_000);
        } finally {
          released.push(name);
        }
      }
      await withPair(transport, { async *talk() {}, sum: () => 42 }, {}, async ({ stub }) => {
        expect(await collect(stub.talk(endless("bidi")))).to.deep.equal([]);
        expect(await stub.sum(endless("client stream"))).to.equal(42);
        await until(() => released.length === 2, "both sources were let go");
      });
      expect(released).to.deep.equal(["bidi", "client stream"]);
    });

    it("row 7: also when the early answer comes after some items went both ways", () =>
      withPair(
        transport,
        {
          async *talk(lines) {
            for await (const line of lines) {
              yield line;
              return;
            }
          },
        },
        {},
        async ({ stub }) => {
          async function* lines(): AsyncGenerator<Uint8Array> {
            for (let i = 0; ; i++) yield new Uint8Array([i & 255]);
          }
          expect(await collect(stub.talk(lines()))).to.deep.equal([new Uint8Array([0])]);
        },
      ));

    it("row 62: sends what the bytes were when the call was made, whatever the caller does to them afterwards", () =>
      withPair(transport, {}, {}, async ({ stub }) => {
        const mine = bytes(50_000);
        const calls = [stub.echo(mine)];
        mine.fill(2);
        calls.push(stub.echo(mine));
        mine.fill(3);
        expect(await Promise.all(calls)).to.deep.equal([bytes(50_000, 1), bytes(50_000, 2)]);
      }));

    it("row 62: sends stream items as they were yielded, whatever their producer does to them afterwards", () =>
      withPair(transport, {}, {}, async ({ stub }) => {
        const reused = bytes(100);
        async function* items(): AsyncGenerator<Uint8Array> {
          for (let i = 0; i < 20; i++) yield reused.fill(i);
        }
        expect(await collect(stub.talk(items()))).to.deep.equal(Array.from({ length: 20 }, (_, i) => bytes(100, i)));
      }));

    for (const size of [10, 5_000]) {
      it(`row 62: lets receivers write into ${size} bytes they received without touching any other message`, () =>
        withPair(
          transport,
          {
            echo: (given) => given.fill(9),
            async *talk(lines) {
              const kept: Uint8Array[] = [];
              for await (const line of lines) kept.push(line);
              kept[0]?.fill(99);
              yield* kept;
            },
          },
          {},
          async ({ stub }) => {
            const parts = Array.from({ length: 5 }, (_, i) => bytes(size, i));
            const answers = await Promise.all(parts.map((part) => stub.echo(part)));
            answers[0]?.fill(0);
            expect(answers.slice(1)).to.deep.equal(parts.slice(1).map(() => bytes(size, 9)));
            const echoed = await collect(stub.talk(streamOf(...parts)));
            echoed[1]?.fill(0);
            expect(echoed.slice(2)).to.deep.equal(parts.slice(2));
            expect(echoed[0]).to.deep.equal(bytes(size, 99));
          },
        ));
    }

    it("leaves nothing behind when the client closes with a call under way", async () => {
      const started = gate();
      const sleep = (ctx: Parameters<typeof aborted>[0]) => {
        started.open();
        return aborted(ctx);
      };
      await withPair(transport, { sleep }, {}, async ({ client, stub }) => {
        const call = failureOf(stub.sleep());
        await started.opened;
        await client.close();
        expect(await call).to.include({ code: "CANCELLED", executed: "unknown" });
      });
    });
  });
}
