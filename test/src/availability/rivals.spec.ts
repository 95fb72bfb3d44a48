import { FarcallError } from "@farcall/client";
import { type CallContext, Metadata } from "@farcall/server";
import { expect } from "chai";
import { aborted } from "../conformance/implementation.js";
import { failureOf, until } from "../conformance/settlement.js";
import { type Entry, leavesNothing, pause, withFleet } from "./fleet.js";

const soon = { retry: { attemptTimeoutMs: 50 } };

/** The first attempt hangs until it is told to stop; `stopped` hears of it. */
function firstHangs(stopped: (entry: Entry) => void) {
  return async (entry: Entry, ctx: CallContext): Promise<void> => {
    ctx.setHeader("from", entry.server);
    ctx.setTrailer("from", entry.server);
    if (entry.attempt > 0) return;
    await aborted(ctx);
    stopped(entry);
  };
}

describe("a call that is slow is raced by another attempt", () => {
  leavesNothing();

  it("R1: the first answer counts, and the other attempt is told to stop", async () => {
    const stopped: string[] = [];
    const behave = firstHangs(({ server }) => stopped.push(server));
    await withFleet({ servers: 3, client: soon, behave }, async ({ stub, entries, client }) => {
      const metadata: unknown[] = [];
      const onHeaders = (given: { get(key: string): unknown }): void => void metadata.push(given.get("from"));
      const winner = await stub.quote(1, 0, { onHeaders, onTrailers: onHeaders });
      expect(entries.map(({ attempt }) => attempt)).to.deep.equal([0, 1]);
      expect(winner).to.equal(entries[1]?.server);
      expect(winner).not.to.equal(entries[0]?.server);
      await until(() => stopped.length === 1, "the first attempt has been told to stop");
      expect(stopped).to.deep.equal([entries[0]?.server]);
      expect(metadata, "response metadata").to.deep.equal([winner, winner]);
      expect(client.endpoints().map(({ pending }) => pending)).to.deep.equal([0, 0, 0]);
    });
  });

  it("R1: when the first attempt wins after all, the rival is told to stop, and its metadata is never seen", async () => {
    const stopped: string[] = [];
    const behave = async (entry: Entry, ctx: CallContext): Promise<void> => {
      ctx.setHeader("from", entry.server);
      if (entry.attempt === 0) return pause(150);
      await aborted(ctx);
      stopped.push(entry.server);
    };
    await withFleet({ servers: 2, client: soon, behave }, async ({ stub, entries }) => {
      const metadata: unknown[] = [];
      const winner = await stub.quote(1, 0, { onHeaders: (given) => metadata.push(given.get("from")) });
      expect(winner).to.equal(entries[0]?.server);
      await until(() => stopped.length === 1, "the rival has been told to stop");
      expect(metadata).to.deep.equal([winner]);
    });
  });

  it("R1: what the rival's handler says is the answer; that its server is gone is not", async () => {
    const behave = async (entry: Entry, ctx: CallContext): Promise<void> => {
      if (entry.attempt === 0) await (entry.call === 1 ? aborted(ctx) : pause(200));
      else if (entry.call === 1) throw new Error("secret");
      else await aborted(ctx);
    };
    await withFleet({ servers: 2, isProxied: true, client: soon, behave }, async ({ stub, entries, members }) => {
      expect(await failureOf(stub.quote(1, 0))).to.include({ code: "INTERNAL", executed: "yes" });
      const call = stub.quote(2, 0);
      await until(() => entries.length === 4, "the rival has come");
      members.find(({ name }) => name === entries[3]?.server)?.proxy.cut();
      expect(await call).to.equal(entries[2]?.server);
    });
  }).timeout(15_000);

  it("R1: what the rival's handler says is the answer, too, when the first attempt has been lost", async () => {
    const behave = async ({ attempt }: Entry, ctx: CallContext): Promise<void> => {
      if (attempt === 0) return aborted(ctx);
      await pause(100);
      throw new FarcallError("NOT_FOUND", "no such thing");
    };
    await withFleet({ servers: 2, isProxied: true, client: soon, behave }, async ({ stub, entries, members }) => {
      const call = failureOf(stub.quote(1, 0));
      await until(() => entries.length === 2, "the rival has come");
      members.find(({ name }) => name === entries[0]?.server)?.proxy.cut();
      expect(await call).to.include({ code: "NOT_FOUND", executed: "yes" });
    });
  });

  for (const order of ["the first attempt, then its rival", "the rival, then the first attempt"] as const) {
    it(`B4: when both are lost, ${order}, a third server answers`, async () => {
      const behave = async ({ attempt }: Entry, ctx: CallContext): Promise<void> => {
        if (attempt < 2) await aborted(ctx);
      };
      await withFleet({ servers: 3, isProxied: true, client: soon, behave }, async ({ stub, entries, members, client }) => {
        const call = stub.quote(1, 0);
        await until(() => entries.length === 2, "the rival has come");
        const places = entries.map(({ server }) => server);
        for (const name of order.startsWith("the first") ? places : places.toReversed()) {
          const lost = new Promise((resolve) => void client.once("reconnecting", resolve));
          members.find((member) => member.name === name)?.proxy.cut();
          await lost;
        }
        const winner = await call;
        expect(places).not.to.include(winner);
      });
    });
  }

  it("B4: with two servers, a call whose rival is under way does not go there twice", async () => {
    const behave = async ({ attempt }: Entry, ctx: CallContext): Promise<void> => {
      if (attempt === 0) return aborted(ctx);
      await pause(300);
    };
    await withFleet({ servers: 2, isProxied: true, client: soon, behave }, async ({ stub, entries, members }) => {
      const call = stub.quote(1, 0);
      await until(() => entries.length === 2, "the rival has come");
      members.find(({ name }) => name === entries[0]?.server)?.proxy.cut();
      expect(await call).to.equal(entries[1]?.server);
      expect(entries).to.have.lengthOf(2);
    });
  });

  it("R1: a call that must not run twice is never raced", async () => {
    await withFleet({ servers: 2, client: soon }, async ({ stub, entries }) => {
      await stub.order(1, 200);
      expect(entries).to.have.lengthOf(1);
    });
  });

  it("R1: attemptTimeoutMs: Infinity turns it off", async () => {
    const client = { retry: { attemptTimeoutMs: Number.POSITIVE_INFINITY } };
    await withFleet({ servers: 2, client }, async ({ stub, entries }) => {
      await stub.quote(1, 500, { timeoutMs: 600 });
      expect(entries).to.have.lengthOf(1);
    });
  });

  it("R1: it never goes where the call has been: with one server there is no race", async () => {
    await withFleet({ servers: 1, client: soon }, async ({ stub, entries }) => {
      await stub.quote(1, 200);
      expect(entries).to.have.lengthOf(1);
    });
  });

  it("R4: a call made for a retry is not raced", async () => {
    await withFleet({ servers: 2, client: soon }, async ({ stub, entries }) => {
      const parent = { timeoutMs: () => 5_000, attempt: 1, signal: new AbortController().signal, metadata: Metadata.empty };
      await stub.quote(1, 200, { parent: parent as unknown as CallContext });
      expect(entries.map(({ attempt }) => attempt)).to.deep.equal([1]);
    });
  });

  it("R3: rivals draw from the budget", async () => {
    const client = { retry: { attemptTimeoutMs: 50, budget: { ratio: 0.1, perSecond: 0.5 } } };
    await withFleet({ servers: 2, client }, async ({ stub, entries }) => {
      await Promise.all(Array.from({ length: 200 }, (_, call) => stub.quote(call, 200)));
      expect(entries.length).to.equal(220);
    });
  });
});
