import { type Client, type ClientOptions, createClient } from "@farcall/client";
import { type RawPeer, RawServer } from "@farcall/testing";
import { expect } from "chai";
import { failureOf } from "../conformance/settlement.js";
import { Shop, type ShopClient } from "../contracts/gen/shop.js";
import { Wire } from "../contracts/gen/wire.js";
import { connected, leavesNothing } from "./fleet.js";

/** A call frame that has come, and the connection it came on. */
interface Arrival {
  readonly peer: RawPeer;
  readonly id: number;
}

interface Pair {
  readonly client: Client;
  readonly stub: ShopClient;
  /** The next call frame on either server. */
  readonly arrival: () => Promise<Arrival>;
}

const codes = { notFound: 5, unavailable: 14 } as const;
const executed = { no: 0, yes: 1, unknown: 2 } as const;

/** Two servers that only do what the case says, and a client that makes a second attempt after 50 ms. */
async function withPair(run: (pair: Pair) => Promise<void>, options: ClientOptions = {}): Promise<void> {
  const servers = [await RawServer.listen(), await RawServer.listen()];
  const client = createClient(
    servers.map(({ url }) => url),
    { retry: { attemptTimeoutMs: 50 }, ...options },
  );
  const arrivals: Arrival[] = [];
  const waiters: ((arrival: Arrival) => void)[] = [];
  const read = async (peer: RawPeer): Promise<void> => {
    for (let frame = await peer.frame(); frame !== undefined; frame = await peer.frame()) {
      if (frame.kind === 3) peer.sendFrames([4, frame.nonce]);
      if (frame.kind !== 16) continue;
      const arrival = { peer, id: frame.id };
      const waiter = waiters.shift();
      if (waiter === undefined) arrivals.push(arrival);
      else waiter(arrival);
    }
  };
  try {
    const peers = await Promise.all(servers.map((server) => server.welcomed()));
    const reading = peers.map(read);
    await connected(client);
    await run({
      client,
      stub: client.service(Shop),
      arrival: () => {
        const arrival = arrivals.shift();
        return arrival === undefined ? new Promise((resolve) => waiters.push(resolve)) : Promise.resolve(arrival);
      },
    });
    await client.close();
    await Promise.all(reading);
  } finally {
    await client.close();
    await Promise.all(servers.map((server) => server.close()));
  }
}

