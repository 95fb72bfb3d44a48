import { createBalancer, createClient, FarcallError } from "@farcall/client";
import type { Executed } from "@farcall/protocol";
import { createServer } from "@farcall/server";
import { FakeClock, type RawPeer, RawServer } from "@farcall/testing";
import { expect } from "chai";
import { failureOf, until } from "../conformance/settlement.js";
import { Shop } from "../contracts/gen/shop.js";
import { connected, type Entry, failures, Load, leavesNothing, pause, shop, tally, withFleet } from "./fleet.js";

/** A clock that remembers how long others wanted to wait. */
class NotingClock extends FakeClock {
  readonly delays: number[] = [];

  override setTimeout(run: () => void, delayMs: number): ReturnType<FakeClock["setTimeout"]> {
    this.delays.push(delayMs);
    return super.setTimeout(run, delayMs);
  }
}

const unavailable = (options: { readonly retryAfterMs?: number } = {}): FarcallError =>
  new FarcallError("UNAVAILABLE", "not now", options);

describe("what is tried again", () => {
  leavesNothing();

  it("R1: under cuts, a call that was not proved unrun is run twice only if it may be", async () => {
    // On a starved machine one quote may meet three cuts.
    const client = { reconnect: { baseMs: 20, capMs: 20 }, retry: { maxAttempts: 5 } };
    await withFleet({ servers: 3, isProxied: true, client }, async ({ stub, members, entries }) => {
      const load = new Load(stub, { perSecond: 500, orders: 5, workMs: 30 });
      for (let i = 0; i < 12; i++) {
        await pause(100);
        members[i % 3]?.proxy.cut();
      }
      const outcomes = await load.stop();
      const ran = tally(entries.map(({ method, call }) => `${method} ${call}`));
      const orders = outcomes.filter(({ method }) => method === "order");
      expect(failures(outcomes.filter(({ method }) => method === "quote"))).to.deep.equal([]);
      for (const { call, error } of orders) {
        const times = ran[`order ${call}`] ?? 0;
        expect(times, `order ${call}`).to.be.at.most(1);
        if (error === undefined || error.executed === "yes") expect(times, `order ${call}`).to.equal(1);
        else if (error.executed === "no") expect(times, `order ${call}, said not to have run`).to.equal(0);
      }
      expect(
        Object.values(ran).some((times) => times > 1),
        "a quote that ran twice",
      ).to.equal(true);
      expect(
        orders.some(({ error }) => error?.executed === "unknown"),
        "an order nobody can say anything about",
      ).to.equal(true);
    });
  });

  /** Raw servers that answer the first call with this error, and the second with a result. */
  async function answered(
    method: "quote" | "order",
    error: { readonly executed: Executed; readonly head?: unknown },
    options: { readonly timeoutMs?: number } = {},
  ): Promise<{ readonly attempts: number; readonly error: FarcallError | undefined }> {
    const servers = [await RawServer.listen(), await RawServer.listen()];
    const clock = new NotingClock();
    const client = createClient(
      servers.map(({ url }) => url),
      { clock, random: () => 0 },
    );
    let attempts = 0;
    const serve = async (peer: RawPeer): Promise<void> => {
      for (let frame = await peer.frame(); frame !== undefined; frame = await peer.frame()) {
        if (frame.kind !== 16) continue;
        if (attempts++ === 0) {
          peer.sendFrames([18, frame.id, 14, ["no", "yes", "unknown"].indexOf(error.executed), "not now", error.head ?? null]);
        } else peer.sendFrames([17, frame.id, "answer"]);
      }
    };
    try {
      const peers = await Promise.all(servers.map((server) => server.welcomed()));
      const served = Promise.all(peers.map(serve));
      await connected(client);
      const outcome = await client
        .service(Shop)
        [method](1, 0, options)
        .then(
          () => undefined,
          (thrown: FarcallError) => thrown,
        );
      await client.close();
      await served;
      return { attempts, error: outcome };
    } finally {
      await client.close();
      await Promise.all(servers.map((server) => server.close()));
    }
  }

  for (const [method, executed, attempts] of [
    ["quote", "no", 2],
    ["quote", "unknown", 2],
    ["quote", "yes", 2],
    ["order", "no", 2],
    ["order", "unknown", 1],
    ["order", "yes", 1],
  ] as const) {
    it(`R1: of UNAVAILABLE, executed ${executed}, ${method === "order" ? "a call that must not run twice" : "an idempotent call"} is ${attempts === 1 ? "not tried again" : "tried again"}`, async () => {
      const outcome = await answered(method, { executed });
      expect(outcome.attempts).to.equal(attempts);
      if (attempts === 1) expect(outcome.error).to.include({ code: "UNAVAILABLE", executed });
      else expect(outcome.error).to.equal(undefined);
    });
  }

  for (const [name, retryAfterMs] of [
    ["garbage", "soon"],
    ["an object", { ms: 5 }],
    ["true", true],
    ["null", null],
    ["NaN", Number.NaN],
    ["negative", -1],
  ] as const) {
    it(`row 48: R5: pushback that is ${name} means never`, async () => {
      const outcome = await answered("quote", { executed: "no", head: { retryAfterMs } });
      expect(outcome.attempts).to.equal(1);
      expect(outcome.error).to.include({ code: "UNAVAILABLE", executed: "no", retryAfterMs: Number.POSITIVE_INFINITY });
    });
  }

  it("row 48: pushback of 2^31 ms, beyond the deadline, ends the call at once", async () => {
    const outcome = await answered("quote", { executed: "no", head: { retryAfterMs: 2 ** 31 } }, { timeoutMs: 5_000 });
    expect(outcome.attempts).to.equal(1);
    expect(outcome.error).to.include({ code: "UNAVAILABLE", executed: "no", retryAfterMs: 2 ** 31 });
  });

  it("row 48: R5: pushback of 500 ms is obeyed to the millisecond", async () => {
    const clock = new NotingClock();
    const behave = ({ attempt }: Entry): void => {
      if (attempt === 0) throw unavailable({ retryAfterMs: 500 });
    };
    await withFleet({ servers: 2, client: { clock }, behave }, async ({ stub, entries }) => {
      const call = stub.quote(1, 0);
      await until(() => clock.delays.includes(500), "the client waits for 500 ms");
      await clock.advance(499);
      expect(entries).to.have.lengthOf(1);
      await clock.advance(1);
      await until(() => entries.length === 2, "the second attempt has come");
      expect(await call).to.equal(entries[1]?.server);
      expect(entries[1]?.server).not.to.equal(entries[0]?.server);
    });
  });

  it("row 48: R5: pushback of never ends the call, also from a handler", async () => {
    const behave = (): never => {
      throw unavailable({ retryAfterMs: Number.POSITIVE_INFINITY });
    };
    await withFleet({ servers: 2, behave }, async ({ stub, entries }) => {
      expect(await failureOf(stub.quote(1, 0))).to.include({ code: "UNAVAILABLE", retryAfterMs: Number.POSITIVE_INFINITY });
      expect(entries).to.have.lengthOf(1);
    });
  });

  it("B4: a retry never goes where the call has been while another is left", async () => {
    const behave = ({ attempt }: Entry): void => {
      if (attempt < 2) throw unavailable();
    };
    const client = { retry: { budget: { ratio: 10 } }, random: () => 0 };
    await withFleet(
      { servers: 3, client: { ...client, balancer: createBalancer("p2c-ewma") }, behave },
      async ({ stub, entries }) => {
        await Promise.all(Array.from({ length: 200 }, (_, call) => stub.quote(call, 0)));
        for (let call = 0; call < 200; call++) {
          const places = entries.filter((entry) => entry.call === call).map(({ server }) => server);
          expect(places, `call ${call}`).to.have.members(["s0", "s1", "s2"]);
        }
      },
    );
  });

  it("B4: with nowhere else to go, a retry goes where it has been", async () => {
    const behave = ({ attempt }: Entry): void => {
      if (attempt === 0) throw unavailable();
    };
    await withFleet({ servers: 1, behave }, async ({ stub, entries }) => {
      expect(await stub.quote(1, 0)).to.equal("s0");
      expect(entries.map(({ attempt }) => attempt)).to.deep.equal([0, 1]);
    });
  });

  it("R1: one deadline spans all attempts, and ctx.attempt counts them", async () => {
    const left: number[] = [];
    const behave = async (_: Entry, ctx: { timeoutMs(): number }): Promise<void> => {
      left.push(ctx.timeoutMs());
      await pause(100);
      throw unavailable({ retryAfterMs: 100 });
    };
    const retry = { maxAttempts: 5, attemptTimeoutMs: Number.POSITIVE_INFINITY };
    await withFleet({ servers: 3, client: { retry }, behave }, async ({ stub, entries }) => {
      const beganAt = performance.now();
      const error = await failureOf(stub.quote(1, 0, { timeoutMs: 500 }));
      expect(performance.now() - beganAt).to.be.below(750);
      expect(error.code).to.be.oneOf(["UNAVAILABLE", "DEADLINE_EXCEEDED"]);
      expect(entries.map(({ attempt }) => attempt).slice(0, 2)).to.deep.equal([0, 1]);
      expect(entries.length).to.be.within(2, 3);
      for (let i = 1; i < left.length; i++) expect(left[i]).to.be.below((left[i - 1] as number) - 150);
    });
  });

  it("R3: retries stay within the budget in every ten seconds, however the calls come", async () => {
    const clock = new FakeClock();
    const attempts: { readonly at: number; readonly isRetry: boolean }[] = [];
    const behave = ({ attempt }: Entry): never => {
      attempts.push({ at: clock.now(), isRetry: attempt > 0 });
      throw unavailable();
    };
    const budget = { ratio: 0.2, perSecond: 2 };
    await withFleet({ servers: 2, client: { clock, retry: { budget }, random: () => 0 }, behave }, async ({ stub }) => {
      // A burst, silence, a trickle, and bursts on both sides of where a window of fixed beginnings would turn.
      for (const [calls, afterMs] of [
        [200, 9_900],
        [50, 200],
        [150, 5_000],
        ...Array.from({ length: 40 }, () => [5, 250] as const),
        [100, 11_000],
        [60, 9_950],
        [60, 100],
        [60, 100],
      ] as const) {
        await Promise.all(Array.from({ length: calls }, (_, call) => failureOf(stub.quote(call, 0))));
        await clock.advance(afterMs);
      }
    });
    expect(attempts.some(({ isRetry }) => isRetry)).to.equal(true);
    for (const { at: end } of attempts) {
      const recent = attempts.filter(({ at }) => at > end - 10_000 && at <= end);
      const retries = recent.filter(({ isRetry }) => isRetry).length;
      const allowed = Math.max(budget.ratio * (recent.length - retries), budget.perSecond * 10);
      expect(retries, `retries in the 10 s before ${end}`).to.be.at.most(allowed);
    }
  });

  for (const hops of [3, 4]) {
    it(`${hops === 3 ? "row 47" : "R4"}: through ${hops} layers, a leaf that is always unavailable sees at most 1.2 times the calls`, async () => {
      const calls = 1_000;
      await throughLayers(hops, async ({ edge, entries }) => {
        const outcomes = await Promise.all(Array.from({ length: calls }, (_, call) => failureOf(edge.quote(call, 0))));
        expect(tally(outcomes.map(({ code }) => code))).to.deep.equal({ UNAVAILABLE: calls });
        const leaf = entries[hops - 1] as Entry[];
        expect(leaf.length / calls, "amplification at the leaf").to.be.within(1.01, 1.2);
        // Only those next to the leaf try again.
        for (let hop = 0; hop < hops - 1; hop++) expect(entries[hop]?.length, `calls of layer ${hop}`).to.equal(calls);
      });
    });
  }

  it("R4: what a retry calls in turn is not retried, however many layers down", async () => {
    let leafAttempts = 0;
    await throughLayers(
      3,
      async ({ edge, entries }) => {
        await failureOf(edge.quote(1, 0));
        // The first layer fails by itself once; what its second attempt calls is nested in a retry.
        expect(entries.map((layer) => layer.length)).to.deep.equal([2, 1, 1]);
        expect(leafAttempts).to.equal(1);
      },
      (layer, { attempt }) => {
        if (layer === 0 && attempt === 0) throw unavailable();
        if (layer === 2) leafAttempts++;
      },
    );
  });
});

