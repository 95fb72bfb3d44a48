import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as ourClient from "@farcall/client";
import * as ourProtocol from "@farcall/protocol";
import * as ourCodegen from "@farcall/protocol/codegen/v1";
import * as ourServer from "@farcall/server";
import { expect } from "chai";
import * as ourMsgpackr from "msgpackr";
import { aborted, wellBehaved } from "../conformance/implementation.js";
import { collect, failureOf, streamOf, until } from "../conformance/settlement.js";
import * as ourConformance from "../contracts/gen/conformance.js";
import { type SecondCopy, secondCopy } from "./second-copy.js";

type Copy = Omit<SecondCopy, "remove" | "values">;

const ours: Copy = {
  client: ourClient,
  server: ourServer,
  protocol: ourProtocol,
  codegen: ourCodegen,
  msgpackr: ourMsgpackr,
  conformance: ourConformance,
};

describe("row 66: two copies of Farcall in one process", () => {
  let other: SecondCopy;

  before(async () => {
    other = await secondCopy();
  });

  after(() => other.remove());

  it("row 66: are two, down to msgpackr", () => {
    expect(other.client.createClient).not.to.equal(ours.client.createClient);
    expect(other.protocol.FarcallError).not.to.equal(ours.protocol.FarcallError);
    expect(other.conformance.Conformance).not.to.equal(ours.conformance.Conformance);
    expect(other.msgpackr.pack).not.to.equal(ours.msgpackr.pack);
  });

  const pairs: readonly (readonly [string, () => readonly [Copy, Copy, Copy]])[] = [
    ["the second calls the first", () => [other, ours, other]],
    ["the first calls the second", () => [ours, other, ours]],
    ["the first calls the second, by a descriptor of the second", () => [ours, other, other]],
    ["the second calls the first, by a descriptor of the first", () => [other, ours, ours]],
    ["both ends are of the first and know a descriptor of the second", () => [ours, ours, other]],
  ];

  for (const [name, copies] of pairs) {
    describe(name, () => {
      type Handler = Partial<ourConformance.ConformanceHandler>;

      /** A client of the first copy and a server of the second; the third one's descriptor is the client's. */
      async function between(
        implementation: Handler,
        run: (stub: ourConformance.ConformanceClient, url: string) => Promise<void>,
      ): Promise<readonly string[]> {
        const [calling, called, described] = copies();
        const log: string[] = [];
        const logger = { error: (line: string) => void log.push(line), warn: (line: string) => void log.push(line) };
        const server = called.server.createServer({ logger });
        const served = calling === called ? described : called;
        server.implement(served.conformance.Conformance, { ...wellBehaved, ...implementation });
        const { url } = await server.listen();
        const client = calling.client.createClient(url);
        try {
          await run(client.service(described.conformance.Conformance), url);
        } finally {
          await client.close();
          await server.close();
        }
        return log;
      }

      it("row 66: all four kinds, small and large, with metadata both ways", () =>
        between(
          {
            echo(bytes, ctx) {
              ctx.setHeader("seen", ctx.metadata.get("trace") ?? "nothing");
              return bytes;
            },
          },
          async (stub) => {
            const headers: unknown[] = [];
            const options = {
              metadata: { trace: "t1" },
              onHeaders: (metadata: Iterable<unknown>) => void headers.push(...metadata),
            };
            expect(await stub.echo(new Uint8Array([1, 2]), options)).to.deep.equal(new Uint8Array([1, 2]));
            expect(headers).to.deep.equal([["seen", "t1"]]);
            expect(await stub.echo(new Uint8Array(300_000))).to.have.lengthOf(300_000);
            expect(await stub.sum(streamOf(new Uint8Array(3), new Uint8Array(4)))).to.equal(7);
            expect((await collect(stub.download([1, 200_000, 2]))).map((one) => one.length)).to.deep.equal([1, 200_000, 2]);
            expect(await collect(stub.talk(streamOf(new Uint8Array([5]))))).to.deep.equal([new Uint8Array([5])]);
            expect(await stub.order({ sku: "a", units: 2, lines: [{ note: "n", price: 1.5 }] })).to.deep.equal({
              id: "a-2",
              placed: new Date(0),
            });
          },
        ));

      it("row 66: errors of either copy arrive whole, and each copy knows them", async () => {
        const [calling] = copies();
        for (const thrower of [ours, other]) {
          const details = { sku: "x", tried: [1, 2] };
          const log = await between(
            {
              empty() {
                throw new thrower.protocol.FarcallError("NOT_FOUND", "no such sku", { details, retryAfterMs: 7 });
              },
            },
            async (stub) => {
              const error = await failureOf(stub.empty());
              expect(error).to.include({ code: "NOT_FOUND", message: "no such sku", executed: "yes", retryAfterMs: 7 });
              expect(error.details).to.deep.equal(details);
              expect(error).to.be.instanceOf(calling.protocol.FarcallError);
              for (const { protocol } of [ours, other]) {
                expect(protocol.FarcallError.is(error)).to.equal(true);
                const read = protocol.FarcallError.from(error);
                expect(read).to.be.instanceOf(protocol.FarcallError).and.to.include({ code: "NOT_FOUND", retryAfterMs: 7 });
                expect(protocol.withExecuted(error, "no")).to.include({ code: "NOT_FOUND", executed: "no" });
              }
            },
          );
          expect(log).to.deep.equal([]);
        }
      });

      it("row 66: what does not fit is named by its path, and what is thrown by accident stays opaque", async () => {
        const log = await between(
          {
            sleep() {
              throw new Error("secret");
            },
          },
          async (stub) => {
            const wrong = { sku: "a", units: "2", lines: [] } as unknown as Parameters<typeof stub.order>[0];
            const misfit = await failureOf(stub.order(wrong));
            expect(misfit).to.include({ code: "INVALID_ARGUMENT", executed: "no" });
            expect(misfit.message).to.include("order.units");
            const opaque = await failureOf(stub.sleep());
            expect(opaque.code).to.equal("INTERNAL");
            expect(opaque.message).not.to.include("secret");
          },
        );
        expect(log).to.have.lengthOf(1);
      });

      it("row 66: a call inside a call inherits deadline and cancellation from a context of the other copy", async () => {
        const [calling, called] = copies();
        for (const explicit of [false, true]) {
          let outerLeft = 0;
          let innerLeft = 0;
          let innerAborted = false;
          const log = await between(
            {
              async nap(ctx) {
                innerLeft = ctx.timeoutMs();
                await aborted(ctx);
                innerAborted = true;
              },
            },
            async (_stub, url) => {
              const client = calling.client.createClient(url, { contextPropagation: !explicit });
              const front = called.server.createServer();
              front.implement(called.conformance.Conformance, {
                ...wellBehaved,
                async sleep(ctx) {
                  outerLeft = ctx.timeoutMs();
                  await client.service(calling.conformance.Conformance).nap(explicit ? { parent: ctx } : {});
                },
              });
              const { url: frontUrl } = await front.listen();
              const user = calling.client.createClient(frontUrl);
              const controller = new AbortController();
              try {
                const call = failureOf(
                  user.service(calling.conformance.Conformance).sleep({ timeoutMs: 1_500, signal: controller.signal }),
                );
                await until(() => innerLeft > 0, "the inner handler runs");
                // In whole milliseconds on the wire, rounded up.
                expect(innerLeft)
                  .to.be.at.most(outerLeft + 1)
                  .and.above(500);
                controller.abort();
                expect(await call).to.include({ code: "CANCELLED" });
                await until(() => innerAborted, "the inner handler is told");
              } finally {
                await user.close();
                await client.close();
                await front.close();
              }
            },
          );
          expect(log).to.deep.equal([]);
        }
      });
    });
  }

  it("row 66: each reads arms of a union, and names what fits none, by a descriptor of the other", () => {
    for (const [reader, described] of [
      [ours, other],
      [other, ours],
    ] as const) {
      const { t, schema } = described.codegen;
      // Only reading decides between them, and the first one tried fails inside.
      const shape = t.union(t.object({ units: t.number }), t.object({ units: t.string }));
      const union = schema(shape, () => true);
      const read = (value: unknown): unknown => {
        const payload = { ...reader.protocol.encode(value), announced: 0, isOwn: false };
        return reader.protocol.readValue(union, payload);
      };
      expect(read({ units: "two" })).to.deep.equal({ units: "two" });
      expect(() => read({ units: true })).to.throw(reader.protocol.ShapeError, /units/);
    }
  });

  it("row 66: extensions that others register with either msgpackr change nothing", async () => {
    // What is registered stays for the life of the process, so it needs one of its own.
    const script = fileURLToPath(new URL("registered.js", import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [script]);
    expect(stdout).to.equal("unchanged\n");
  });
});
