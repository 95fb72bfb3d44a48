import { expect } from "chai";
import { UsualLatency } from "./usual-latency.js";

describe("the usual latency of methods", () => {
  it("is their mean over the last answers", () => {
    const usual = new UsualLatency<string>();
    expect(usual.of("look")).to.equal(0);
    for (const ms of [1, 2, 3]) usual.note("look", ms);
    expect(usual.of("look")).to.be.closeTo(2, 1e-9);
    for (let i = 0; i < 500; i++) usual.note("look", 10);
    expect(usual.of("look")).to.be.closeTo(10, 0.1);
  });

  it("makes calls of quick and slow methods comparable", () => {
    const usual = new UsualLatency<string>();
    for (let i = 0; i < 300; i++) usual.note(i % 3 === 0 ? "report" : "look", i % 3 === 0 ? 901 : 1);
    // An average call takes about 301 ms, and so does each of these where all is as usual.
    const average = usual.level("look", 1);
    expect(average).to.be.closeTo(301, 15);
    expect(usual.level("report", 901)).to.be.closeTo(average, 1e-6);
    expect(usual.level("look", 10)).to.be.closeTo(10 * average, 1e-6);
  });

  it("leaves latencies of methods alone that it does not know", () => {
    const usual = new UsualLatency<string>();
    usual.note("look", 1);
    expect(usual.level("report", 900)).to.equal(900);
  });
});
