import { expect } from "chai";
import { encode } from "./codec.js";
import { DeadlineWheel } from "./deadline-wheel.js";
import { type Frame, kinds } from "./frame.js";
import { defaultHeartbeat } from "./heartbeat.js";
import { Link, type PongInfo } from "./link.js";
import { LoopMonitor } from "./loop-monitor.js";
import { FrameReader } from "./parse-frame.js";
import { JumpingClock } from "./test-support.spec.support.js";

function message(...frames: readonly (readonly unknown[])[]): Uint8Array {
  return new Uint8Array(
    Buffer.concat(
      frames.map((frame) => {
        const { bytes, start, end } = encode(frame);
        return Buffer.from(bytes.subarray(start, end));
      }),
    ),
  );
}

/** A link that has been greeted, and what it has sent. */
function greeted() {
  const clock = new JumpingClock();
  const monitor = new LoopMonitor(clock);
  monitor.start();
  const sent: Frame[] = [];
  const pongs: PongInfo[] = [];
  const link = new Link({
    transport: {
      address: "test",
      bufferedBytes: 0,
      send(bytes) {
        const reader = new FrameReader(bytes);
        for (let frame = reader.next(); frame !== undefined; frame = reader.next()) sent.push(frame);
      },
      close() {},
      terminate() {},
      ref() {},
      unref() {},
    },
    clock,
    wheel: new DeadlineWheel(clock),
    heartbeat: defaultHeartbeat,
    monitor,
    load: () => ({ running: 3, lagMs: 70_000 }),
    events: {
      frame() {},
      waiting: () => false,
      pong: (pong) => pongs.push(pong),
      fault: (error) => {
        throw error;
      },
      closed() {},
    },
  });
  link.message(message([1, {}]));
  const lastPing = (): number => (sent.findLast(({ kind }) => kind === kinds.ping) as { readonly nonce: number }).nonce;
  return { clock, link, sent, pongs, lastPing };
}

describe("a link", () => {
  it("F2: says in its pongs how busy this side is", () => {
    const { link, sent } = greeted();
    link.message(message([3, 9]));
    expect(sent).to.deep.equal([{ kind: kinds.pong, nonce: 9, load: { running: 3, lagMs: 70_000 } }]);
  });

  it("F2: tells what a pong says of the peer, and how long it took", () => {
    const { clock, link, pongs, lastPing } = greeted();
    clock.pass(15_010);
    clock.pass(40);
    const at = clock.now();
    clock.jump(30);
    link.message(message([4, lastPing(), { running: 7, lagMs: 12 }]));
    expect(pongs).to.have.lengthOf(1);
    expect(pongs[0]?.load).to.deep.equal({ running: 7, lagMs: 12 });
    expect(pongs[0]?.rttMs).to.be.within(30, clock.now() - at + 60);
    link.message(message([4, 55_555, null]));
    expect(pongs[1]).to.deep.equal({ load: undefined, rttMs: undefined });
  });

  it("F2: asks a busy peer, too, every 15 to 30 s, how it does", () => {
    const { clock, link, sent, lastPing } = greeted();
    for (let second = 0; second < 61; second++) {
      clock.pass(1_000);
      const count = sent.length;
      link.message(message([64]));
      if (sent.length > count) link.message(message([4, lastPing(), { lagMs: 1 }]));
    }
    expect(sent.filter(({ kind }) => kind === kinds.ping).length).to.be.within(2, 4);
  });

  it("row 39: after a stall, what comes may be as old as the stall was long, until the peer has answered", () => {
    const { clock, link, sent, lastPing } = greeted();
    clock.pass(1_000);
    link.message(message([64]));
    expect([link.arrearsMs, sent.length]).to.deep.equal([0, 0]);
    clock.jump(3_000);
    link.message(message([64]));
    const { arrearsMs } = link;
    expect(arrearsMs).to.be.within(3_000, 3_250);
    expect(sent).to.have.lengthOf(1);
    clock.runTimers();
    clock.pass(100);
    link.message(message([4, lastPing() + 1, null]));
    expect([link.arrearsMs, sent.length]).to.deep.equal([arrearsMs, 1]);
    link.message(message([64], [4, lastPing(), null]));
    expect(link.arrearsMs).to.equal(0);
  });

  it("row 39: a peer that does not answer is not held to be old for ever", () => {
    const { clock, link } = greeted();
    clock.pass(1_000);
    clock.jump(3_000);
    clock.runTimers();
    link.message(message([64]));
    clock.pass(1_990);
    expect(link.arrearsMs).to.be.above(0);
    clock.pass(10);
    expect(link.arrearsMs).to.equal(0);
  });

  it("row 39: what comes long after a stall was sent after it", () => {
    const { clock, link, sent } = greeted();
    clock.jump(3_000);
    clock.runTimers();
    clock.pass(2_010);
    link.message(message([64]));
    expect([link.arrearsMs, sent.length]).to.deep.equal([0, 0]);
  });

  it("row 39: stalls in quick succession add up", () => {
    const { clock, link } = greeted();
    clock.pass(1_000);
    for (const _ of [1, 2]) {
      clock.jump(2_500);
      link.message(message([64]));
    }
    // The first had been over for more than 2 s when the second was noticed: that alone counts.
    expect(link.arrearsMs).to.be.within(2_500, 2_750);
  });
});
