import { expect } from "chai";
import { seeded } from "../seeded.spec.support.js";
import { backoffMs, defaultReconnect } from "./backoff.js";

const clients = 1_000;
const windowMs = 100;

/** The most of `times` that lie within any stretch of `windowMs`. */
function busiest(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b);
  let most = 0;
  let from = 0;
  for (const [to, time] of sorted.entries()) {
    while ((sorted[from] as number) <= time - windowMs) from++;
    most = Math.max(most, to - from + 1);
  }
  return most;
}

/** When each of 1,000 clients that lost their server at 0 tries to connect, in vain, until `untilMs`. */
function attempts(seed: number, untilMs: number): number[] {
  const random = seeded(seed);
  const times: number[] = [];
  for (let client = 0; client < clients; client++) {
    let now = 0;
    for (let attempt = 0; now < untilMs; attempt++) {
      now += backoffMs(attempt, defaultReconnect, random);
      times.push(now);
    }
  }
  return times;
}

/** Counts by tenths of a second. */
function histogram(times: readonly number[], untilMs: number): number[] {
  const counts = Array.from({ length: untilMs / windowMs }, () => 0);
  for (const time of times) if (time < untilMs) (counts[Math.floor(time / windowMs)] as number)++;
  return counts;
}

describe("full jitter", () => {
  for (let attempt = 0; attempt < 5; attempt++) {
    const capMs = defaultReconnect.baseMs * 2 ** attempt;
    it(`R2: 1,000 clients that wait for attempt ${attempt} together never exceed twice the mean rate of ${capMs} ms in any 100 ms`, () => {
      for (let seed = 1; seed <= 20; seed++) {
        const random = seeded(seed);
        const times = Array.from({ length: clients }, () => backoffMs(attempt, defaultReconnect, random));
        expect(Math.max(...times)).to.be.below(capMs);
        expect(busiest(times), `seed ${seed}`).to.be.at.most((2 * clients * windowMs) / capMs);
      }
    });
  }

  it("R2: in an outage of 20 s, 1,000 clients never exceed twice the mean rate of that moment", () => {
    const untilMs = 20_000;
    const runs = Array.from({ length: 20 }, (_, seed) => histogram(attempts(seed + 1, untilMs), untilMs));
    const mean = (runs[0] as number[]).map((_, i) => runs.reduce((sum, run) => sum + (run[i] as number), 0) / runs.length);
    for (const run of runs) {
      for (const [i, count] of run.entries()) {
        // Where a tenth of a second has a handful of attempts, chance alone doubles them: five deviations are for that.
        const expected = mean[i] as number;
        expect(count, `${i * windowMs} ms`).to.be.at.most(Math.max(2 * expected, expected + 5 * Math.sqrt(expected)));
      }
    }
    // And the rate only falls.
    expect(mean[100] as number).to.be.below((mean[10] as number) / 2);
  });
});