/** Layers of servers, each with a client of the next; the last is unavailable. */
async function throughLayers(
  hops: number,
  run: (layers: { readonly edge: ReturnType<typeof stubOf>; readonly entries: readonly Entry[][] }) => Promise<void>,
  behave: (layer: number, entry: Entry) => void = () => {},
): Promise<void> {
  const entries: Entry[][] = Array.from({ length: hops }, () => []);
  const ends: (() => Promise<void>)[] = [];
  let next: ReturnType<typeof stubOf> | undefined;
  try {
    for (let layer = hops - 1; layer >= 0; layer--) {
      const server = createServer();
      const called = next;
      server.implement(
        Shop,
        shop(`layer ${layer}`, entries[layer] as Entry[], async (entry) => {
          behave(layer, entry);
          if (called === undefined) throw unavailable();
          await called.quote(entry.call, 0);
        }),
      );
      const { url } = await server.listen();
      const client = createClient(url, { random: () => 0 });
      ends.unshift(async () => {
        await client.close();
        await server.close();
      });
      await client.ready();
      next = stubOf(client);
    }
    await run({ edge: next as ReturnType<typeof stubOf>, entries });
  } finally {
    for (const end of ends) await end();
  }
}

function stubOf(client: ReturnType<typeof createClient>) {
  return client.service(Shop);
}
