import { createClient } from "@farcall/client";
import { encodeWebSocketFrame, RawPeer, RawWebSocket } from "@farcall/testing";
import { expect } from "chai";
import { bytesOf, frame } from "../conformance/malformed.js";
import { Conformance } from "../contracts/gen/conformance.js";
import { startVictim } from "./start-victim.js";
import { call, hello, names, repeat } from "./victim.js";

const KiB = 1024;
const littleMemory = ["--max-old-space-size=256", "--expose-gc"];

/** `count` sockets, a hundred at a time. */
async function open(count: number, url: string, act: (peer: RawWebSocket) => void): Promise<RawWebSocket[]> {
  const peers: RawWebSocket[] = [];
  while (peers.length < count) {
    const some = await Promise.all(Array.from({ length: 100 }, () => RawWebSocket.connect(url)));
    for (const peer of some) act(peer);
    peers.push(...some);
  }
  return peers;
}

const partOfAFrame = 16 * KiB;
const strangers: readonly { readonly name: string; readonly frameBytes: number; readonly act: (peer: RawWebSocket) => void }[] = [
  { name: "that never say hello", frameBytes: 0, act: () => {} },
  {
    name: "that say half a hello",
    frameBytes: partOfAFrame,
    act: (peer) =>
      peer.write(encodeWebSocketFrame({ opcode: 2, payload: new Uint8Array(partOfAFrame) }).subarray(0, partOfAFrame)),
  },
  { name: "that send garbage", frameBytes: 0, act: (peer) => peer.write(new Uint8Array(64).fill(0xa7)) },
];

describe("memory of a server with a heap of 256 MiB", function () {
  this.timeout(30_000);

  for (const { name, frameBytes, act } of strangers) {
    it(`row 81: 1,000 sockets ${name} cost at most 64 KiB each, and one frame`, async () => {
      const child = await startVictim(...littleMemory);
      try {
        // Whatever is loaded or compiled for the first time is not a cost of the sockets.
        for (const peer of await open(100, child.url, act)) peer.terminate();
        const before = await child.rss();
        const peers = await open(1_000, child.url, act);
        const each = ((await child.rss()) - before) / peers.length;
        for (const peer of peers) peer.terminate();
        if (process.env.FARCALL_FUZZ !== undefined) console.log(`${name}: ${Math.round(each / KiB)} KiB for each socket`);
        expect(each).to.be.lessThan(64 * KiB + frameBytes);
      } finally {
        expect(await child.end()).to.deep.equal({ code: 0, errors: "" });
      }
    });
  }

  it("row 71: large results that nobody reads, bombs and floods from many peers leave it alive and small", async () => {
    const child = await startVictim(...littleMemory);
    const client = createClient(child.url);
    const peers: { terminate(): void }[] = [];
    try {
      await client.ready();
      const before = await child.rss();
      for (let i = 0; i < 8; i++) {
        const reader = await RawWebSocket.connect(child.url);
        reader.stopReading();
        reader.send({ opcode: 2, payload: hello }, { opcode: 2, payload: names });
        const greedy = repeat(1_000, (n) => call(n * 2 + 1, "resize", new Uint8Array(0), 4_000_000));
        reader.send({ opcode: 2, payload: greedy });
        peers.push(reader);
      }
      for (let i = 0; i < 50; i++) {
        const peer = await RawPeer.welcomed(child.url);
        peers.push(peer);
        peer.sendBytes(names);
        peer.sendBytes(bytesOf(0x96, 16, 1, 1, 0, 0xc0, ...Array.from({ length: 24_000 }, () => [0xdc, 0x7f, 0xff])));
        const other = await RawPeer.welcomed(child.url);
        peers.push(other);
        other.sendBytes(names);
        for (let n = 0; n < 10; n++) other.sendBytes(repeat(1_000, (at) => frame(22, 0, n * 1_000 + at)));
      }
      expect(await client.service(Conformance).echo(new Uint8Array([5]))).to.deep.equal(new Uint8Array([5]));
      const grown = (await child.rss()) - before;
      if (process.env.FARCALL_FUZZ !== undefined) console.log(`hostile peers together: ${Math.round(grown / KiB / KiB)} MiB`);
      // Eight times the backlog that is allowed, and as much again for what was being made when it was reached.
      expect(grown).to.be.lessThan(8 * 2 * 20 * KiB * KiB);
    } finally {
      for (const peer of peers) peer.terminate();
      await client.close();
      expect(await child.end()).to.deep.equal({ code: 0, errors: "" });
    }
  });
});
