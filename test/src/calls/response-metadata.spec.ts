import { FarcallError, type Metadata } from "@farcall/client";
import { expect } from "chai";
import { transports, withPair } from "../conformance/pair.js";

type Seen = [string, readonly [string, unknown][]][];

/** Call options that write down what arrives, in order. */
function listening(seen: Seen) {
  return {
    onHeaders: (metadata: Metadata) => void seen.push(["headers", [...metadata] as [string, unknown][]]),
    onTrailers: (metadata: Metadata) => void seen.push(["trailers", [...metadata] as [string, unknown][]]),
  };
}

for (const transport of transports) {
  describe(`row 17: response metadata over ${transport}`, () => {
    it("8: reaches the caller before and after the answer: binary, repeated and unicode", async () => {
      const seen: Seen = [];
      const implementation = {
        async empty(ctx: Parameters<ConformanceEmpty>[0]) {
          ctx.setHeader("Shard", "zürich 🏔");
          ctx.setHeader("shard", "2");
          ctx.setHeader("raw", new Uint8Array([0, 255]));
          ctx.setTrailer("cost", "7");
        },
      };
      await withPair(transport, implementation, {}, async ({ stub }) => {
        await stub.empty({ ...listening(seen) });
        expect(seen).to.deep.equal([
          [
            "headers",
            [
              ["shard", "zürich 🏔"],
              ["shard", "2"],
              ["raw", new Uint8Array([0, 255])],
            ],
          ],
          ["trailers", [["cost", "7"]]],
        ]);
      });
    });

    it("8: reaches the caller of a failing call, and of a stream that yields nothing", async () => {
      const seen: Seen = [];
      await withPair(
        transport,
        {
          async order(_order, ctx) {
            ctx.setHeader("a", "1");
            ctx.setTrailer("b", "2");
            throw new FarcallError("NOT_FOUND", "no such sku");
          },
          async *download(sizes, ctx) {
            ctx.setHeader("c", "3");
            ctx.setTrailer("d", "4");
            for (const size of sizes) yield new Uint8Array(size);
          },
        },
        {},
        async ({ stub }) => {
          const failure = await stub.order({ sku: "x", units: 1, lines: [] }, listening(seen)).catch((error: unknown) => error);
          expect(failure).to.include({ code: "NOT_FOUND", executed: "yes" });
          for await (const _ of stub.download([], listening(seen))) expect.fail("there is nothing to read");
          expect(seen.map(([kind, entries]) => [kind, ...(entries[0] ?? [])])).to.deep.equal([
            ["headers", "a", "1"],
            ["trailers", "b", "2"],
            ["headers", "c", "3"],
            ["trailers", "d", "4"],
          ]);
        },
      );
    });

    it("8: takes 64 KiB and refuses one byte more where the handler can see it", async () => {
      const seen: Seen = [];
      let refusal: unknown;
      await withPair(
        transport,
        {
          async empty(ctx) {
            ctx.setHeader("k", "x".repeat(65_535));
            try {
              ctx.setTrailer("k", "x".repeat(65_536));
            } catch (error) {
              refusal = error;
            }
          },
        },
        {},
        async ({ stub }) => {
          await stub.empty(listening(seen));
          expect(seen.map(([kind, entries]) => [kind, String(entries[0]?.[1]).length])).to.deep.equal([["headers", 65_535]]);
          expect(refusal).to.include({ code: "RESOURCE_EXHAUSTED", reason: "MESSAGE_TOO_LARGE" });
        },
      );
    });

    it("refuses a header after the first answer, and a bad key, with a TypeError in the handler", async () => {
      const refusals: unknown[] = [];
      const attempt = (run: () => void): void => {
        try {
          run();
        } catch (error) {
          refusals.push(error);
        }
      };
      await withPair(
        transport,
        {
          async *download(_sizes, ctx) {
            attempt(() => ctx.setHeader("a b", "1"));
            yield new Uint8Array(1);
            attempt(() => ctx.setHeader("late", "1"));
          },
        },
        {},
        async ({ stub }) => {
          for await (const _ of stub.download([1])) {
            // Read to the end.
          }
          expect(refusals.map(String)).to.deep.equal([
            'TypeError: metadata key "a b" must be 1 to 256 of a-z 0-9 _ . -',
            "TypeError: farcall.test.Conformance.download: setHeader after the first answer; use setTrailer",
          ]);
        },
      );
    });

    it("42: a callback that throws is reported once and changes nothing", async () => {
      const log: string[] = [];
      const logger = { error: (line: string) => void log.push(line), warn: () => {} };
      await withPair(
        transport,
        {
          async empty(ctx) {
            ctx.setHeader("a", "1");
          },
        },
        { client: { logger } },
        async ({ stub, client }) => {
          const onHeaders = (): never => {
            throw new Error("mine");
          };
          await stub.empty({ onHeaders });
          await stub.empty();
          expect(client.state).to.equal("ready");
          expect(log).to.have.length(1);
          expect(log[0]).to.match(/a listener or callback threw: Error: mine/);
        },
      );
    });
  });
}

type ConformanceEmpty = (ctx: import("@farcall/server").CallContext) => Promise<void>;