describe("two attempts of one call", () => {
  leavesNothing();

  const refuse = ({ peer, id }: Arrival): void => peer.sendFrames([18, id, codes.unavailable, executed.no, "not here", null]);

  it("R1: one refused and the other lost is not a call that did not run", async () => {
    await withPair(async ({ stub, arrival }) => {
      const failure = failureOf(stub.quote(1, 0, { timeoutMs: 1_000 }));
      const first = await arrival();
      const second = await arrival();
      refuse(first);
      await new Promise((resolve) => setTimeout(resolve, 20));
      second.peer.terminate();
      expect((await failure).executed).to.equal("unknown");
    });
  });

  it("R1: the second lost and then the first refused is not a call that did not run", async () => {
    const retry = { attemptTimeoutMs: 50, maxAttempts: 2 };
    await withPair(
      async ({ stub, arrival }) => {
        const failure = failureOf(stub.quote(1, 0, { timeoutMs: 1_000 }));
        const first = await arrival();
        const second = await arrival();
        second.peer.terminate();
        await new Promise((resolve) => setTimeout(resolve, 20));
        first.peer.sendFrames([18, first.id, codes.notFound, executed.no, "no such thing", null]);
        expect(await failure).to.include({ code: "NOT_FOUND", executed: "unknown" });
      },
      { retry },
    );
  });

  it("R1: a deadline that passes while the second waits and the first was refused says that nobody knows", async () => {
    await withPair(async ({ stub, arrival }) => {
      const failure = failureOf(stub.quote(1, 0, { timeoutMs: 300 }));
      const first = await arrival();
      await arrival();
      refuse(first);
      expect(await failure).to.include({ code: "DEADLINE_EXCEEDED", executed: "unknown" });
    });
  });

  it("R1: what the first attempt's handler says is the answer, however long the second hangs", async () => {
    await withPair(async ({ stub, arrival }) => {
      const failure = failureOf(stub.quote(1, 0, { timeoutMs: 30_000 }));
      const first = await arrival();
      await arrival();
      const saidAt = performance.now();
      first.peer.sendFrames([18, first.id, codes.notFound, executed.yes, "no such thing", null]);
      const error = await failure;
      expect(performance.now() - saidAt).to.be.below(5_000);
      expect(error).to.include({ code: "NOT_FOUND", executed: "yes" });
    });
  });

  it("R1: when both have failed and a third attempt is allowed, it is made", async () => {
    await withPair(async ({ stub, arrival }) => {
      const call = stub.quote(1, 0, { timeoutMs: 2_000 });
      const first = await arrival();
      const second = await arrival();
      for (const { peer, id } of [first, second])
        peer.sendFrames([18, id, codes.unavailable, executed.unknown, "going down", null]);
      const third = await Promise.race([arrival(), call.then(() => undefined)]);
      third?.peer.sendFrames([17, third.id, "answer"]);
      expect(await call).to.equal("answer");
    });
  });

  it("R1: response metadata is told once, whichever attempt it comes from", async () => {
    await withPair(async ({ stub, arrival }) => {
      const told: unknown[] = [];
      const call = stub.quote(1, 0, { timeoutMs: 1_000, onHeaders: (given) => told.push(given.get("from")) });
      const first = await arrival();
      const second = await arrival();
      first.peer.sendFrames([25, first.id, ["from", "first"]]);
      await new Promise((resolve) => setTimeout(resolve, 20));
      second.peer.sendFrames([25, second.id, ["from", "second"]], [17, second.id, "answer"]);
      expect(await call).to.equal("answer");
      expect(told).to.deep.equal(["first"]);
    });
  });

  it("R1: response metadata whose listener throws costs neither the answer nor the connection", async () => {
    const logger = { error() {}, warn() {} };
    await withPair(
      async ({ client, stub, arrival }) => {
        const onHeaders = (): never => {
          throw new Error("the listener's own fault");
        };
        const call = stub.quote(1, 0, { timeoutMs: 1_000, onHeaders });
        await arrival();
        const { peer, id } = await arrival();
        peer.sendFrames([25, id, ["from", "second"]], [17, id, "answer"]);
        expect(await call).to.equal("answer");
        expect(client.endpoints().map(({ state }) => state)).to.deep.equal(["ready", "ready"]);
      },
      { logger },
    );
  });

  for (const how of ["aborted", "closed"] as const) {
    it(`R1: a call that is ${how} while nothing but its second attempt is under way is settled then, and not sent again`, async () => {
      const retry = { attemptTimeoutMs: 50, baseMs: 200, capMs: 200 };
      await withPair(
        async ({ client, stub, arrival }) => {
          const controller = new AbortController();
          let isSettled = false;
          const failure = failureOf(stub.quote(1, 0, { signal: controller.signal })).finally(() => {
            isSettled = true;
          });
          const first = await arrival();
          await arrival();
          first.peer.sendFrames([18, first.id, codes.unavailable, executed.unknown, "going down", null]);
          await new Promise((resolve) => setTimeout(resolve, 20));
          const another = arrival().then(() => "it was sent again");
          if (how === "aborted") controller.abort();
          else await client.close();
          await new Promise((resolve) => setImmediate(resolve));
          expect(isSettled).to.equal(true);
          expect(await failure).to.include({ code: "CANCELLED", executed: "unknown" });
          const later = new Promise<string>((resolve) => setTimeout(() => resolve("it was not"), 250));
          expect(await Promise.race([another, later])).to.equal("it was not");
        },
        { retry, random: () => 0.99 },
      );
    });
  }

  it("row 36: a call that is refused while its arguments are on their way takes its stream along, unread", async () => {
    await withPair(async ({ client, arrival }) => {
      let begun = 0;
      const parts = {
        async *[Symbol.asyncIterator]() {
          begun++;
          yield new Uint8Array(3);
        },
      };
      // Longer than the credit of a server that grants none.
      const call = client.service(Wire).tally("x".repeat(1_000_000), parts, { timeoutMs: 1_000 });
      const failure = failureOf(call as Promise<unknown>);
      refuse(await arrival());
      await arrival();
      expect(begun).to.equal(0);
      await client.close();
      expect((await failure).code).to.equal("CANCELLED");
    });
  });
});
