import { createClient } from "@farcall/client";
import { RawPeer, RawServer } from "@farcall/testing";
import { expect } from "chai";
import { Conformance } from "../contracts/gen/conformance.js";
import { withPair } from "./pair.js";

describe("batching", () => {
  for (const count of [1, 2, 100]) {
    it(`S9: sends ${count} calls of one turn in one WebSocket message`, async () => {
      const server = await RawServer.listen();
      const client = createClient(server.url);
      const peer = await server.welcomed();
      await client.ready();
      const stub = client.service(Conformance);
      const before = peer.messages;
      const calls = Array.from({ length: count }, () => stub.empty());
      const ids: number[] = [];
      while (ids.length < count) {
        const frame = await peer.frame();
        if (frame?.kind === 16) ids.push(frame.id);
      }
      expect(peer.messages - before).to.equal(1);
      peer.sendFrames(...ids.map((id) => [17, id, null]));
      await Promise.all(calls);
      await client.close();
      await server.close();
    });
  }

  it("S9: sends the first of very many calls while the last are still being made", async () => {
    const server = await RawServer.listen();
    const client = createClient(server.url);
    const peer = await server.welcomed();
    await client.ready();
    const stub = client.service(Conformance);
    const before = peer.messages;
    const count = 4_000;
    const calls = Array.from({ length: count }, () => stub.empty());
    const ids: number[] = [];
    while (ids.length < count) {
      const frame = await peer.frame();
      if (frame?.kind === 16) ids.push(frame.id);
    }
    // A call of nothing takes some ten bytes, a message eight thousand.
    expect(peer.messages - before).to.be.within(2, 8);
    peer.sendFrames(...ids.map((id) => [17, id, null]));
    await Promise.all(calls);
    await client.close();
    await server.close();
  });

  it("S9: sends the first of long answers while the last are still being made", () =>
    withPair("WebSocket", { resize: (_bytes, size) => new Uint8Array(size) }, {}, async ({ url }) => {
      const peer = await RawPeer.welcomed(url);
      const before = peer.messages;
      const calls = Array.from({ length: 50 }, (_, i) => [16, i * 2 + 1, 0, 0, null, [new Uint8Array(0), 100]]);
      peer.sendFrames([23, 0, "farcall.test.Conformance", "resize", ""], ...calls);
      for (const [, id] of calls) expect(await peer.frame()).to.include({ kind: 17, id });
      // Five thousand bytes, a thousand at a time.
      expect(peer.messages - before).to.be.within(3, 6);
      peer.terminate();
    }));

  it("S9: answers the calls of one message in one message", () =>
    withPair("WebSocket", {}, {}, async ({ url }) => {
      const peer = await RawPeer.welcomed(url);
      const before = peer.messages;
      const calls = Array.from({ length: 50 }, (_, i) => [16, i * 2 + 1, 0, 0, null, []]);
      peer.sendFrames([23, 0, "farcall.test.Conformance", "empty", ""], ...calls);
      for (const [, id] of calls) expect(await peer.frame()).to.include({ kind: 17, id });
      expect(peer.messages - before).to.equal(1);
      peer.terminate();
    }));
});
