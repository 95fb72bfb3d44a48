import { expect } from "chai";
import { defaultReconnect } from "./backoff.js";
import { Comeback } from "./comeback.js";

/** The longest pauses before the attempts 0 to 3. */
function longest(comeback: Comeback): number[] {
  return [0, 1, 2, 3].map((attempt) => comeback.pause(attempt).delayMs);
}

describe("a comeback", () => {
  let isAlone: boolean;
  let comeback: Comeback;
  beforeEach(() => {
    isAlone = true;
    comeback = new Comeback({ reconnect: defaultReconnect, random: () => 1, isAlone: () => isAlone });
  });

  it("row 24: with nobody else to ask is as quick as full jitter, and quicker at first where clients are few", () => {
    expect(longest(comeback)).to.deep.equal([200, 200, 400, 800]);
    comeback.welcomed(8);
    expect(longest(comeback)).to.deep.equal([8, 200, 400, 800]);
    comeback.told(4_000);
    expect(longest(comeback)).to.deep.equal([200, 200, 400, 800]);
  });

  it("row 24: while others carry the calls takes the time that the server wants, and once it was refused lets the others pass first", () => {
    isAlone = false;
    expect(longest(comeback)).to.deep.equal([200, 200, 400, 800]);
    comeback.welcomed(4_000);
    expect(longest(comeback)).to.deep.equal([4_000, 8_000, 8_000, 8_000]);
    comeback.told(100_000);
    expect(longest(comeback)).to.deep.equal([30_000, 30_000, 30_000, 30_000]);
    comeback.told(16);
    expect(longest(comeback)).to.deep.equal([16, 200, 400, 800]);
  });

  it("row 24: a server that has just begun does not know how many its clients are", () => {
    isAlone = false;
    comeback.told(4_000);
    comeback.welcomed(8);
    comeback.welcomed(undefined);
    expect(comeback.pause(0)).to.deep.equal({ delayMs: 4_000, isPatient: true });
    comeback.told(8);
    expect(comeback.pause(0)).to.deep.equal({ delayMs: 8, isPatient: true });
  });

  it("row 23: numbers the attempts by how long connections last", () => {
    expect([comeback.lost(0, 1_599), comeback.lost(0, 1_600), comeback.lost(3, 30_000)]).to.deep.equal([1, 0, 0]);
    expect([comeback.sentAway(0), comeback.sentAway(0), comeback.sentAway(30_000)]).to.deep.equal([0, 1, 0]);
  });

  it("X7: comes back when the server said, and not more often than its own waits allow", () => {
    const bounds = { reconnectMinMs: 100, reconnectMaxMs: 1_000 };
    expect(comeback.pauseWithin(bounds, 0)).to.deep.equal({ delayMs: 1_000, isPatient: false });
    expect(comeback.pauseWithin(bounds, 6).delayMs).to.equal(6_400);
    expect(comeback.pauseWithin({ reconnectMinMs: 1e9, reconnectMaxMs: 1e9 }, 0).delayMs).to.equal(30_000);
  });
});
