import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect } from "chai";
import { FrameWriter } from "./frame-writer.js";

function written(write: (writer: FrameWriter) => void): string {
  const writer = new FrameWriter();
  writer.reserve(1024);
  write(writer);
  return Buffer.from(writer.take()).toString("hex");
}

describe("the frame writer", () => {
  const numbers: readonly [number, string][] = [
    [0, "00"],
    [127, "7f"],
    [128, "cc80"],
    [255, "ccff"],
    [256, "cd0100"],
    [65_535, "cdffff"],
    [65_536, "ce00010000"],
    [2 ** 32 - 1, "ceffffffff"],
    [2 ** 32, "cf0000000100000000"],
    [Number.MAX_SAFE_INTEGER, "cf001fffffffffffff"],
  ];
  for (const [number, bytes] of numbers) {
    it(`writes ${number} in the shortest unsigned form`, () => {
      expect(written((writer) => writer.uint(number))).to.equal(bytes);
    });
  }

  it("writes strings of every header size", () => {
    expect(written((writer) => writer.string("é"))).to.equal("a2c3a9");
    expect(written((writer) => writer.string("x".repeat(32)))).to.equal(`d920${"78".repeat(32)}`);
    expect(written((writer) => writer.string("x".repeat(300)))).to.equal(`da012c${"78".repeat(300)}`);
  });

  it("never hands out bytes that a later batch overwrites", () => {
    const writer = new FrameWriter();
    const batches = Array.from({ length: 1_000 }, (_, i) => {
      writer.reserve(600);
      writer.raw(new Uint8Array(600).fill(i), 0, 600);
      return writer.take();
    });
    batches.forEach((batch, i) => {
      expect(
        batch.every((byte) => byte === (i & 0xff)),
        `batch ${i}`,
      ).to.equal(true);
    });
  });

  it("keeps two writers of one turn apart, and grows for a frame larger than its memory", () => {
    const [one, two] = [new FrameWriter(), new FrameWriter()];
    one.reserve(10);
    one.byte(1);
    two.reserve(10);
    two.byte(2);
    const large = new Uint8Array(700_000).fill(3);
    one.reserve(large.length);
    one.raw(large, 0, large.length);
    one.patch(1, 9);
    expect([...two.take()]).to.deep.equal([2]);
    const batch = one.take();
    expect(batch.length).to.equal(700_001);
    expect([batch[0], batch[1], batch[2], batch[700_000]]).to.deep.equal([1, 9, 3, 3]);
    expect(one.length).to.equal(0);
    expect(one.take().length).to.equal(0);
  });

  it("holds no memory while it is empty", async () => {
    setFlagsFromString("--expose-gc");
    const gc = runInNewContext("gc") as () => void;
    const writers: FrameWriter[] = [];
    const memory: WeakRef<ArrayBufferLike>[] = [];
    for (let i = 0; i < 50; i++) {
      const writer = new FrameWriter();
      writer.reserve(300_000);
      writer.byte(i);
      memory.push(new WeakRef(writer.take().buffer));
      writers.push(writer);
    }
    // What a turn has looked at through a `WeakRef` lives as long as the turn.
    await new Promise((resolve) => setImmediate(resolve));
    gc();
    await new Promise((resolve) => setImmediate(resolve));
    expect(memory.filter((one) => one.deref() !== undefined)).to.have.lengthOf(0);
    expect(writers.every((writer) => writer.length === 0)).to.equal(true);
  });

  it("begins small where another one has the slab: thousands at once cost little", () => {
    const before = process.memoryUsage().arrayBuffers;
    const writers = Array.from({ length: 2_000 }, () => {
      const writer = new FrameWriter();
      writer.reserve(100);
      writer.byte(1);
      return writer;
    });
    const each = (process.memoryUsage().arrayBuffers - before) / writers.length;
    for (const writer of writers) writer.take();
    expect(each, "bytes for each").to.be.lessThan(4_096);
  });
});
