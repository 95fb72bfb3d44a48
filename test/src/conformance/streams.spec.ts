import { FakeClock } from "@farcall/testing";
import { expect } from "chai";
import { transports, withPair } from "./pair.js";
import { failureOf, until } from "./settlement.js";

const windowBytes = 65_536;
const overheadBytes = 16;
/** An item's bytes have a header of their own on the wire: two, three or five bytes. */
const headerBytes = (size: number): number => (size < 256 ? 2 : size < 65_536 ? 3 : 5);
const cost = (size: number): number => size + headerBytes(size) + overheadBytes;

/** Yields items of `size` for ever, and counts what it was asked for and whether it was let go. */
function producer(size: number) {
  const state = { asked: 0, released: false };
  async function* items(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        state.asked++;
        yield new Uint8Array(size);
      }
    } finally {
      state.released = true;
    }
  }
  return { state, items };
}

/** Resolves once `count` has stood still over many turns of the event loop: whoever raised it waits for something. */
async function settled(count: () => number): Promise<number> {
  let last = -1;
  let still = 0;
  while (still < 200) {
    await new Promise((resolve) => setImmediate(resolve));
    still = count() === last ? still + 1 : 0;
    last = count();
  }
  return last;
}

/** Items that fit: the window, and the one message that may go beyond it. */
const mostItems = (size: number): number => Math.ceil(windowBytes / cost(size));

for (const transport of transports) {
  describe(`row 17: streams over ${transport}`, () => {
    for (const size of [1, 1_000, 50_000, 300_000]) {
      const limits = { streamWindowBytes: windowBytes };

      it(`S2: stops a server that yields ${size} bytes at a time at the window plus one message`, async () => {
        const { state, items } = producer(size);
        await withPair(transport, { download: items }, { client: { limits } }, async ({ stub }) => {
          const iterator = stub.download([])[Symbol.asyncIterator]();
          expect(await settled(() => state.asked)).to.equal(mostItems(size));
          // What it took is made up for, and no more.
          for (let i = 0; i < 3; i++) expect((await iterator.next()).value).to.have.lengthOf(size);
          expect(await settled(() => state.asked)).to.be.within(mostItems(size), mostItems(size) + 3);
          await iterator.return?.();
          await until(() => state.released, "the producer was let go");
        });
      });

      it(`S2: stops a client that yields ${size} bytes at a time at the window plus one message`, async () => {
        const { state, items } = producer(size);
        let read: (() => Promise<unknown>) | undefined;
        let finish: (() => void) | undefined;
        const sum = (chunks: AsyncIterable<Uint8Array>): Promise<number> => {
          const iterator = chunks[Symbol.asyncIterator]();
          read = () => iterator.next();
          return new Promise((resolve) => {
            finish = () => resolve(1);
          });
        };
        await withPair(transport, { sum }, { server: { limits } }, async ({ stub }) => {
          const call = stub.sum(items());
          await until(() => read !== undefined, "the handler runs");
          expect(await settled(() => state.asked)).to.equal(mostItems(size));
          for (let i = 0; i < 3; i++) await read?.();
          expect(await settled(() => state.asked)).to.be.within(mostItems(size), mostItems(size) + 3);
          finish?.();
          expect(await call).to.equal(1);
          await until(() => state.released, "the producer was let go");
        });
      });
    }

    it("S1: streams both ways at once without either side waiting for the other to end", () =>
      withPair(transport, {}, {}, async ({ stub }) => {
        const { state, items } = producer(1_000);
        let received = 0;
        for await (const line of stub.talk(items())) {
          received += line.length;
          if (received === 2_000_000) break;
        }
        await until(() => state.released, "the producer was let go");
      }));

    for (const way of ["break", "return", "throw"] as const) {
      it(`row 64, S3: runs the finally of the server's generator within one round trip of a ${way}`, async () => {
        const { state, items } = producer(10);
        await withPair(transport, { download: items }, {}, async ({ stub }) => {
          const read = async (): Promise<void> => {
            for await (const item of stub.download([])) {
              expect(item).to.have.lengthOf(10);
              if (way === "break") break;
              if (way === "return") return;
              throw new Error("the consumer's own");
            }
          };
          const outcome = await read().catch((error: unknown) => (error as Error).message);
          expect(outcome).to.equal(way === "throw" ? "the consumer's own" : undefined);
          // This call is made after the cancel and answered after it: one round trip.
          await stub.empty();
          expect(state.released).to.equal(true);
        });
      });
    }

    it("row 64: ends a stream whose consumer walked away after the idle timeout, and runs the generator's finally", async () => {
      const clock = new FakeClock();
      const { state, items } = producer(1_000);
      const idle = { streamIdleTimeoutMs: 2_000 };
      await withPair(transport, { download: items }, { clock, server: idle }, async ({ stub }) => {
        const iterator = stub.download([])[Symbol.asyncIterator]();
        await iterator.next();
        await settled(() => state.asked);
        await clock.advance(1_900);
        expect(state.released).to.equal(false);
        await clock.advance(200);
        await until(() => state.released, "the generator was let go");
        await stub.empty();
        // What had arrived can still be read; then the reason.
        const drain = async (): Promise<void> => {
          for (let i = 0; !(await iterator.next()).done; i++) if (i > 1_000) throw new Error("the stream never ends");
        };
        expect(await failureOf(drain())).to.include({ code: "DEADLINE_EXCEEDED", executed: "yes" });
      });
    });

    it("row 64: ends a client stream that the handler does not read after the client's idle timeout", async () => {
      const clock = new FakeClock();
      const { state, items } = producer(1_000);
      const sum = (_chunks: AsyncIterable<Uint8Array>, ctx: { readonly signal: AbortSignal }): Promise<number> =>
        new Promise((resolve) => ctx.signal.addEventListener("abort", () => resolve(0)));
      await withPair(transport, { sum }, { clock, client: { streamIdleTimeoutMs: 2_000 } }, async ({ stub }) => {
        const call = failureOf(stub.sum(items()));
        await settled(() => state.asked);
        await clock.advance(2_100);
        expect(await call).to.include({ code: "DEADLINE_EXCEEDED" });
        await until(() => state.released, "the source was let go");
      });
    });

    it("row 64: lets a consumer that was slow, but not idle, go on", async () => {
      const clock = new FakeClock();
      const { items, state } = producer(60_000);
      await withPair(transport, { download: items }, { clock, server: { streamIdleTimeoutMs: 2_000 } }, async ({ stub }) => {
        const iterator = stub.download([])[Symbol.asyncIterator]();
        for (let i = 0; i < 10; i++) {
          await settled(() => state.asked);
          await clock.advance(1_500);
          expect((await iterator.next()).done).to.equal(false);
          expect((await iterator.next()).done).to.equal(false);
        }
        await iterator.return?.();
      });
    });
  });
}
