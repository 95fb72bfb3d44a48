import { type CallContext, type Client, createClient, FarcallError } from "@farcall/client";
import { createServer, type Server } from "@farcall/server";
import { expect } from "chai";
import { wellBehaved } from "../conformance/implementation.js";
import { Conformance, type ConformanceClient, type ConformanceHandler } from "../contracts/gen/conformance.js";

interface Chain {
  /** A client of the first server. */
  readonly edge: ConformanceClient;
}

/** Three servers, each calling the next. `serve` says what the one at `hop` does; `next` calls the one after it. */
async function withChain(
  serve: (hop: number, next: ConformanceClient | undefined) => Partial<ConformanceHandler>,
  run: (chain: Chain) => Promise<void>,
  clientOptions: Parameters<typeof createClient>[1] = {},
): Promise<void> {
  const servers: Server[] = [];
  const clients: Client[] = [];
  let next: ConformanceClient | undefined;
  try {
    for (const hop of [3, 2, 1]) {
      const server = createServer();
      server.implement(Conformance, { ...wellBehaved, ...serve(hop, next) });
      servers.push(server);
      const { url } = await server.listen();
      const client = createClient(url, clientOptions);
      clients.push(client);
      next = client.service(Conformance);
    }
    await run({ edge: next as ConformanceClient });
  } finally {
    for (const client of clients) await client.close();
    for (const server of servers) await server.close();
  }
}

describe("calls made while a call is served", () => {
  it("S7, 13: have what is left of the caller's time, and never more", async () => {
    const left: number[] = [];
    await withChain(
      (hop, next) => ({
        async record(values, ctx) {
          left[hop] = ctx.timeoutMs();
          // Some of the budget is spent here.
          const until = performance.now() + 20;
          while (performance.now() < until) await Promise.resolve();
          return next === undefined ? values : next.record(values);
        },
      }),
      async ({ edge }) => {
        await edge.record({ a: "b" }, { timeoutMs: 5_000 });
        expect(left[1]).to.be.at.most(5_000).and.above(4_000);
        expect(left[2]).to.be.at.most((left[1] as number) - 19);
        expect(left[3]).to.be.at.most((left[2] as number) - 19);
      },
    );
  });

  it("13: end with the caller's deadline even where they asked for more", async () => {
    const ended: number[] = [];
    await withChain(
      (hop, next) => ({
        async sleep(ctx: CallContext) {
          if (next !== undefined) return next.sleep({ timeoutMs: 60_000 });
          await new Promise((resolve) => ctx.signal.addEventListener("abort", resolve));
          ended.push(hop);
        },
      }),
      async ({ edge }) => {
        const error = await edge.sleep({ timeoutMs: 150 }).catch((thrown: unknown) => thrown);
        expect(error).to.include({ code: "DEADLINE_EXCEEDED" });
        while (ended.length === 0) await new Promise((resolve) => setImmediate(resolve));
        expect(ended).to.deep.equal([3]);
      },
    );
  });

  it("are cancelled with the call they are made for, through every hop", async () => {
    let entered: () => void = () => {};
    const atTheEnd = new Promise<void>((resolve) => {
      entered = resolve;
    });
    let aborted: unknown;
    const gone = new Promise<void>((resolve) => {
      void atTheEnd.then(() => resolve());
    });
    await withChain(
      (_hop, next) => ({
        async sleep(ctx: CallContext) {
          if (next !== undefined) return next.sleep();
          entered();
          await new Promise<void>((resolve) => ctx.signal.addEventListener("abort", () => resolve()));
          aborted = ctx.signal.reason;
        },
      }),
      async ({ edge }) => {
        const controller = new AbortController();
        const call = edge.sleep({ signal: controller.signal }).catch((thrown: unknown) => thrown);
        await gone;
        controller.abort();
        expect(await call).to.include({ code: "CANCELLED" });
        while (aborted === undefined) await new Promise((resolve) => setImmediate(resolve));
        expect(FarcallError.is(aborted) && aborted.code).to.equal("CANCELLED");
      },
    );
  });

  it("carry the trace on, also from inside a generator, and only the trace", async () => {
    const seen: string[] = [];
    const serve = (hop: number, next: ConformanceClient | undefined): Partial<ConformanceHandler> => ({
      async metadata(ctx) {
        seen.push(`${hop}: ${[...ctx.metadata].map(([key, value]) => `${key}=${String(value)}`).join(" ")}`);
        return next === undefined ? [] : next.metadata();
      },
      async *download(_sizes, ctx) {
        void ctx;
        yield new Uint8Array(1);
        await next?.metadata();
        yield new Uint8Array(2);
      },
    });
    await withChain(serve, async ({ edge }) => {
      const metadata = { traceparent: "00-1-2-01", tracestate: "a=b", tenant: "x" };
      await edge.metadata({ metadata });
      for await (const _ of edge.download([], { metadata })) {
        // Read to the end.
      }
      expect(seen).to.deep.equal([
        "1: traceparent=00-1-2-01 tracestate=a=b tenant=x",
        "2: traceparent=00-1-2-01 tracestate=a=b",
        "3: traceparent=00-1-2-01 tracestate=a=b",
        "2: traceparent=00-1-2-01 tracestate=a=b",
        "3: traceparent=00-1-2-01 tracestate=a=b",
      ]);
    });
  });

  it("inherit nothing with contextPropagation off, unless the parent is passed", async () => {
    const left: number[] = [];
    await withChain(
      (hop, next) => ({
        async record(values, ctx) {
          left.push(ctx.timeoutMs());
          if (next === undefined) return values;
          return hop === 1 ? next.record(values) : next.record(values, { parent: ctx, timeoutMs: 20_000 });
        },
      }),
      async ({ edge }) => {
        await edge.record({}, { timeoutMs: 3_000 });
        expect(left[0]).to.be.at.most(3_000);
        expect(left[1]).to.be.above(14_000).and.at.most(15_000);
        expect(left[2]).to.be.at.most(15_000);
      },
      { contextPropagation: false },
    );
  });
});
