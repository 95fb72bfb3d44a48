import { createClient, FarcallError, manualResolver } from "@farcall/client";
import { expect } from "chai";
import { failureOf, until } from "../conformance/settlement.js";
import { Shop } from "../contracts/gen/shop.js";
import { type Entry, leavesNothing, pause, tally, withFleet } from "./fleet.js";

describe("calls that wait their turn", () => {
  leavesNothing();

  const oneAtATime = { servers: 1, server: { limits: { maxCalls: 1 } } };

  it("row 54: with room for one call on the server, ten at once all succeed, one after the other", async () => {
    let running = 0;
    let most = 0;
    const behave = async (): Promise<void> => {
      most = Math.max(most, ++running);
      await pause(10);
      running--;
    };
    await withFleet({ ...oneAtATime, behave }, async ({ stub, client, entries }) => {
      const calls = Array.from({ length: 10 }, (_, call) => stub.order(call, 0, { timeoutMs: 5_000 }));
      expect(client.queuedCalls).to.equal(9);
      expect(await Promise.all(calls)).to.deep.equal(Array.from({ length: 10 }, () => "s0"));
      expect(entries.map(({ call }) => call)).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      expect(most).to.equal(1);
    });
  });

  it("row 54: one call more than may wait fails at once, executed no, and the others do not notice", async () => {
    const client = { limits: { maxQueuedCalls: 3 } };
    await withFleet({ ...oneAtATime, client }, async ({ stub, entries }) => {
      const calls = Array.from({ length: 4 }, (_, call) => stub.order(call, 20));
      const beganAt = performance.now();
      const refused = await failureOf(stub.order(4, 20));
      expect(performance.now() - beganAt).to.be.below(20);
      expect(refused).to.include({ code: "RESOURCE_EXHAUSTED", executed: "no" });
      expect(refused.message).to.include("limits.maxQueuedCalls");
      await Promise.all(calls);
      expect(entries).to.have.lengthOf(4);
    });
  });

  it("row 54: with limits.maxQueuedCalls of 0 nothing waits", async () => {
    const client = createClient(manualResolver(), { limits: { maxQueuedCalls: 0 } });
    expect(await failureOf(client.service(Shop).quote(1, 0))).to.include({ code: "RESOURCE_EXHAUSTED", executed: "no" });
    await client.close();
  });

  it("a call without any time says so, and is not sent", async () => {
    await withFleet({ servers: 1 }, async ({ stub, entries }) => {
      for (const timeoutMs of [0, -1]) {
        const error = await failureOf(stub.quote(1, 0, { timeoutMs }));
        expect(error).to.include({ code: "DEADLINE_EXCEEDED", executed: "no" });
        expect(error.message).to.match(/\.quote had no time left when it began$/);
      }
      expect(entries).to.deep.equal([]);
    });
  });

  it("waitForReady: true waits for an endpoint, false fails at once and says why", async () => {
    await withFleet({ servers: 1 }, async ({ members }) => {
      const resolver = manualResolver(["ws://127.0.0.1:9"]);
      const client = createClient(resolver, { reconnect: { baseMs: 60_000, capMs: 60_000 }, random: () => 0.9 });
      const stub = client.service(Shop);
      const waiting = stub.quote(1, 0);
      await until(() => client.state === "reconnecting", "the attempt has failed");
      const error = await failureOf(stub.quote(2, 0, { waitForReady: false }));
      expect(error).to.include({ code: "UNAVAILABLE", executed: "no" });
      expect(error.message).to.include("ws://127.0.0.1:9");
      expect(client.queuedCalls).to.equal(1);
      resolver.set([members[0]?.url ?? ""]);
      expect(await waiting).to.equal("s0");
      expect(await stub.quote(3, 0, { waitForReady: false })).to.equal("s0");
      await client.close();
    });
  });

  it("row 60: 10 000 calls that are answered, fail, are cancelled or come late leave no endpoint with a pending call", async () => {
    const behave = async ({ call }: Entry): Promise<void> => {
      if (call % 5 === 1) throw new FarcallError("NOT_FOUND", "no such thing");
      if (call % 5 === 2) throw new FarcallError("UNAVAILABLE", "not now");
      if (call % 5 === 3) await pause(50);
    };
    const client = { reconnect: { baseMs: 20, capMs: 20 } };
    await withFleet({ servers: 3, isProxied: true, client, behave }, async ({ stub, client, members }) => {
      const outcomes: string[] = [];
      for (let batch = 0; batch < 5; batch++) {
        const calls = Array.from({ length: 2_000 }, (_, i) => {
          const call = batch * 2_000 + i;
          const cancel = call % 7 === 0 ? new AbortController() : undefined;
          if (cancel !== undefined) setTimeout(() => cancel.abort(), call % 30);
          const options = { timeoutMs: call % 3 === 0 ? 25 : 10_000, ...(cancel && { signal: cancel.signal }) };
          return stub[call % 2 === 0 ? "quote" : "order"](call, 0, options).then(
            () => void outcomes.push("OK"),
            (error: FarcallError) => void outcomes.push(error.code),
          );
        });
        if (batch > 1) members[batch % 3]?.proxy.cut();
        await Promise.all(calls);
      }
      expect(outcomes).to.have.lengthOf(10_000);
      const seen = tally(outcomes);
      expect(seen).to.have.all.keys("OK", "NOT_FOUND", "UNAVAILABLE", "CANCELLED", "DEADLINE_EXCEEDED");
      expect(client.endpoints().map(({ pending }) => pending)).to.deep.equal([0, 0, 0]);
      expect(client.queuedCalls).to.equal(0);
    });
  }).timeout(20_000);

  it("row 65: a call on a closed client, of every kind, is rejected by name", async () => {
    await withFleet({ servers: 1 }, async ({ client, stub, entries }) => {
      await client.close();
      const closed = { code: "CANCELLED", executed: "no", message: "the client is closed" };
      expect(await failureOf(stub.quote(1, 0))).to.include(closed);
      expect(await failureOf(stub.ticks(1)[Symbol.asyncIterator]().next())).to.include(closed);
      expect(await failureOf(client.service(Shop).order(2, 0))).to.include(closed);
      expect(await failureOf(client.ready())).to.include(closed);
      expect(entries).to.deep.equal([]);
    });
  });

  it("row 65: calls and streams under way when the client closes are settled, once", async () => {
    await withFleet({ servers: 1 }, async ({ client, stub, entries }) => {
      const ticks = stub.ticks(1)[Symbol.asyncIterator]();
      await ticks.next();
      const call = failureOf(stub.order(1, 300));
      await until(() => entries.length === 1, "the call has come");
      void client.close();
      expect(await call).to.include({ code: "CANCELLED", executed: "unknown" });
      const rest = await failureOf(drain(ticks));
      expect(rest).to.include({ code: "CANCELLED", executed: "yes" });
      expect(await ticks.next()).to.deep.equal({ value: undefined, done: true });
    });
  });

  it("row 65: two reads of a stream at once each get an item of their own, in order", async () => {
    await withFleet({ servers: 1 }, async ({ stub }) => {
      const ticks = stub.ticks(1)[Symbol.asyncIterator]();
      const items = await Promise.all([ticks.next(), ticks.next(), ticks.next()]);
      expect(items.map(({ value }) => value)).to.deep.equal([0, 1, 2]);
      await ticks.return?.();
      expect(await ticks.next()).to.deep.equal({ value: undefined, done: true });
    });
  });
});

async function drain(iterator: AsyncIterator<unknown>): Promise<void> {
  while ((await iterator.next()).done !== true);
}
