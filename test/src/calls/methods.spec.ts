import { inspect } from "node:util";
import { createClient } from "@farcall/client";
import { type CallContext, createServer } from "@farcall/server";
import { createMemoryNetwork } from "@farcall/testing";
import { expect } from "chai";
import { collect, failureOf, streamOf } from "../conformance/settlement.js";
import {
  Closed,
  Methods,
  type MethodsClient,
  type MethodsHandler,
  MethodsUsers,
  OutOfStock,
} from "../contracts/gen/shapes-of-methods.js";

/** Ends when the signal fires, and tells so. */
function untilAborted(signal: AbortSignal, tell: (what: string) => void): Promise<void> {
  return new Promise((_, reject) => {
    const stop = (): void => {
      tell("stopped");
      reject(new Error("stopped"));
    };
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop);
    tell("started");
  });
}

async function withMethods(
  run: (stub: MethodsClient, seen: unknown[], client: ReturnType<typeof createClient>) => Promise<void>,
) {
  const network = createMemoryNetwork();
  const seen: unknown[] = [];
  const moments = new Map<string, () => void>();
  const tell = (what: string): void => {
    seen.push(what);
    moments.get(what)?.();
  };
  const handler: MethodsHandler = {
    plain: (text) => `${text}!`,
    find(id, limit) {
      if (id === undefined) return 7;
      if (id === "wrong") return [];
      if (id === "undeclared") throw new Closed({ why: "night" }, { message: "night after night" });
      if (typeof id === "string") return { name: id };
      return id.slice(0, limit ?? id.length).map((one) => ({ name: String(one) }));
    },
    async *tail(of, from) {
      if (of === "lines") yield `line ${(from as { line: number }).line}`;
      else yield (from as { offset: bigint }).offset === 0n ? "text" : Uint8Array.of(1);
    },
    join: (separator, texts) => texts.join(separator),
    wait: (_name, signal) => untilAborted(signal, tell),
    waitAmong: ({ signal }) => untilAborted(signal as AbortSignal, tell),
    async collect(signal, items, last, ctx: CallContext) {
      seen.push(signal === ctx.signal);
      return [...(await collect(items)), last];
    },
    async *on(event) {
      if (event === "opened") yield undefined;
      if (event === "moved") yield ["a", "b"];
      if (event === "failed") yield "why";
    },
    reserve(sku, units) {
      if (units > 5) throw new OutOfStock({ sku, left: 5n, until: new Date(7) }, { message: "only five", cause: "secret" });
      if (sku === "undeclared") throw new RangeError("password");
      return sku;
    },
    async *watch() {
      yield 1;
      throw new Closed({ why: "night" });
    },
    users: { get: async (id) => `user ${id}` },
  };
  const server = createServer({ listener: network.listener("methods"), logger: { error() {}, warn() {} } });
  server.implement(Methods, handler);
  const { url } = await server.listen();
  const client = createClient(url, { connector: network.connector });
  try {
    await client.ready();
    await run(
      client.service(Methods),
      Object.assign(seen, { until: (what: string) => seen.includes(what) || new Promise<void>((go) => moments.set(what, go)) }),
      client,
    );
  } finally {
    await client.close();
    await server.close();
  }
}

type Seen = unknown[] & { until(what: string): Promise<void> };

