import { FarcallError } from "@farcall/client";
import { codes } from "@farcall/protocol";
import { expect } from "chai";
import { transports, withPair } from "../conformance/pair.js";
import { failureOf, streamOf } from "../conformance/settlement.js";

const messages = ["", "plain", "line\nbreak", "nul\0inside", "emoji 🏔 and é", "x".repeat(1_000)];
const names = Object.keys(codes) as (keyof typeof codes)[];

for (const transport of transports) {
  describe(`row 17: errors of handlers over ${transport}`, () => {
    for (const [index, code] of names.entries()) {
      it(`row 9: ${code} arrives as it was thrown from every kind of call, before and after answers`, async () => {
        const message = messages[index % messages.length] as string;
        const details = { code, list: [1, "two", null], bytes: new Uint8Array([1, 2]) };
        const thrown = new FarcallError(code, message, {
          details,
          retryAfterMs: 250,
          reason: "SHED",
          cause: new Error("stays here"),
        });
        const implementation = {
          async empty() {
            throw thrown;
          },
          async sum() {
            throw thrown;
          },
          async *download(sizes: number[]) {
            for (const size of sizes) yield new Uint8Array(size);
            throw thrown;
          },
          async *talk(lines: AsyncIterable<Uint8Array>) {
            for await (const line of lines) yield line;
            throw thrown;
          },
        };
        await withPair(transport, implementation, {}, async ({ stub }) => {
          const read = async (stream: AsyncIterable<Uint8Array>, expected: number): Promise<void> => {
            let seen = 0;
            try {
              for await (const _ of stream) seen++;
            } finally {
              expect(seen).to.equal(expected);
            }
          };
          const calls = [
            stub.empty(),
            stub.sum(streamOf(new Uint8Array(1))),
            read(stub.download([]), 0),
            read(stub.download([1, 2, 3]), 3),
            read(stub.talk(streamOf()), 0),
            read(stub.talk(streamOf(new Uint8Array(1), new Uint8Array(2))), 2),
          ];
          for (const call of calls) {
            const error = await failureOf(call);
            expect(error).to.include({ code, message, executed: "yes", reason: "SHED", retryAfterMs: 250 });
            expect(error.details).to.deep.equal(details);
            expect(error.cause).to.equal(undefined);
          }
        });
      });
    }

    it("9: an error that a getter of the result throws is of a call that has run: it is not sent again", async () => {
      let entered = 0;
      const order = () => {
        entered++;
        return {
          get id(): string {
            throw new FarcallError("UNAVAILABLE", "the database is away", { executed: "no" });
          },
          placed: new Date(0),
        };
      };
      await withPair(transport, { order }, {}, async ({ stub }) => {
        const error = await failureOf(stub.order({ sku: "a", units: 1, lines: [] }));
        expect(error).to.include({ code: "UNAVAILABLE", message: "the database is away", executed: "yes" });
        expect(entered).to.equal(1);
      });
    });

    it("9: an error that a getter of an argument throws is of a call that has not run", async () => {
      await withPair(transport, {}, {}, async ({ stub }) => {
        const order = {
          get sku(): string {
            throw new FarcallError("NOT_FOUND", "no such sku");
          },
          units: 1,
          lines: [],
        };
        expect(await failureOf(stub.order(order))).to.include({ code: "NOT_FOUND", message: "no such sku", executed: "no" });
      });
    });
  });
}
