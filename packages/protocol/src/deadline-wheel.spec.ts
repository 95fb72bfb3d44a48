import { expect } from "chai";
import type { Clock, Timer } from "./clock.js";
import { DeadlineWheel, type WheelEntry } from "./deadline-wheel.js";

/** Time by hand: this package may not use the fake clock of `@farcall/testing`, which stands above it. */
class HandClock implements Clock {
  at = 0;
  timers: { at: number; run: () => void }[] = [];
  now(): number {
    return this.at;
  }
  setTimeout(run: () => void, delayMs: number): Timer {
    const timer = { at: this.at + delayMs, run };
    this.timers.push(timer);
    return {
      cancel: () => {
        this.timers = this.timers.filter((one) => one !== timer);
      },
      ref() {},
      unref() {},
    };
  }
  defer(run: () => void): void {
    run();
  }
  async yield(): Promise<void> {}
  advanceTo(at: number): void {
    for (;;) {
      const due = this.timers.filter((timer) => timer.at <= at).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.timers = this.timers.filter((one) => one !== due);
      this.at = Math.max(this.at, due.at);
      due.run();
    }
    this.at = at;
  }
}

function entry(expiresAt: number, expired: () => void): WheelEntry {
  return { expiresAt, expired, wheelPrevious: undefined, wheelNext: undefined };
}

describe("the deadline wheel", () => {
  it("expires entries at most 8 ms late and never early, however far away", () => {
    const clock = new HandClock();
    const wheel = new DeadlineWheel(clock);
    const late: number[] = [];
    // One turn of the wheel is 8 192 ms: entries within, at and far beyond it.
    for (const at of [1, 7.5, 8, 9, 500, 8_191, 8_192, 8_193, 15_000, 60_001, 300_000]) {
      wheel.add(entry(at, () => late.push(clock.now() - at)));
    }
    clock.advanceTo(400_000);
    expect(late).to.have.length(11);
    expect(Math.min(...late)).to.be.at.least(0);
    expect(Math.max(...late)).to.be.at.most(8);
    expect(wheel.size).to.equal(0);
  });

  it("forgets what was removed, and has no timer once it holds nothing", () => {
    const clock = new HandClock();
    const wheel = new DeadlineWheel(clock);
    const removed = entry(100, () => expect.fail("must not expire"));
    wheel.add(removed);
    wheel.remove(removed);
    wheel.remove(removed);
    expect(wheel.size).to.equal(0);
    clock.advanceTo(1_000);
    expect(clock.timers).to.have.length(0);
  });

  it("lets an entry that expires take out its neighbours and put new ones in", () => {
    const clock = new HandClock();
    const wheel = new DeadlineWheel(clock);
    const seen: string[] = [];
    const second = entry(50, () => seen.push("second"));
    wheel.add(
      entry(50, () => {
        seen.push("first");
        wheel.remove(second);
        wheel.add(entry(clock.now() + 10, () => seen.push("third")));
      }),
    );
    wheel.add(second);
    clock.advanceTo(200);
    expect(seen).to.deep.equal(["first", "third"]);
  });

  it("lets an entry that expires put off its neighbours", () => {
    const clock = new HandClock();
    const wheel = new DeadlineWheel(clock);
    let at = 0;
    const second = entry(50, () => {
      at = clock.now();
    });
    wheel.add(
      entry(50, () => {
        wheel.remove(second);
        second.expiresAt = 150;
        wheel.add(second);
      }),
    );
    wheel.add(second);
    clock.advanceTo(200);
    expect(at).to.be.within(150, 158);
  });

  it("row 39: expires everything that came due while the process stood still, once the event loop has read its sockets", async () => {
    const clock = new HandClock();
    const wheel = new DeadlineWheel(clock);
    let expired = 0;
    for (let at = 10; at < 20_000; at += 10) wheel.add(entry(at, () => expired++));
    clock.at = 30_000;
    clock.advanceTo(30_008);
    expect(expired).to.equal(0);
    await Promise.resolve();
    expect(expired).to.equal(1_999);
  });

  it("stops its timer when told to, and makes no other", () => {
    const clock = new HandClock();
    const wheel = new DeadlineWheel(clock);
    wheel.add(entry(100, () => {}));
    wheel.stop();
    expect(clock.timers).to.have.length(0);
    wheel.add(entry(50, () => {}));
    expect(clock.timers).to.have.length(0);
  });
});