describe("methods of all forms", () => {
  it("answer plain results later", () =>
    withMethods(async (stub) => {
      expect(await stub.plain("a")).to.equal("a!");
    }));

  it("answer UNIMPLEMENTED where an optional one is missing", () =>
    withMethods(async (stub) => {
      expect(await failureOf(stub.maybe())).to.include({ code: "UNIMPLEMENTED", executed: "no" });
      expect(await failureOf(stub.admin.audit.list())).to.include({ code: "UNIMPLEMENTED", executed: "no" });
    }));

  it("take any number of values, and options only through `with`", () =>
    withMethods(async (stub) => {
      expect(await stub.join("-")).to.equal("");
      expect(await stub.join("-", "a", "b", "c")).to.equal("a-b-c");
      expect(await stub.with({ timeoutMs: 1_000 }).join("-", "a")).to.equal("a");
      expect(await failureOf(stub.join("-", "a", { timeoutMs: 1 } as never))).to.include({ code: "INVALID_ARGUMENT" });
    }));

  for (const form of ["wait", "waitAmong"] as const) {
    it(`are cancelled by a signal among their parameters: ${form}`, () =>
      withMethods(async (stub, seen) => {
        const control = new AbortController();
        const call = form === "wait" ? stub.wait("a", control.signal) : stub.waitAmong({ name: "a", signal: control.signal });
        await (seen as Seen).until("started");
        control.abort(new Error("enough"));
        expect(await failureOf(call)).to.include({ code: "CANCELLED" });
        await (seen as Seen).until("stopped");
      }));
  }

  it("may be overloaded: each call is answered as its arguments ask for", () =>
    withMethods(async (stub) => {
      const one: { name: string } = await stub.find("tea");
      const some: { name: string }[] = await stub.find([1, 2], 1, { timeoutMs: 1_000 });
      const all: number = await stub.find();
      expect([one, some, all]).to.deep.equal([{ name: "tea" }, [{ name: "1" }], 7]);
      expect(await collect(stub.tail("lines", { line: 5 }))).to.deep.equal(["line 5"]);
      expect(await collect(stub.tail("bytes", { offset: 3n }))).to.deep.equal([Uint8Array.of(1)]);
    }));

  it("refuse arguments and answers that belong to different overloads", () =>
    withMethods(async (stub) => {
      const mixed = await failureOf(stub.find("tea", 5 as never));
      expect(mixed).to.include({ code: "INVALID_ARGUMENT", executed: "no" });
      expect(mixed.message).to.equal("farcall.test.Methods.find: limit: expected nothing, got number 5");
      const crossed = await failureOf(collect(stub.tail("lines", { offset: 3n } as never)));
      expect(crossed.message).to.equal("farcall.test.Methods.tail: from.line: expected number, got undefined");
      expect(await failureOf(stub.find("wrong"))).to.include({ code: "INTERNAL", executed: "yes" });
      expect(await failureOf(collect(stub.tail("bytes", { offset: 0n })))).to.include({ code: "INTERNAL" });
    }));

  it("are cancelled by either of two signals", () =>
    withMethods(async (stub, seen) => {
      const [one, other] = [new AbortController(), new AbortController()];
      const call = stub.wait("a", one.signal, { signal: other.signal });
      await (seen as Seen).until("started");
      other.abort();
      expect(await failureOf(call)).to.include({ code: "CANCELLED" });
    }));

  it("find the signal and the stream where they declared them", () =>
    withMethods(async (stub, seen) => {
      const { signal } = new AbortController();
      expect(await stub.collect(signal, streamOf("a", "b"), "c")).to.deep.equal(["a", "b", "c"]);
      expect(seen).to.deep.equal([true]);
    }));

  it("refuse what is no signal", () =>
    withMethods(async (stub) => {
      const error = await stub.wait("a", "now" as never).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(String(error)).to.include("signal must be an AbortSignal");
    }));

  it("stream their events", () =>
    withMethods(async (stub) => {
      expect(await collect(stub.on("opened"))).to.deep.equal([undefined]);
      expect(await collect(stub.on("moved"))).to.deep.equal([["a", "b"]]);
      expect(await collect(stub.on("failed"))).to.deep.equal(["why"]);
    }));

  it("throw what they declare, with its fields", () =>
    withMethods(async (stub) => {
      const error = await failureOf(stub.reserve("tea", 6));
      expect(error).to.be.instanceOf(OutOfStock).and.not.instanceOf(Closed);
      expect(error).to.include({ sku: "tea", left: 5n, message: "only five", executed: "yes", code: "FAILED_PRECONDITION" });
      expect((error as OutOfStock).until).to.deep.equal(new Date(7));
      expect(error.cause).to.equal(undefined);
      // Whoever prints it sees its name and its fields, and not how they travel.
      expect(inspect(error)).to.match(/^OutOfStock \[FarcallError\]: only five\n/);
      expect(Object.keys(error)).to.have.members(["code", "executed", "name", "sku", "left", "until"]);
      expect(await failureOf(stub.reserve("undeclared", 1)))
        .to.include({ code: "INTERNAL" })
        .and.not.instanceOf(OutOfStock);
      const closed = await failureOf(collect(stub.watch()));
      expect(closed).to.be.instanceOf(Closed);
      expect((closed as Closed).why).to.equal("night");
    }));

  it("do not pass for what they did not declare: its fields are not there", () =>
    withMethods(async (stub) => {
      const error = await failureOf(stub.find("undeclared"));
      expect(error).to.include({ code: "FAILED_PRECONDITION", message: "night after night" });
      expect(error).not.instanceOf(Closed);
    }));

  it("refuse to make an error of the wrong fields", () => {
    expect(() => new OutOfStock({ sku: 1 } as never)).to.throw("OutOfStock: sku: expected string, got number 1");
  });

  it("stand in groups, which are services of their own", () =>
    withMethods(async (stub, _, client) => {
      expect(await stub.users.get("1")).to.equal("user 1");
      expect(await stub.with({ timeoutMs: 1_000 }).users.get("2")).to.equal("user 2");
      expect(await client.service(MethodsUsers).get("3")).to.equal("user 3");
    }));

  it("are all asked for by implement, except optional ones", () => {
    const server = createServer({ listener: createMemoryNetwork().listener("none") });
    expect(() => server.implement(Methods, class {} as never)).to.throw(/users; pass an instance of the class$/);
    expect(() => server.implement(Methods, {} as never)).to.throw(
      "implement: farcall.test.Methods lacks plain, find, tail, join, wait, waitAmong, collect, on, reserve, watch, users",
    );
  });
});
