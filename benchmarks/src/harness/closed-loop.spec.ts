import { setImmediate } from "node:timers/promises";
import { expect } from "chai";
import { hello } from "../workloads/hello.js";
import type { Caller } from "./contender.js";
import type { Target } from "./workload.js";

function target(hello: Caller["hello"]): Target {
  const connect = async (): Promise<Caller> => ({ hello, close: async () => {} });
  return { shared: connect, connect };
}

const load = { outstanding: 8, durationMs: 30 };

describe("closedLoop", () => {
  it("keeps as many calls in flight as it was told, and counts those answered in time", async () => {
    let inFlight = 0;
    let most = 0;
    let made = 0;
    const sample = await hello.run(
      target(async ({ id, name }) => {
        made++;
        most = Math.max(most, ++inFlight);
        await setImmediate();
        inFlight--;
        return { message: `Hello, ${name}!`, ok: id % 2 === 0 };
      }),
      load,
    );
    expect({ most, made: sample.made }).to.deep.equal({ most: 8, made });
    expect(sample.counted).to.be.within(1, made);
    expect(sample.p99Us).to.be.at.least(sample.p50Us);
  });

  it("refuses an answer that belongs to another call", async () => {
    const run = hello.run(
      target(async ({ id }) => {
        await setImmediate();
        return { message: `Hello, caller-${id + 1}!`, ok: id % 2 === 0 };
      }),
      load,
    );
    expect(await run.then(() => "passed", String)).to.match(/^Error: call \d+: expected .*, got /);
  });
});
