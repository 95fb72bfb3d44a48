import { expect } from "chai";
import { DeadlineWheel } from "./deadline-wheel.js";
import { defaultHeartbeat, Heartbeat } from "./heartbeat.js";
import { JumpingClock } from "./test-support.spec.support.js";

describe("the heartbeat", () => {
  it("F1: whoever hears of a suspicion may ask again or stop: it stands in the wheel once, or not at all", () => {
    for (const [act, left] of [["ask", 1] as const, ["stop", 0] as const]) {
      const clock = new JumpingClock();
      const wheel = new DeadlineWheel(clock);
      let suspicions = 0;
      const owner = {
        waiting: () => false,
        ping() {},
        suspect() {
          suspicions++;
          heartbeat[act]();
        },
        dead() {},
      };
      const heartbeat = new Heartbeat(defaultHeartbeat, owner, clock, wheel);
      clock.pass(defaultHeartbeat.idleIntervalMs + defaultHeartbeat.idleSuspectMs + 100);
      expect({ suspicions, inWheel: wheel.size }).to.deep.equal({ suspicions: 1, inWheel: left });
    }
  });
});
