import { expect } from "chai";
import { BulkSender } from "./bulk-sender.js";
import type { Clock } from "./clock.js";
import { fixedLimits } from "./limits.js";
import type { Transport } from "./transport.js";

const KiB = 1024;
const MiB = 1024 * KiB;

/** A sender, time by hand, and a network that takes whatever it gets. */
class Setting {
  at = 0;
  /** Bytes of chunks that have left, without their headers. */
  sent = 0;
  bufferedBytes = 0;
  readonly sender: BulkSender;

  constructor(credit = 4 * MiB) {
    const headerBytes = 16;
    const transport = {
      send: (bytes: Uint8Array) => {
        this.sent += bytes.length - headerBytes;
      },
    };
    Object.defineProperty(transport, "bufferedBytes", { get: () => this.bufferedBytes });
    const clock: Pick<Clock, "now"> = { now: () => this.at };
    this.sender = new BulkSender(transport as unknown as Transport, clock as Clock);
    this.sender.start(credit);
  }

  /** Announces a message of `length` bytes and sends what may leave. */
  begin(id: number, length: number, done: () => void = () => {}): void {
    this.sender.begin(id, { bytes: new Uint8Array(length), start: 0, end: length }, done);
    this.sender.announced();
    this.sender.pump();
  }
}

describe("the bulk sender", () => {
  it("has 128 KiB under way before the first credit: a peer that credits late holds no message back", () => {
    for (const length of [MiB, 2 * MiB]) {
      const setting = new Setting();
      setting.begin(1, length);
      expect(setting.sent, `of ${length} bytes`).to.equal(128 * KiB);
    }
  });

  it("goes on chunk by chunk with a peer that has become slow, also where a chunk is longer than the window", () => {
    const setting = new Setting();
    let isDone = false;
    setting.begin(1, MiB, () => {
      isDone = true;
    });
    // One quick credit; next to it each of the others is late, and the window shrinks with each of them.
    let taken = 0;
    let last = 0;
    while (!isDone) {
      expect(taken, "credited, of what has been sent").to.be.lessThan(setting.sent);
      setting.at += taken === 0 ? 1 : 1_000;
      taken += 32 * KiB;
      setting.sender.credited(4 * MiB + taken);
      setting.sender.pump();
      last = setting.sent - taken;
    }
    expect(last, "under way at the end").to.equal(32 * KiB);
    expect(setting.sent).to.equal(MiB);
    expect(setting.sender.pendingBytes).to.equal(0);
  });

  it("sends nothing beyond the credit, and goes on when it comes", () => {
    const setting = new Setting(128 * KiB);
    setting.begin(1, 512 * KiB);
    expect(setting.sent).to.equal(128 * KiB);
    setting.sender.credited(128 * KiB);
    setting.sender.pump();
    expect(setting.sent, "after a credit that is repeated").to.equal(128 * KiB);
    setting.sender.credited(192 * KiB);
    setting.sender.pump();
    expect(setting.sent).to.equal(192 * KiB);
  });

  it("gives the place of a message that stands still and is cancelled to the next one that waits", () => {
    const setting = new Setting(128 * KiB);
    const ended: number[] = [];
    for (let id = 1; id <= fixedLimits.transfers; id++) setting.begin(id, MiB, () => ended.push(id));
    expect(setting.sender.hasRoom).to.equal(false);
    const begun: number[] = [];
    for (const id of [101, 102, 103]) {
      setting.sender.wait(id, MiB, () => {
        begun.push(id);
        setting.begin(id, MiB);
      });
    }
    setting.sender.cancel(102);
    setting.sender.cancel(3);
    expect({ ended, begun }).to.deep.equal({ ended: [3], begun: [101] });
    setting.sender.cancel(5);
    expect({ ended, begun }).to.deep.equal({ ended: [3, 5], begun: [101, 103] });
    for (const id of [1, 2, 4, 6, 7, 8, 101, 103]) setting.sender.cancel(id);
    expect(setting.sender.pendingBytes).to.equal(0);
  });

  it("leaves the socket to others while it has enough, and goes on when it is empty", () => {
    const setting = new Setting();
    setting.bufferedBytes = 16 * KiB;
    setting.begin(1, MiB);
    expect(setting.sent).to.equal(0);
    setting.bufferedBytes = 0;
    setting.sender.pump();
    expect(setting.sent).to.equal(128 * KiB);
  });

  it("drops everything at the end of its connection, and tells nobody that it has been sent", () => {
    const setting = new Setting();
    setting.begin(1, MiB, () => expect.fail("not sent"));
    setting.sender.wait(3, MiB, () => expect.fail("not begun"));
    setting.sender.close();
    expect(setting.sender.pendingBytes).to.equal(0);
  });
});
