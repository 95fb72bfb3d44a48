import { expect } from "chai";
import { backoffMs, defaultReconnect, isStable } from "./backoff.js";

describe("backoff", () => {
  it("row 24: full jitter up to a cap that doubles", () => {
    const most = [0, 1, 2, 7, 8, 40].map((attempt) => backoffMs(attempt, defaultReconnect, () => 1));
    expect(most).to.deep.equal([200, 400, 800, 25_600, 30_000, 30_000]);
    expect(backoffMs(5, defaultReconnect, () => 0)).to.equal(0);
  });

  it("row 23: a connection that lasts starts over, one that is hung up on does not", () => {
    // Eight times the longest next wait, or half a minute.
    for (const [attempt, atLeastMs] of [
      [0, 1_600],
      [1, 3_200],
      [4, 25_600],
      [5, 30_000],
      [30, 30_000],
    ] as const) {
      expect(isStable(atLeastMs - 1, attempt, defaultReconnect)).to.equal(false);
      expect(isStable(atLeastMs, attempt, defaultReconnect)).to.equal(true);
    }
  });

  it("row 23: a server that hangs up on everybody after a second is left alone more and more", () => {
    let attempt = 0;
    let connects = 0;
    for (let now = 0; now < 600_000; connects++) {
      now += 1_000;
      attempt = isStable(1_000, attempt, defaultReconnect) ? 0 : attempt + 1;
      now += backoffMs(Math.max(0, attempt - 1), defaultReconnect, () => 0.5);
    }
    expect(connects).to.be.below(60);
  });
});
