import { type ClientInterceptor, FarcallError, type Metadata } from "@farcall/client";
import { createContextKey, type ServerInterceptor } from "@farcall/server";
import { RawPeer } from "@farcall/testing";
import { expect } from "chai";
import { transports, withPair } from "../conformance/pair.js";

const user = createContextKey("user", "nobody");

function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail("expected a failure"),
    (error: unknown) => error,
  );
}

for (const transport of transports) {
  describe(`row 17: interceptors over ${transport}`, () => {
    it("stand around every kind of call on both sides, the first outermost", async () => {
      const seen: string[] = [];
      const client = (name: string): ClientInterceptor => {
        return async (call, next) => {
          seen.push(
            `${name} ${call.service}.${call.method} ${call.kind} ${call.args.length}${call.input === undefined ? "" : " +stream"}`,
          );
          const answer = await next(call);
          seen.push(`${name} done`);
          return answer;
        };
      };
      const server: ServerInterceptor = async (call, next) => {
        seen.push(`server ${call.method}`);
        return next(call);
      };
      await withPair(
        transport,
        {},
        { client: { interceptors: [client("outer"), client("inner")] }, server: { interceptors: [server] } },
        async ({ stub }) => {
          expect(await stub.echo(new Uint8Array([1]))).to.deep.equal(new Uint8Array([1]));
          expect(seen).to.deep.equal([
            "outer farcall.test.Conformance.echo unary 1",
            "inner farcall.test.Conformance.echo unary 1",
            "server echo",
            "inner done",
            "outer done",
          ]);
          seen.length = 0;
          const items = async function* () {
            yield new Uint8Array(2);
            yield new Uint8Array(3);
          };
          expect(await stub.sum(items())).to.equal(5);
          const sizes: number[] = [];
          for await (const chunk of stub.download([4, 5])) sizes.push(chunk.length);
          for await (const line of stub.talk(items())) sizes.push(line.length);
          expect(sizes).to.deep.equal([4, 5, 2, 3]);
          expect(seen.filter((line) => line.startsWith("outer f"))).to.deep.equal([
            "outer farcall.test.Conformance.sum client-stream 0 +stream",
            "outer farcall.test.Conformance.download server-stream 1",
            "outer farcall.test.Conformance.talk bidi-stream 0 +stream",
          ]);
        },
      );
    });

    it("may change the call, answer it alone, and translate its error", async () => {
      const interceptors: ClientInterceptor[] = [
        async (call, next) => {
          if (call.method === "empty") return undefined;
          try {
            return await next({ ...call, options: { ...call.options, metadata: { tenant: "a" } } });
          } catch (error) {
            throw FarcallError.is(error) ? new FarcallError("ABORTED", `was ${error.code}`, { executed: error.executed }) : error;
          }
        },
      ];
      let entered = 0;
      await withPair(
        transport,
        {
          async empty() {
            entered++;
          },
        },
        { client: { interceptors } },
        async ({ stub }) => {
          await stub.empty();
          expect(entered).to.equal(0);
          expect(await stub.metadata()).to.deep.equal([{ key: "tenant", text: "a" }]);
          expect(await failure(stub.order(7 as never))).to.include({
            code: "ABORTED",
            message: "was INVALID_ARGUMENT",
            executed: "no",
          });
        },
      );
    });

    it("leave typed values for the handler, and refuse a call before it with executed no", async () => {
      const interceptors: ServerInterceptor[] = [
        async (call, next) => {
          if (call.method === "sleep") throw new FarcallError("PERMISSION_DENIED", "not you");
          call.ctx.values.set(user, "ann");
          return next(call);
        },
      ];
      await withPair(
        transport,
        {
          async record(_values, ctx) {
            return { user: ctx.values.get(user), other: ctx.values.get(createContextKey("user", "default")) };
          },
        },
        { server: { interceptors } },
        async ({ stub }) => {
          expect(await stub.record({})).to.deep.equal({ user: "ann", other: "default" });
          expect(await failure(stub.sleep())).to.include({ code: "PERMISSION_DENIED", executed: "no" });
        },
      );
    });

    it("42: one that throws fails its own call only: redacted from the server, as it is from the client", async () => {
      const boom: ServerInterceptor = async (call, next) => {
        if (call.method === "empty") throw new Error("secret of the server");
        return next(call);
      };
      await withPair(transport, {}, { server: { interceptors: [boom] }, logs: true }, async ({ stub, log }) => {
        const error = (await failure(stub.empty())) as FarcallError;
        expect(error).to.include({ code: "INTERNAL", executed: "no" });
        expect(error.message).to.match(/^internal error [0-9a-f-]{36}$/);
        expect(log.join()).to.include("secret of the server");
        expect(await stub.echo(new Uint8Array(1))).to.have.length(1);
      });
      const own: ClientInterceptor = async () => {
        throw new TypeError("mine");
      };
      await withPair(transport, {}, { client: { interceptors: [own] } }, async ({ stub }) => {
        expect(String(await failure(stub.empty()))).to.equal("TypeError: mine");
        const stream = stub.download([1])[Symbol.asyncIterator]();
        expect(String(await failure(stream.next()))).to.equal("TypeError: mine");
        expect(await stream.return?.()).to.deep.equal({ done: true, value: undefined });
      });
    });

    it("8: one that refuses a call says what it likes in metadata: the handler has not run", async () => {
      const busy: ServerInterceptor = async ({ ctx }) => {
        ctx.setHeader("left", "0");
        ctx.setTrailer("from", "the limiter");
        throw new FarcallError("RESOURCE_EXHAUSTED", "slow down");
      };
      const told: unknown[] = [];
      const note = (metadata: Metadata): void => void told.push(...metadata);
      await withPair(transport, {}, { server: { interceptors: [busy] } }, async ({ stub }) => {
        const error = await failure(stub.empty({ onHeaders: note, onTrailers: note }));
        expect(error).to.include({ code: "RESOURCE_EXHAUSTED", executed: "no" });
        expect(told).to.deep.equal([
          ["left", "0"],
          ["from", "the limiter"],
        ]);
      });
    });

    it("let go of a stream that the consumer left while an interceptor was still waiting", async () => {
      let release: () => void = () => {};
      const gate = new Promise<void>((resolve) => {
        release = resolve;
      });
      let ended = 0;
      const waits: ClientInterceptor = async (call, next) => {
        await gate;
        return next(call);
      };
      await withPair(
        transport,
        {
          async *download() {
            try {
              for (;;) yield new Uint8Array(1);
            } finally {
              ended++;
            }
          },
        },
        { client: { interceptors: [waits] } },
        async ({ stub }) => {
          const stream = stub.download([])[Symbol.asyncIterator]();
          const left = stream.return?.();
          release();
          await left;
          expect(await stream.next()).to.deep.equal({ done: true, value: undefined });
          expect(ended).to.be.at.most(1);
        },
      );
    });
  });
}

describe("an interceptor that waits", () => {
  it("9: a call whose stream breaks off meanwhile has not run, and does not run afterwards", async () => {
    let open!: () => void;
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    const waits: ServerInterceptor = async (call, next) => {
      await opened;
      return next(call);
    };
    const sum = () => expect.fail("the handler was entered");
    await withPair("WebSocket", { sum }, { server: { interceptors: [waits] } }, async ({ url, client }) => {
      const peer = await RawPeer.welcomed(url);
      peer.sendFrames([23, 0, "farcall.test.Conformance", "sum", ""], [16, 1, 0, 0, null, []], [19, 1, "no bytes"]);
      expect(await peer.frame()).to.include({ kind: 18, id: 1, code: "INVALID_ARGUMENT", executed: "no" });
      open();
      peer.terminate();
      await peer.closed();
      expect(client.state).to.equal("ready");
    });
  });
});
