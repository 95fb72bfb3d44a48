import { expect } from "chai";
import { LoopMonitor } from "./loop-monitor.js";
import { JumpingClock } from "./test-support.spec.support.js";

function started(): { clock: JumpingClock; monitor: LoopMonitor } {
  const clock = new JumpingClock();
  const monitor = new LoopMonitor(clock);
  monitor.start();
  clock.pass(1_000);
  return { clock, monitor };
}

describe("a loop monitor", () => {
  it("row 39: a loop that runs has no lag and no stall", () => {
    const { clock, monitor } = started();
    clock.pass(60_000);
    expect([monitor.lagMs, monitor.stall]).to.deep.equal([0, undefined]);
  });

  it("row 39: lag is seen while it lasts, and fades", () => {
    const { clock, monitor } = started();
    clock.jump(750);
    expect(monitor.lagMs).to.equal(500);
    clock.runTimers();
    expect(monitor.lagMs).to.equal(500);
    clock.pass(250);
    expect(monitor.lagMs).to.equal(250);
    clock.pass(2_000);
    expect(monitor.lagMs).to.be.below(2);
    expect(monitor.stall).to.equal(undefined);
  });

  for (const first of ["a message", "a timer"]) {
    it(`row 39: a stall is one, whether ${first} notices it first`, () => {
      const { clock, monitor } = started();
      clock.jump(2_260);
      if (first === "a timer") clock.runTimers();
      const { stall } = monitor;
      expect(stall).to.deep.equal({ gapMs: 2_260, noticedAt: clock.now() });
      clock.runTimers();
      expect(monitor.stall).to.equal(stall);
      clock.pass(10_000);
      expect(monitor.stall).to.equal(stall);
      clock.jump(5_000);
      expect(monitor.stall?.gapMs).to.equal(5_000);
    });
  }

  it("row 39: 2 s of delay are none yet", () => {
    const { clock, monitor } = started();
    clock.jump(2_250);
    expect(monitor.stall).to.equal(undefined);
  });

  it("leaves no timer, started and stopped however often", () => {
    const { clock, monitor } = started();
    monitor.start();
    expect(clock.pendingTimers).to.equal(1);
    monitor.stop();
    monitor.stop();
    expect(clock.pendingTimers).to.equal(0);
    clock.jump(60_000);
    expect([monitor.lagMs, monitor.stall]).to.deep.equal([0, undefined]);
  });
});
