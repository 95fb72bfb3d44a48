import { expect } from "chai";
import { Transit } from "./transit.js";

describe("transit", () => {
  it("row 13: does not care how far apart the clocks are, in either direction", () => {
    for (const skewMs of [-3_600_000, 0, 3_600_000]) {
      const transit = new Transit();
      for (let now = 0; now < 10_000; now += 100) transit.heard(now + skewMs, now + 5);
      expect(transit.lateMs(9_905)).to.equal(0);
      // Sent right behind the last word on the time.
      expect(transit.lateMs(13_905)).to.equal(4_000);
      transit.heard(10_000 + skewMs, 14_005);
      expect(transit.lateMs(14_005)).to.equal(4_000);
      transit.heard(14_100 + skewMs, 14_105);
      expect(transit.lateMs(14_205)).to.equal(0);
    }
  });

  it("takes a quarter of a second for noise", () => {
    const transit = new Transit();
    expect(transit.isKnown).to.equal(false);
    transit.heard(0, 0);
    transit.heard(1_000, 1_250);
    expect([transit.isKnown, transit.lateMs(1_250)]).to.deep.equal([true, 0]);
    transit.heard(2_000, 2_251);
    expect(transit.lateMs(2_251)).to.equal(251);
  });

  it("follows clocks that run apart by a ten-thousandth, for days", () => {
    const transit = new Transit();
    for (let sentAt = 0; sentAt < 2 * 86_400_000; sentAt += 10_000) {
      transit.heard(sentAt, sentAt * 1.0001);
      expect(transit.lateMs(sentAt * 1.0001)).to.equal(0);
    }
  });

  it("remembers what was usual through an outage that is longer than its window", () => {
    const transit = new Transit();
    for (let now = 0; now < 650_000; now += 1_000) transit.heard(now, now);
    transit.heard(650_000, 700_000);
    expect(transit.lateMs(700_000)).to.equal(50_000);
  });

  it("forgives a clock that stood still while its machine was suspended, once a ping has been answered", () => {
    const transit = new Transit();
    transit.heard(0, 0);
    // Twenty seconds of ours are none of the peer's.
    transit.heard(100, 20_100);
    expect(transit.lateMs(20_100)).to.equal(20_000);
    transit.ponged(20_100);
    transit.heard(200, 20_200);
    expect(transit.lateMs(20_200)).to.equal(0);
    transit.heard(400, 20_400);
    expect(transit.lateMs(20_400)).to.equal(0);
    // What is late from then on is late.
    transit.heard(500, 23_500);
    expect(transit.lateMs(23_500)).to.be.within(2_900, 3_100);
  });
});
