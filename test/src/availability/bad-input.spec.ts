import {
  type Balancer,
  type BalancerEndpoint,
  type ClientOptions,
  createClient,
  type Resolver,
  type ResolverListener,
  type Target,
} from "@farcall/client";
import { createServer, type Server, type ServerOptions } from "@farcall/server";
import { FakeClock, settle } from "@farcall/testing";
import { expect } from "chai";
import { failureOf, until } from "../conformance/settlement.js";
import { Shop } from "../contracts/gen/shop.js";
import { leavesNothing, shop, tally, withFleet } from "./fleet.js";

const somewhere = "ws://127.0.0.1:9";

/** What a function throws. */
function thrownBy(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("row 70: what cannot be meant is refused where it is said", () => {
  leavesNothing();

  for (const [title, target, options, says] of [
    [
      "an unknown balancer",
      somewhere,
      { balancer: "round-robbin" },
      'balancer "round-robbin" is not known. Did you mean "round-robin"?',
    ],
    ["a balancer without picker()", somewhere, { balancer: { name: "mine" } }, "balancer.picker"],
    ["a balancer that is a number", somewhere, { balancer: 7 }, "balancer must be"],
    ["a negative interval", somewhere, { heartbeat: { activeIntervalMs: -1 } }, "heartbeat.activeIntervalMs"],
    ["an interval that is NaN", somewhere, { heartbeat: { idleIntervalMs: Number.NaN } }, "heartbeat.idleIntervalMs"],
    ["an interval in words", somewhere, { heartbeat: { idleIntervalMs: "15s" } }, "heartbeat.idleIntervalMs"],
    [
      "a timeout under its heartbeat",
      somewhere,
      { heartbeat: { activeTimeoutMs: 200 } },
      "activeTimeoutMs (200) must be greater",
    ],
    [
      "an idle timeout under its heartbeat",
      somewhere,
      { heartbeat: { idleTimeoutMs: 15_000 } },
      "idleTimeoutMs (15000) must be greater",
    ],
    ["a misspelt heartbeat", somewhere, { heartbeat: { interval: 5 } }, "interval"],
    ["a negative wait between retries", somewhere, { retry: { baseMs: -50 } }, "retry.baseMs"],
    [
      "a cap under its base",
      somewhere,
      { retry: { baseMs: 100, capMs: 50 } },
      "retry.capMs (50) must not be less than baseMs (100)",
    ],
    ["no attempt at all", somewhere, { retry: { maxAttempts: 0 } }, "retry.maxAttempts"],
    ["half an attempt", somewhere, { retry: { maxAttempts: 1.5 } }, "retry.maxAttempts"],
    ["an attempt that may take NaN", somewhere, { retry: { attemptTimeoutMs: Number.NaN } }, "retry.attemptTimeoutMs"],
    ["a negative share of retries", somewhere, { retry: { budget: { ratio: -0.1 } } }, "retry.budget.ratio"],
    ["endless retries", somewhere, { retry: { budget: { perSecond: Number.POSITIVE_INFINITY } } }, "retry.budget.perSecond"],
    ["a negative wait before reconnecting", somewhere, { reconnect: { baseMs: -1 } }, "reconnect.baseMs"],
    ["a wait before reconnecting that is NaN", somewhere, { reconnect: { capMs: Number.NaN } }, "reconnect.capMs"],
    ["a cap of waits under their base", somewhere, { reconnect: { baseMs: 500, capMs: 100 } }, "reconnect.capMs (100)"],
    ["a negative connect timeout", somewhere, { connectTimeoutMs: -1 }, "connectTimeoutMs"],
    ["a call timeout that is NaN", somewhere, { timeoutMs: Number.NaN }, "timeoutMs"],
    ["a subset of none", somewhere, { subsetSize: 0 }, "subsetSize"],
    ["a negative queue", somewhere, { limits: { maxQueuedCalls: -1 } }, "limits.maxQueuedCalls"],
    [
      "a misspelt limit",
      somewhere,
      { limits: { maxMessageSize: 1 } },
      "limits.maxMessageSize is not a limit; known are maxMessageBytes, streamWindowBytes, chunkWindowBytes, maxCalls, maxQueuedCalls",
    ],
    ["a URL object", new URL(somewhere), {}, "got a URL object; pass its href"],
    ["an endpoint without its list", { url: somewhere }, {}, "got a single endpoint; put it into an array"],
    ["an empty list", [], {}, "endpoint"],
    ["an empty text", "", {}, "target[0]"],
    ["a list of commas", " , ", {}, "target[0]"],
    ["a scheme that no resolver claims", "consul://127.0.0.1/shop", {}, "consul:"],
    ["an address without a scheme", "127.0.0.1:9", {}, "did you mean ws://127.0.0.1:9?"],
    ["http in place of ws", "http://127.0.0.1:9", {}, "did you mean ws://127.0.0.1:9?"],
    ["the same address twice", `${somewhere},${somewhere}`, {}, somewhere],
    [
      "two endpoints of one id",
      [
        { id: "a", url: somewhere },
        { id: "a", url: "ws://127.0.0.1:10" },
      ],
      {},
      '"a"',
    ],
    ["a weight of 0", [{ url: somewhere, weight: 0 }], {}, "weight"],
  ] as const satisfies readonly (readonly [string, unknown, unknown, string])[]) {
    it(`row 70: createClient refuses ${title}`, () => {
      const { message } = thrownBy(() => createClient(target as unknown as Target, options as unknown as ClientOptions));
      expect(message).to.include(says);
      expect(message).to.match(/^createClient: /);
    });
  }

  for (const [title, options, says] of [
    ["a timeout under its heartbeat", { heartbeat: { idleTimeoutMs: 1_000 } }, "heartbeat.idleTimeoutMs (1000)"],
    ["a negative drain", { drainTimeoutMs: -1 }, "drainTimeoutMs"],
    ["an age that is NaN", { maxConnectionAgeMs: Number.NaN }, "maxConnectionAgeMs"],
    [
      "a misspelt limit",
      { limits: { maxConnections: 1 } as NonNullable<ServerOptions["limits"]> },
      "limits.maxConnections is not a limit; known are maxMessageBytes, streamWindowBytes, chunkWindowBytes, maxCalls, maxPendingConnections, maxBacklogBytes",
    ],
    ["a spread that is NaN", { reconnectSpreadMs: Number.NaN }, "reconnectSpreadMs"],
  ] as const satisfies readonly (readonly [string, ServerOptions, string])[]) {
    it(`row 70: createServer refuses ${title}`, () => {
      const { message } = thrownBy(() => createServer(options));
      expect(message)
        .to.include(says)
        .and.to.match(/^createServer: /);
    });
  }
});

/** A resolver that a case drives, right or wrong, and that notes whether it was stopped. */
class Driven implements Resolver {
  listener: ResolverListener | undefined;
  stops = 0;
  readonly #onStart: (() => void) | undefined;

  constructor(onStart?: () => void) {
    this.#onStart = onStart;
  }

  start(listener: ResolverListener): void {
    this.listener = listener;
    this.#onStart?.();
  }

  refresh(): void {}

  stop(): void {
    this.stops++;
  }

  /** Tells what may be no list at all. */
  tell(list: unknown): void {
    this.listener?.update(list as never);
  }
}

describe("row 70: a resolver that goes wrong", () => {
  leavesNothing();

  let server: Server;
  let url: string;
  let log: string[];
  const logger = { error: (line: string) => void log.push(line), warn: (line: string) => void log.push(line) };
  beforeEach(async () => {
    log = [];
    server = createServer();
    server.implement(Shop, shop("s0", []));
    ({ url } = await server.listen());
  });
  // Before the hook that looks for what is left.
  const end = async (): Promise<void> => server.close();

  it("throws in start(): it is reported, calls wait until their deadline, and say why", async () => {
    const resolver = new Driven(() => {
      throw new Error("no route to the registry");
    });
    const client = createClient(resolver, { logger });
    const stub = client.service(Shop);
    const beganAt = performance.now();
    const late = await failureOf(stub.quote(1, 0, { timeoutMs: 60 }));
    expect(performance.now() - beganAt).to.be.within(59, 300);
    expect(late).to.include({ code: "DEADLINE_EXCEEDED", executed: "no" });
    expect(late.message).to.include("was never sent").and.to.include("no route to the registry");
    const now = await failureOf(stub.quote(2, 0, { waitForReady: false }));
    expect(now).to.include({ code: "UNAVAILABLE", executed: "no" });
    expect(now.message).to.include("no route to the registry");
    const unready = await failureOf(client.ready({ timeoutMs: 20 }));
    expect(unready.message).to.include("no route to the registry");
    expect(log.join("\n")).to.include("the resolver threw in start(): no route to the registry");
    // It may still find its way.
    resolver.tell([{ url }]);
    expect(await stub.quote(3, 0)).to.equal("s0");
    await client.close();
    expect(resolver.stops).to.equal(1);
    await end();
  });

  for (const [title, rubbish, says] of [
    ["nothing", undefined, "undefined"],
    ["a text", "ws://127.0.0.1:9", "array"],
    ["an endpoint without address", [{ id: "a" }], "url"],
    ["an address of another scheme", [{ url: "ftp://127.0.0.1" }], "ftp:"],
    ["two of one id", [{ url: somewhere }, { url: somewhere }], somewhere],
    ["a weight of NaN", [{ url: somewhere, weight: Number.NaN }], "weight"],
    ["holes", Array.from({ length: 2 }), "undefined"],
  ] as const) {
    it(`row 70: yields ${title}: the last good list stays in use, and the log says what was wrong`, async () => {
      const resolver = new Driven();
      const client = createClient(resolver, { logger });
      resolver.tell([{ url }]);
      await client.ready();
      resolver.tell(rubbish);
      resolver.tell(rubbish);
      expect(client.endpoints().map((endpoint) => endpoint.url)).to.deep.equal([url]);
      expect(await client.service(Shop).quote(1, 0)).to.equal("s0");
      expect(log, "told once").to.have.lengthOf(1);
      expect(log[0]).to.include("makes no sense").and.to.include("the last good list stays in use").and.to.include(says);
      await client.close();
      await end();
    });
  }

  it("never yields: calls wait until their deadline, and say what they waited for", async () => {
    const clock = new FakeClock();
    const client = createClient(new Driven(), { logger, clock });
    const call = failureOf(client.service(Shop).quote(1, 0, { timeoutMs: 5_000 }));
    const ready = failureOf(client.ready({ timeoutMs: 5_000 }));
    await clock.advance(4_990);
    expect(client.queuedCalls).to.equal(1);
    await clock.advance(30);
    const error = await call;
    expect(error).to.include({ code: "DEADLINE_EXCEEDED", executed: "no" });
    expect(error.message).to.include("was never sent").and.to.include("the resolver has told no endpoints yet");
    expect((await ready).message).to.include("the resolver has told no endpoints yet");
    await client.close();
    expect(clock.pendingTimers).to.equal(0);
    await end();
  });

  it("yields an empty list: calls say that there are no endpoints", async () => {
    const resolver = new Driven();
    const client = createClient(resolver, { logger });
    resolver.tell([]);
    const error = await failureOf(client.service(Shop).quote(1, 0, { timeoutMs: 30 }));
    expect(error.message).to.include("was never sent").and.to.include("the resolver lists no endpoints");
    await client.close();
    await end();
  });

  it("goes on talking after the client has closed, and throws in refresh() and stop(): nobody minds", async () => {
    class Hostile extends Driven {
      override refresh(): void {
        throw new Error("not now");
      }
      override stop(): void {
        throw new Error("never");
      }
    }
    const resolver = new Hostile();
    const client = createClient(resolver, { logger, reconnect: { baseMs: 1, capMs: 1 } });
    resolver.tell([{ url }]);
    await client.ready();
    const again = new Promise((resolve) => void client.once("ready", resolve));
    await server.close();
    server = createServer({ port: Number(new URL(url).port) });
    await server.listen();
    await again;
    await client.close();
    resolver.tell([{ url }]);
    resolver.listener?.failed(new Error("late"));
    await settle();
    expect(client.endpoints().every(({ state }) => state === "closed")).to.equal(true);
    expect(log.some((line) => line.includes("threw in refresh(): not now"))).to.equal(true);
    expect(log.some((line) => line.includes("threw in stop(): never"))).to.equal(true);
    await end();
  });
});

describe("row 70: a balancer that goes wrong fails no call, and is reported once", () => {
  leavesNothing();

  const thrower = (): never => {
    throw new Error("out of luck");
  };
  const stranger = { id: "x", url: somewhere } as BalancerEndpoint;
  for (const [title, picker, says] of [
    ["throws in picker()", thrower, "out of luck"],
    ["throws in pick()", () => ({ pick: thrower }), "out of luck"],
    ["makes no picker", () => 7, "returned no picker"],
    ["picks a stranger", () => ({ pick: () => stranger }), "picked what is not in its list"],
    ["picks a text", () => ({ pick: () => "s0" }), "picked what is not in its list"],
    ["picks a promise", () => ({ pick: async () => stranger }), "picked what is not in its list"],
    ["picks nothing", () => ({ pick: () => undefined }), "picked nothing"],
  ] as const) {
    it(`row 70: ${title}: round robin stands in`, async () => {
      const log: string[] = [];
      const logger = { error: (line: string) => void log.push(line), warn() {} };
      let isWrong = false;
      const balancer = {
        name: "mine",
        picker: (ready: readonly BalancerEndpoint[]) => (isWrong ? picker() : { pick: () => ready[0] }),
      } as unknown as Balancer;
      await withFleet({ servers: 3, client: { balancer, logger } }, async ({ stub, discover, client }) => {
        isWrong = true;
        discover();
        const answers: string[] = [];
        for (let call = 0; call < 30; call++) answers.push(await stub.order(call, 0));
        expect(tally(answers)).to.deep.equal({ s0: 10, s1: 10, s2: 10 });
        expect(log).to.have.lengthOf(1);
        expect(log[0]).to.include("balancer mine").and.to.include(says);
        await until(() => client.endpoints().every(({ pending }) => pending === 0), "nothing is pending");
      });
    });
  }
});
