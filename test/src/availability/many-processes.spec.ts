import { type BalancerName, type Client, createClient } from "@farcall/client";
import { expect } from "chai";
import { Shop } from "../contracts/gen/shop.js";
import { connected, failures, Load, leavesNothing, pause, tally } from "./fleet.js";
import { ShopProcess } from "./shop-process.js";

const isLong = process.env.FARCALL_LONG === "1";
/** Enough that chance alone stays within 2 %. */
const weighedCalls = isLong ? 100_000 : 8_000;

describe("ten servers in processes of their own", function () {
  this.timeout(isLong ? 300_000 : 60_000);
  leavesNothing();
  let shops: readonly ShopProcess[];

  before(async () => {
    shops = await Promise.all(Array.from({ length: 10 }, (_, i) => ShopProcess.start(`s${i}`)));
  });
  after(() => Promise.all(shops.map((one) => one.dispose())));

  it("B2: one of them ten times slower gets less than 3 % of the calls after 2 s", async () => {
    const [slow] = shops as [ShopProcess];
    const client = createClient(
      shops.map(({ name, url }) => ({ id: name, url })),
      { retry: false },
    );
    try {
      await connected(client);
      const load = new Load(client.service(Shop), { perSecond: 300, workMs: 50 });
      await pause(1_500);
      slow.slow(10);
      const slowAt = performance.now();
      await pause(6_000);
      const outcomes = await load.stop();
      slow.slow(1);
      expect(failures(outcomes)).to.deep.equal([]);
      const names = (fromMs: number, toMs: number) =>
        outcomes.flatMap(({ startedAt, server = "" }) => {
          const at = startedAt - slowAt;
          return at >= fromMs && at < toMs ? [server] : [];
        });
      const share = (all: readonly string[]): number => (tally(all)[slow.name] ?? 0) / all.length;
      expect(share(names(-1_000, 0)), "before").to.be.within(0.03, 0.25);
      expect(share(names(2_000, 6_000)), "after 2 s").to.be.below(0.03);
    } finally {
      await client.close();
    }
  });

  /** What each of three servers with weights 1, 2 and 5 gets of many calls, a few at a time. */
  async function shares(balancer: BalancerName): Promise<readonly number[]> {
    const weights = [1, 2, 5];
    const three = shops.slice(0, 3);
    const client: Client = createClient(
      three.map(({ name, url }, i) => ({ id: name, url, weight: weights[i] as number })),
      { balancer, retry: false },
    );
    try {
      await connected(client);
      const stub = client.service(Shop);
      const answers: string[] = [];
      let left = weighedCalls;
      const work = async (): Promise<void> => {
        while (left-- > 0) answers.push(await stub.quote(left, 2));
      };
      await Promise.all(Array.from({ length: 16 }, work));
      const counts = tally(answers);
      return three.map(({ name }) => (counts[name] ?? 0) / answers.length);
    } finally {
      await client.close();
    }
  }

  for (const [balancer, within] of [
    ["weighted-round-robin", 0.002],
    ["weighted-random", 0.02],
    // These turn away from a process that the machine has no time for, as they should.
    ["least-pending", 0.05],
    ["p2c-ewma", 0.05],
  ] as const) {
    it(`B1: ${balancer} keeps to weights 1, 2 and 5 between processes, within ${100 * within} %`, async () => {
      const got = await shares(balancer);
      const shown = got.map((share) => `${(100 * share).toFixed(1)} %`).join(" / ");
      console.log(`      ${shown} of ${weighedCalls} calls`);
      for (const [i, weight] of [1, 2, 5].entries())
        expect(got[i], `weight ${weight}: ${shown}`).to.be.closeTo(weight / 8, within);
    });
  }
});
