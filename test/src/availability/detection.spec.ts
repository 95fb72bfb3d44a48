import { FakeClock } from "@farcall/testing";
import { expect } from "chai";
import { failureOf, until } from "../conformance/settlement.js";
import { type Fleet, failures, Load, leavesNothing, pause, withFleet } from "./fleet.js";

/** Real sockets through a proxy, and a client whose time a case moves. The servers' time is the real one. */
function withProxies(servers: number, run: (fleet: Fleet, clock: FakeClock) => Promise<void>): Promise<void> {
  const clock = new FakeClock();
  return withFleet({ servers, isProxied: true, client: { clock, random: () => 0.5 } }, (fleet) => run(fleet, clock));
}

/** The wheel turns every 8 ms: never early, at most that late. */
const tickMs = 8;

describe("the network swallows everything", () => {
  leavesNothing();

  it("F1: row 20: a black-holed server is suspected after 1 s and dead after 10 s with a call, whose fate is unknown", async () => {
    await withProxies(1, async ({ client, stub, members: [member], entries }, clock) => {
      const seen: { readonly event: string; readonly atMs: number }[] = [];
      const note = (event: string) => (): void => void seen.push({ event, atMs: clock.now() - beganAt });
      client.on("suspect", note("suspect")).on("reconnecting", note("reconnecting"));
      member?.proxy.fault({ blackHole: true });
      await member?.proxy.accept("silence");
      const beganAt = clock.now();
      const call = failureOf(stub.order(1, 0, { timeoutMs: 60_000 }));
      await clock.advance(10_000 + 3 * tickMs);
      const error = await call;
      expect(error).to.include({ code: "UNAVAILABLE", executed: "unknown" });
      expect(error.message).to.include("nothing heard");
      expect(seen[0]?.event).to.equal("suspect");
      expect(seen[0]?.atMs).to.be.within(1_000, 1_100);
      const dead = seen.find(({ event }) => event === "reconnecting");
      expect(dead?.atMs).to.be.within(9_990, 10_000 + 3 * tickMs);
      expect(entries).to.deep.equal([]);
    });
  });

  it("F1: row 20: without a call a black-holed server is suspected after 20 s and dead after 25 s", async () => {
    await withProxies(1, async ({ client, members: [member] }, clock) => {
      const seen: { suspect?: number; reconnecting?: number } = {};
      const note = (event: keyof typeof seen) => (): number => (seen[event] ??= clock.now() - beganAt);
      client.on("suspect", note("suspect")).on("reconnecting", note("reconnecting"));
      member?.proxy.fault({ blackHole: true });
      await member?.proxy.accept("silence");
      const beganAt = clock.now();
      await clock.advance(25_000 + 3 * tickMs);
      expect(seen.suspect).to.be.within(19_990, 20_100);
      expect(seen.reconnecting).to.be.within(24_990, 25_000 + 3 * tickMs);
    });
  });

  it("F4: row 30: an idle connection that has died is asked first, and the call goes to the other server", async () => {
    await withProxies(2, async ({ stub, members: [dead], entries }, clock) => {
      await clock.advance(11_000);
      dead?.proxy.fault({ blackHole: true });
      // Time stands still: nobody waits for a timeout.
      for (let call = 0; call < 20; call++) expect(await stub.order(call, 0)).to.equal("s1");
      await dead?.proxy.heal();
      await pause(50);
      expect(
        entries.filter(({ server }) => server === "s0"),
        "what was put on the dead connection",
      ).to.deep.equal([]);
    });
  });

  it("F4: row 30: with one server the call waits for a connection that is alive, and runs once", async () => {
    await withProxies(1, async ({ client, stub, members: [member], entries }, clock) => {
      await clock.advance(11_000);
      member?.proxy.connections()[0]?.fault({ blackHole: true });
      const call = stub.order(1, 0);
      expect(client.queuedCalls).to.equal(1);
      let isSettled = false;
      void call.then(() => {
        isSettled = true;
      });
      for (let step = 0; step < 12 && !isSettled; step++) await clock.advance(100);
      expect(await call).to.equal("s0");
      await member?.proxy.heal();
      await pause(50);
      expect(entries).to.have.lengthOf(1);
    });
  });

  it("F4: row 30: an idle connection that lives takes the call after one round trip", async () => {
    await withProxies(1, async ({ client, stub }, clock) => {
      await clock.advance(11_000);
      const call = stub.order(1, 0);
      expect(client.queuedCalls).to.equal(1);
      expect(await call).to.equal("s0");
      expect(client.endpoints()[0]?.state).to.equal("ready");
    });
  });

  it("F1: a black hole under load: no quote fails or takes 1.5 s, and no call goes there after 1.5 s", async () => {
    await withFleet({ servers: 3, isProxied: true }, async ({ client, stub, members: [dead], entries }) => {
      const load = new Load(stub, { perSecond: 300, orders: 3, timeoutMs: 6_000, orderTimeoutMs: 1_000 });
      await pause(1_000);
      const suspected = new Promise((resolve) => void client.once("suspect", resolve));
      const brokeAt = performance.now();
      dead?.proxy.fault({ blackHole: true });
      await dead?.proxy.accept("silence");
      await pause(2_500);
      await suspected;
      await dead?.proxy.heal();
      const outcomes = await load.stop();
      await until(() => client.endpoints().every(({ state }) => state === "ready"), "the server is back");
      const quotes = outcomes.filter(({ method }) => method === "quote");
      expect(failures(quotes)).to.deep.equal([]);
      expect(Math.max(...quotes.map(({ tookMs }) => tookMs))).to.be.below(1_500);
      expect(outcomes.filter(({ error }) => error?.executed === "unknown").length).to.be.at.most(15);
      const startedAt = new Map(outcomes.map((outcome) => [outcome.call, outcome.startedAt]));
      const late = entries.filter(({ server, call }) => {
        const atMs = (startedAt.get(call) as number) - brokeAt;
        return server === "s0" && atMs > 1_500 && atMs < 2_500;
      });
      expect(late).to.deep.equal([]);
    });
  });
});
