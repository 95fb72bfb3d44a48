import { createClient, FarcallError, manualResolver } from "@farcall/client";
import type { CallContext } from "@farcall/server";
import { RawServer } from "@farcall/testing";
import { expect } from "chai";
import { aborted } from "../conformance/implementation.js";
import { failureOf, until } from "../conformance/settlement.js";
import { Shop } from "../contracts/gen/shop.js";
import { Wire } from "../contracts/gen/wire.js";
import { leavesNothing, pause, withFleet } from "./fleet.js";

/** What `promise` becomes, or "nothing" when that takes longer than half a second. */
const soon = <T>(promise: Promise<T>): Promise<T | "nothing"> =>
  Promise.race([promise, pause(500).then(() => "nothing" as const)]);

describe("a client that is closed", () => {
  leavesNothing();

  it("INV9: does not wait for the calls of an endpoint that was dropped", async () => {
    const behave = (_: unknown, ctx: CallContext): Promise<void> => aborted(ctx);
    await withFleet({ servers: 2, behave }, async ({ client, stub, resolver, entries }) => {
      const call = failureOf(stub.order(1, 0, { timeoutMs: 60_000 }));
      await until(() => entries.length === 1, "the call runs");
      // The list is trusted: nothing is held back.
      resolver.set([]);
      expect(client.endpoints()).to.deep.equal([]);
      const closed = client.close();
      expect(await soon(call)).to.include({ code: "CANCELLED", executed: "unknown" });
      expect(await soon(closed.then(() => "closed"))).to.equal("closed");
    });
  });

  it("INV1: settles a call that waits before it is sent again", async () => {
    const behave = (): never => {
      throw new FarcallError("UNAVAILABLE", "not now", { retryAfterMs: 5_000 });
    };
    await withFleet({ servers: 2, behave }, async ({ client, stub, entries }) => {
      const failure = failureOf(stub.quote(1, 0));
      await until(() => entries.length === 1, "the first attempt has come");
      await pause(50);
      await client.close();
      expect(await soon(failure)).to.include({ code: "CANCELLED", executed: "yes" });
    });
  });

  it("INV1: settles ready(), also where there was no endpoint", async () => {
    const client = createClient(manualResolver());
    const failure = failureOf(client.ready({ timeoutMs: Number.POSITIVE_INFINITY }));
    await pause(0);
    await client.close();
    expect(await soon(failure)).to.include({ code: "CANCELLED" });
  });

  it("INV9: opens no socket once a listener of `connecting` has closed it", async () => {
    const server = await RawServer.listen();
    const client = createClient(server.url);
    let closed: Promise<void> | undefined;
    client.on("connecting", () => {
      closed = client.close();
    });
    await until(() => closed !== undefined, "the listener has run");
    expect(await soon((closed as Promise<void>).then(() => "closed"))).to.equal("closed");
    expect(server.accepted).to.equal(0);
    await server.close();
  });
});

describe("calls that wait for a service that is nowhere well", () => {
  leavesNothing();

  it("F4: hold up no calls of another", async () => {
    await withFleet({ servers: 1 }, async ({ client, members, stub }) => {
      members[0]?.server.setHealth(Shop, false);
      await pause(50);
      const waiting = failureOf(stub.quote(1, 0, { timeoutMs: 400 }));
      expect(client.queuedCalls).to.equal(1);
      // The other service is unknown there: the refusal says that it has been sent.
      const other = failureOf(client.service(Wire).count(1)[Symbol.asyncIterator]().next());
      expect(await Promise.race([other, waiting])).to.include({ code: "UNIMPLEMENTED" });
      await waiting;
      await other;
    });
  });
});

describe("a server that sends every client away", () => {
  leavesNothing();

  for (const [name, frames] of [
    ["goodbye", [[5, 0, "not now"]]],
    [
      "a drain",
      [
        [7, 1, {}],
        [7, 2, { lastCallId: 0 }],
      ],
    ],
  ] as const) {
    it(`R2: is not asked more and more often when it says ${name} at once`, async () => {
      const server = await RawServer.listen();
      const client = createClient(server.url, { reconnect: { baseMs: 100 }, random: () => 0.99 });
      const serve = async (): Promise<void> => {
        (await server.welcomed({ capabilities: ["drain", "health", "time"] })).sendFrames(...frames);
        void serve();
      };
      void serve();
      await pause(1_500);
      const { accepted } = server;
      await client.close();
      await server.close();
      // 100, 200, 400, 800 ms.
      expect(accepted).to.be.within(3, 6);
    });
  }
});
