import { createClient } from "@farcall/client";
import type { CallContext, FarcallError } from "@farcall/server";
import { createMemoryNetwork, FakeClock, settle } from "@farcall/testing";
import { expect } from "chai";
import { Conformance } from "../contracts/gen/conformance.js";
import { aborted } from "./implementation.js";
import { kinds } from "./kinds.js";
import { transports, withPair } from "./pair.js";
import { welcoming } from "./quiet-server.js";
import { failureOf, gate } from "./settlement.js";

/** A handler that sleeps until it is told to stop, and what it saw. */
function sleeper() {
  const entered = gate();
  const seen: { timeoutMs: number; reason: FarcallError | undefined }[] = [];
  const sleep = async (ctx: CallContext): Promise<void> => {
    const entry = { timeoutMs: ctx.timeoutMs(), reason: undefined as FarcallError | undefined };
    seen.push(entry);
    entered.open();
    await aborted(ctx);
    entry.reason = ctx.signal.reason as FarcallError;
  };
  return { entered, seen, sleep };
}

for (const transport of transports) {
  describe(`row 17: deadlines over ${transport}`, () => {
    for (const kind of kinds) {
      it(`row 12: settles a ${kind.name} call of 1 ms on a sleeping server, and aborts the handler`, async () => {
        const clock = new FakeClock();
        const { entered, seen, sleep } = sleeper();
        const implementation = kind.serve((_input, ctx) => {
          if (!kind.answersStream) return sleep(ctx);
          return (async function* () {
            await sleep(ctx);
            yield new Uint8Array(0);
          })();
        });
        await withPair(transport, implementation, { clock }, async ({ stub }) => {
          const call = failureOf(kind.call(stub, { timeoutMs: 1 }));
          await entered.opened;
          // The wheel turns every 8 ms: never early, at most that late.
          await clock.advance(16);
          expect(await call).to.include({ code: "DEADLINE_EXCEEDED" });
        });
        expect(seen.map(({ timeoutMs, reason }) => [timeoutMs, reason?.code])).to.deep.equal([[1, "DEADLINE_EXCEEDED"]]);
      });

      for (const timeoutMs of [0, -1, Number.NEGATIVE_INFINITY]) {
        it(`row 12: settles a ${kind.name} call of ${timeoutMs} ms at once, and nothing is run`, async () => {
          let entries = 0;
          await withPair(
            transport,
            kind.serve(() => entries++),
            { clock: new FakeClock() },
            async ({ stub }) => {
              expect(await failureOf(kind.call(stub, { timeoutMs }))).to.include({ code: "DEADLINE_EXCEEDED", executed: "no" });
              await stub.empty();
            },
          );
          expect(entries).to.equal(0);
        });
      }
    }

    for (const { name, options, expected } of [
      { name: "S8: 15 s when nobody says anything", options: {}, expected: 15_000 },
      { name: "what the client's options say", options: { timeoutMs: 700 }, expected: 700 },
    ]) {
      it(`row 12: gives a unary call without a deadline ${name}`, async () => {
        const clock = new FakeClock();
        const { entered, seen, sleep } = sleeper();
        await withPair(transport, { sleep }, { clock, client: options }, async ({ stub }) => {
          let settled = false;
          const call = failureOf(stub.sleep()).finally(() => {
            settled = true;
          });
          await entered.opened;
          await clock.advance(expected - 1);
          expect(settled).to.equal(false);
          await clock.advance(16);
          expect(await call).to.include({ code: "DEADLINE_EXCEEDED" });
        });
        expect(seen.map(({ timeoutMs }) => timeoutMs)).to.deep.equal([expected]);
      });
    }

    it("row 12: gives a call the timeout of its method, which the contract names, unless the call names one", async () => {
      const clock = new FakeClock();
      const { seen, sleep } = sleeper();
      await withPair(transport, { nap: sleep }, { clock }, async ({ stub }) => {
        const calls = [failureOf(stub.nap()), failureOf(stub.nap({ timeoutMs: 3_000 }))];
        await stub.empty();
        await clock.advance(3_016);
        for (const error of await Promise.all(calls)) expect(error).to.include({ code: "DEADLINE_EXCEEDED" });
      });
      expect(seen.map(({ timeoutMs }) => timeoutMs)).to.deep.equal([2_000, 3_000]);
    });

    it("S8: turns the deadline off for Infinity only: an hour later the call still waits", async () => {
      const clock = new FakeClock();
      const { entered, seen, sleep } = sleeper();
      const server = { maxTimeoutMs: Number.POSITIVE_INFINITY };
      // A heartbeat every hour: an hour of them every second would take a while even on a fake clock.
      const heartbeat = {
        activeIntervalMs: 3_600_000,
        activeTimeoutMs: 7_200_000,
        idleIntervalMs: 3_600_000,
        idleTimeoutMs: 7_200_000,
      };
      await withPair(
        transport,
        { sleep },
        { clock, server: { ...server, heartbeat }, client: { heartbeat } },
        async ({ stub }) => {
          const controller = new AbortController();
          const call = failureOf(stub.sleep({ timeoutMs: Number.POSITIVE_INFINITY, signal: controller.signal }));
          await entered.opened;
          expect(seen.map(({ timeoutMs }) => timeoutMs)).to.deep.equal([Number.POSITIVE_INFINITY]);
          await clock.advance(3_600_000);
          controller.abort();
          expect(await call).to.include({ code: "CANCELLED" });
        },
      );
    });

    for (const timeoutMs of [5_000, Number.POSITIVE_INFINITY]) {
      it(`row 12: clamps ${timeoutMs} ms to the server's cap of 1 s, and says so to caller and handler`, async () => {
        const clock = new FakeClock();
        const { entered, seen, sleep } = sleeper();
        await withPair(transport, { sleep }, { clock, server: { maxTimeoutMs: 1_000 } }, async ({ stub }) => {
          const call = failureOf(stub.sleep({ timeoutMs }));
          await entered.opened;
          await clock.advance(1_016);
          await settle(20);
          expect(await call).to.include({ code: "DEADLINE_EXCEEDED", executed: "yes" });
        });
        expect(seen.map((one) => [one.timeoutMs, one.reason?.code])).to.deep.equal([[1_000, "DEADLINE_EXCEEDED"]]);
      });
    }

    it("row 12: counts the wait for a connection into the deadline", async () => {
      const clock = new FakeClock();
      const { entered, seen, sleep } = sleeper();
      await withPair(transport, { sleep }, { clock, server: { limits: { maxCalls: 1 } } }, async ({ stub, client }) => {
        const controller = new AbortController();
        const first = failureOf(stub.sleep({ signal: controller.signal, timeoutMs: 60_000 }));
        const second = failureOf(stub.sleep({ timeoutMs: 1_000 }));
        await entered.opened;
        await clock.advance(1_016);
        expect(await second).to.include({ code: "DEADLINE_EXCEEDED", executed: "no" });
        expect(client.queuedCalls).to.equal(0);
        controller.abort();
        await first;
      });
      expect(seen).to.have.lengthOf(1);
    });

    it("row 41: keeps the slot of a handler that ignores its signal until it really returns", async () => {
      const clock = new FakeClock();
      const stubborn = gate();
      const entered = gate();
      const sleep = (): Promise<void> => {
        entered.open();
        return stubborn.opened;
      };
      await withPair(transport, { sleep }, { clock }, async ({ stub, server }) => {
        const call = failureOf(stub.sleep({ timeoutMs: 100 }));
        await entered.opened;
        await clock.advance(116);
        expect(await call).to.include({ code: "DEADLINE_EXCEEDED" });
        await stub.empty();
        expect(server.connections().map((peer) => peer.runningCalls)).to.deep.equal([1]);
        stubborn.open();
      });
    });
  });
}

describe("deadlines without a server's help", () => {
  it("row 12: settle a call on time although the server never answers", async () => {
    const clock = new FakeClock();
    const peer = welcoming();
    const client = createClient("memory://quiet", { clock, connector: peer.connector });
    await client.ready();
    const call = failureOf(client.service(Conformance).empty({ timeoutMs: 500 }));
    await clock.advance(500 + 16);
    expect(await call).to.include({ code: "DEADLINE_EXCEEDED", executed: "unknown" });
    // The server is told, for whenever it wakes up.
    await settle();
    expect(peer.heard).to.include(21);
    await client.close();
    expect(clock.pendingTimers).to.equal(0);
  });

  it("row 12: settle a call on time although there is no server at all", async () => {
    const clock = new FakeClock();
    const client = createClient("memory://absent", { clock, connector: createMemoryNetwork().connector });
    const call = failureOf(client.service(Conformance).empty({ timeoutMs: 500 }));
    await clock.advance(500 + 16);
    expect(await call).to.include({ code: "DEADLINE_EXCEEDED", executed: "no" });
    expect(client.queuedCalls).to.equal(0);
    await client.close();
    expect(clock.pendingTimers).to.equal(0);
  });
});
