import type { Frame } from "@farcall/protocol";
import { createServer } from "@farcall/server";
import { FakeClock, RawPeer, settle } from "@farcall/testing";
import { expect } from "chai";
import { Conformance } from "../contracts/gen/conformance.js";
import { wellBehaved } from "./implementation.js";

const naming = ["resize", "echo"].map((method, number) => [23, number, "farcall.test.Conformance", method, ""]);
const one = new Uint8Array([1]);

describe("calls that a server holds back", () => {
  it("row 49: are dropped without running when their deadline has passed or their caller has cancelled, and counted", async () => {
    const clock = new FakeClock();
    const server = createServer({ clock, limits: { maxBacklogBytes: 64 * 1024 } });
    const echoed: number[] = [];
    server.implement(Conformance, {
      ...wellBehaved,
      echo(bytes) {
        echoed.push(bytes[0] as number);
        return bytes;
      },
    });
    const { url } = await server.listen();
    const peer = await RawPeer.welcomed(url, { limits: { chunkWindowBytes: 131_072 } });
    // The first answer is more than may wait for this peer, so the calls behind it have to.
    peer.sendFrames(
      ...naming,
      [16, 1, 0, 0, null, [one, 1_000_000]],
      [16, 3, 1, 100, null, [new Uint8Array([3])]],
      [16, 5, 1, 0, null, [new Uint8Array([5])]],
      [16, 7, 1, 60_000, null, [new Uint8Array([7])]],
      [21, 5, 1],
      [3, 1],
    );
    const next = async (): Promise<Frame> => {
      const frame = await peer.frame();
      if (frame === undefined) throw new Error(`the connection ended: ${JSON.stringify(await peer.closed())}`);
      return frame;
    };
    let frame = await next();
    while (frame.kind !== 4) frame = await next();
    expect(echoed).to.deep.equal([]);
    expect(frame.load).to.include({ running: 2 });
    await clock.advance(200);
    for (let credit = 131_072; credit <= 2_000_000; credit += 131_072) peer.sendFrames([22, 0, credit]);
    const errors: unknown[] = [];
    while (!(frame.kind === 17 && frame.id === 7)) {
      frame = await next();
      if (frame.kind === 18) errors.push([frame.id, frame.code, frame.executed]);
    }
    await settle();
    expect(echoed).to.deep.equal([7]);
    expect(errors).to.deep.equal([[3, "DEADLINE_EXCEEDED", "no"]]);
    expect(server.stats).to.deep.equal({ unfinishedCalls: 0, droppedCalls: 2 });
    peer.terminate();
    await server.close();
  });

  for (const [end, frames] of [
    ["expire", (id: number) => [[16, id, 1, 1, null, [one]]]],
    [
      "are cancelled",
      (id: number) => [
        [16, id, 1, 0, null, [one]],
        [21, id, 1],
      ],
    ],
  ] as const) {
    it(`row 52: are no more than its limit of calls, counting those that ${end} meanwhile`, async () => {
      const clock = new FakeClock();
      const maxCalls = 50;
      const server = createServer({ clock, limits: { maxBacklogBytes: 64 * 1024, maxCalls } });
      server.implement(Conformance, wellBehaved);
      const { url } = await server.listen();
      // The first answer is more than may wait, and less than twice that: then even refusals would end the connection.
      const peer = await RawPeer.welcomed(url, { limits: { chunkWindowBytes: 1 } });
      peer.sendFrames(...naming, [16, 1, 0, 0, null, [one, 100_000]]);
      for (let round = 0; round < 4; round++) {
        for (let n = 0; n < maxCalls / 2; n++) peer.sendFrames(...frames(3 + 2 * (n + (round * maxCalls) / 2)));
        await settle();
        await clock.advance(10);
      }
      peer.sendFrames([3, 1]);
      const refused: unknown[] = [];
      for (let frame = await peer.frame(); frame !== undefined && frame.kind !== 4; frame = await peer.frame())
        if (frame.kind === 18 && frame.code === "RESOURCE_EXHAUSTED") refused.push(frame.executed);
      expect(refused).to.deep.equal(Array.from({ length: maxCalls }, () => "no"));
      peer.terminate();
      await server.close();
    });
  }
});
