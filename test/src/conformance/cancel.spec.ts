import type { CallContext, FarcallError } from "@farcall/server";
import { expect } from "chai";
import { aborted } from "./implementation.js";
import { type Kind, kinds } from "./kinds.js";
import { transports, withPair } from "./pair.js";
import { failureOf, gate, until } from "./settlement.js";

const item = new Uint8Array([1]);

/** What a handler under test has seen. */
function probe(kind: Kind) {
  const entered = gate();
  const returned = gate();
  const reasons: FarcallError[] = [];
  const note = (ctx: CallContext): Promise<void> => {
    ctx.signal.addEventListener("abort", () => reasons.push(ctx.signal.reason as FarcallError));
    entered.open();
    return aborted(ctx).then(() => returned.open());
  };
  const implementation = kind.serve((_input, ctx) => {
    if (!kind.answersStream) return note(ctx);
    return (async function* () {
      yield item;
      await note(ctx);
    })();
  });
  return { entered, returned, reasons, implementation };
}

/** A client stream of one item that stays open until it is let go, as a queue of events does. */
function unending(released: () => void): AsyncIterable<Uint8Array> {
  let wake: ((end: IteratorResult<Uint8Array>) => void) | undefined;
  let first = true;
  return {
    [Symbol.asyncIterator]: () => ({
      next() {
        if (!first) return new Promise((resolve) => (wake = resolve));
        first = false;
        return Promise.resolve({ done: false, value: item });
      },
      return() {
        released();
        wake?.({ done: true, value: undefined });
        return Promise.resolve({ done: true, value: undefined });
      },
    }),
  };
}

for (const transport of transports) {
  describe(`row 17: cancellation over ${transport}`, () => {
    for (const kind of kinds) {
      it(`row 11: settles a ${kind.name} call that was cancelled before it started, and nothing is run`, async () => {
        let entries = 0;
        const implementation = kind.serve(() => entries++);
        await withPair(transport, implementation, {}, async ({ stub }) => {
          const cause = new Error("not needed");
          const error = await failureOf(kind.call(stub, { signal: AbortSignal.abort(cause) }));
          expect(error).to.include({ code: "CANCELLED", executed: "no", cause });
          await stub.empty();
        });
        expect(entries).to.equal(0);
      });

      it(`row 11: settles a ${kind.name} call that is cancelled in the turn it was made`, () => {
        const { implementation } = probe(kind);
        return withPair(transport, implementation, {}, async ({ stub }) => {
          const controller = new AbortController();
          const call = failureOf(kind.call(stub, { signal: controller.signal }));
          controller.abort();
          expect(await call).to.include({ code: "CANCELLED" });
        });
      });

      it(`row 11, S6: fires the signal of a ${kind.name} handler once when its running call is cancelled twice`, () => {
        const { entered, returned, reasons, implementation } = probe(kind);
        return withPair(transport, implementation, {}, async ({ stub }) => {
          const controller = new AbortController();
          const call = failureOf(kind.call(stub, { signal: controller.signal }));
          await entered.opened;
          controller.abort();
          controller.abort();
          expect(await call).to.include({ code: "CANCELLED" });
          // A call made after the cancel is answered after the handler heard of it: one round trip.
          await stub.empty();
          expect(reasons.map((reason) => reason.code)).to.deep.equal(["CANCELLED"]);
          await returned.opened;
        });
      });

      it(`row 11: leaves a ${kind.name} call alone that had its answer before it was cancelled`, () =>
        withPair(
          transport,
          kind.serve(() => (kind.answersStream ? one() : kind.takesStream ? 1 : item)),
          {},
          async ({ stub, server }) => {
            const controller = new AbortController();
            expect(await kind.call(stub, { signal: controller.signal })).to.have.lengthOf(1);
            controller.abort();
            await stub.empty();
            expect(server.connections().map((peer) => peer.runningCalls)).to.deep.equal([0]);
          },
        ));

      if (kind.takesStream) {
        for (const halfClosed of [true, false]) {
          it(`row 11: lets go of the source of a ${kind.name} call cancelled ${halfClosed ? "after" : "before"} its half-close`, async () => {
            const { entered, implementation } = probe(kind);
            let released = 0;
            await withPair(transport, implementation, {}, async ({ stub }) => {
              const controller = new AbortController();
              const source = halfClosed ? half(() => released++) : unending(() => released++);
              const call = failureOf(kind.call(stub, { signal: controller.signal }, source));
              await entered.opened;
              controller.abort();
              expect(await call).to.include({ code: "CANCELLED" });
              await until(() => released === 1, "the source was let go");
            });
          });
        }
      }

      if (kind.answersStream) {
        it(`row 11: ends a ${kind.name} after its first answer with CANCELLED, once, then with nothing`, () => {
          const { entered, implementation } = probe(kind);
          return withPair(transport, implementation, {}, async ({ stub }) => {
            const controller = new AbortController();
            const iterator = kind.open(stub, { signal: controller.signal })[Symbol.asyncIterator]();
            expect(await iterator.next()).to.deep.equal({ done: false, value: item });
            await entered.opened;
            controller.abort();
            expect(await failureOf(iterator.next())).to.include({ code: "CANCELLED", executed: "yes" });
            expect(await iterator.next()).to.deep.equal({ done: true, value: undefined });
          });
        });
      }
    }

    it("row 11: cancels a call that still waits for a connection without sending it", () =>
      withPair(transport, {}, { server: { limits: { maxCalls: 1 } } }, async ({ client, stub }) => {
        const first = new AbortController();
        const running = failureOf(stub.sleep({ signal: first.signal }));
        const second = new AbortController();
        const waiting = failureOf(stub.sleep({ signal: second.signal }));
        expect(client.queuedCalls).to.equal(1);
        second.abort();
        expect(await waiting).to.include({ code: "CANCELLED", executed: "no" });
        expect(client.queuedCalls).to.equal(0);
        first.abort();
        expect(await running).to.include({ code: "CANCELLED", executed: "unknown" });
      }));

    it("row 11: listens to a shared signal without leaving listeners behind", () =>
      withPair(transport, {}, {}, async ({ stub }) => {
        const { signal } = new AbortController();
        let listeners = 0;
        const add = signal.addEventListener.bind(signal);
        const remove = signal.removeEventListener.bind(signal);
        signal.addEventListener = (...args: Parameters<typeof add>) => {
          listeners++;
          add(...args);
        };
        signal.removeEventListener = (...args: Parameters<typeof remove>) => {
          listeners--;
          remove(...args);
        };
        await Promise.all(Array.from({ length: 100 }, () => stub.empty({ signal })));
        expect(listeners).to.equal(0);
      }));
  });
}

async function* one(): AsyncGenerator<Uint8Array> {
  yield item;
}

/** Yields one item, then ends; says when it is over. */
async function* half(released: () => void): AsyncGenerator<Uint8Array> {
  try {
    yield item;
  } finally {
    released();
  }
}
