import { expect } from "chai";
import { until } from "../conformance/settlement.js";
import { clientCases } from "./client-cases.js";
import { failures, Load, pause, sideBySide } from "./fleet.js";
import { withShops } from "./shop-process.js";

const isLong = process.env.FARCALL_LONG === "1";
const frozenMs = isLong ? 15_000 : 4_000;
/** Two processes read the clock, and a call takes its time on the way. */
const slackMs = 100;

describe("clients in processes of their own", function () {
  this.timeout(60_000);
  sideBySide(clientCases);
});

describe("servers in processes of their own", function () {
  this.timeout(60_000);

  sideBySide({
    "INV: row 35: SIGKILL of one of three with 64 idempotent calls under way: none fails": () =>
      withShops({}, async ({ client, stub, shops: [victim] }) => {
        // They know how long a quote takes, so that nothing is raced but what the kill has hit.
        await Promise.all(Array.from({ length: 60 }, (_, call) => stub.quote(call, 100)));
        const calls = Array.from({ length: 64 }, (_, i) => stub.quote(1_000 + i, 300));
        await until(() => victim.records().some(({ call }) => call >= 1_000), "the victim works on some");
        const lost = new Promise<void>((resolve) => void client.once("reconnecting", () => resolve()));
        const killedAt = performance.now();
        victim.signal("SIGKILL");
        const answers = await Promise.all(calls);
        const tookMs = performance.now() - killedAt;
        await lost;
        expect(answers.filter((name) => name === "a")).to.deep.equal([]);
        // 300 ms of work from the beginning, once more where the first attempt was lost.
        expect(tookMs, "until the last answer").to.be.below(1_500);
      }),

    "INV: row 39: SIGSTOP of one of three at 500 calls/s: new calls go elsewhere, quotes are answered, few orders are unknown":
      () =>
        withShops({}, async ({ stub, shops: [frozen] }) => {
          const orderTimeoutMs = Math.max(1_000, frozenMs / 3);
          const load = new Load(stub, { perSecond: 500, orders: 3, timeoutMs: 6_000, orderTimeoutMs });
          await pause(1_000);
          const stoppedAt = Date.now();
          frozen.signal("SIGSTOP");
          await pause(frozenMs);
          const resumedAt = Date.now();
          frozen.signal("SIGCONT");
          await pause(500);
          const outcomes = await load.stop();
          const quotes = outcomes.filter(({ method }) => method === "quote");
          const orders = outcomes.filter(({ method }) => method === "order");
          expect(failures(quotes), "quotes that failed").to.deep.equal([]);
          expect(Math.max(...quotes.map(({ tookMs }) => tookMs)), "the slowest quote").to.be.below(1_500);
          const unknown = orders.filter(({ error }) => error?.executed === "unknown");
          expect(unknown.length, "orders nobody can say anything about").to.be.at.most(15);
          const records = frozen.records();
          const made = new Map(outcomes.map((outcome) => [outcome.call, outcome]));
          const late = records.filter(({ call }) => {
            const { madeAt } = made.get(call) as { readonly madeAt: number };
            return madeAt > stoppedAt + 1_500 && madeAt < resumedAt;
          });
          expect(late, "calls made later than 1.5 s after the freeze that went there").to.deep.equal([]);
          const overdue = records.filter(
            ({ method, call, at }) => method === "order" && at > (made.get(call)?.madeAt ?? 0) + orderTimeoutMs + slackMs,
          );
          expect(overdue, "orders entered after their deadline").to.deep.equal([]);
          const ran = new Set(records.map(({ call }) => call));
          const lies = orders.filter(({ call, error }) => error?.executed === "no" && ran.has(call));
          expect(lies, "orders said not to have run that have").to.deep.equal([]);
        }),

    "F2: row 39: a server whose loop stands still for 5 s is suspected, gets no new calls, and fails none": () =>
      withShops({}, async ({ client, stub, shops: [still] }) => {
        const changes: { readonly state: string; readonly url: string; readonly afterMs: number; readonly pending: number }[] =
          [];
        const pendingThere = (): number => client.endpoints()[0]?.pending ?? 0;
        let lost = 0;
        client.on("reconnecting", () => lost++);
        const load = new Load(stub, { perSecond: 100, orders: 5 });
        await pause(500);
        const stoodAt = performance.now();
        for (const state of ["suspect", "ready"] as const) {
          client.on(state, ({ url }) =>
            changes.push({ state, url, afterMs: performance.now() - stoodAt, pending: pendingThere() }),
          );
        }
        still.stand(5_000);
        await pause(6_000);
        const outcomes = await load.stop();
        expect(failures(outcomes)).to.deep.equal([]);
        expect(changes.map(({ state, url }) => [state, url])).to.deep.equal([
          ["suspect", still.url],
          ["ready", still.url],
        ]);
        const [suspected, woken] = changes;
        expect(suspected?.afterMs, "when it was suspected").to.be.within(700, 1_700);
        // The process that stands still was told so after `stoodAt`, and stands for the whole time.
        expect(woken?.afterMs, "when it was trusted again").to.be.at.least(4_990);
        expect(woken?.pending, "calls there").to.be.at.most(suspected?.pending ?? 0);
        expect(client.endpoints()[0]?.state).to.equal("ready");
        expect(lost, "connections lost").to.equal(0);
        const madeAt = new Map(outcomes.map(({ call, startedAt }) => [call, startedAt]));
        const late = still.records().filter(({ call }) => {
          const at = (madeAt.get(call) as number) - stoodAt;
          return at > 1_700 && at < 4_900;
        });
        expect(late, "calls made meanwhile that went there").to.deep.equal([]);
      }),
  });
});
