import type { RawPeer } from "@farcall/testing";
import { bytesOf, frame } from "../conformance/malformed.js";
import { call, repeat } from "./victim.js";

/** Sends `count` frames, 1,000 to a message, as fast as it goes. */
export function flood(peer: RawPeer, count: number, make: (index: number) => Uint8Array): void {
  for (let sent = 0; sent < count; sent += 1_000) peer.sendBytes(repeat(1_000, (index) => make(sent + index)));
}

/** Floods of frames, each of which must end in a close with 4429. */
export const floods: readonly { readonly name: string; readonly send: (peer: RawPeer) => void }[] = [
  { name: "pings", send: (peer) => flood(peer, 100_000, (i) => frame(3, i)) },
  { name: "pongs that nobody asked for", send: (peer) => flood(peer, 100_000, (i) => frame(4, i, null)) },
  {
    name: "calls that are cancelled at once (rapid reset)",
    send: (peer) => flood(peer, 30_000, (i) => bytesOf(call(i * 2 + 1, "sleep"), frame(21, i * 2 + 1, 1))),
  },
  {
    name: "cancels of one call, again and again",
    send: (peer) => {
      peer.sendBytes(call(1, "sleep"));
      flood(peer, 30_000, () => frame(21, 1, 1));
    },
  },
  {
    name: "credit for a stream that sends nothing",
    send: (peer) => {
      peer.sendBytes(call(1, "talk"));
      flood(peer, 50_000, (i) => frame(22, 1, 300_000 + i));
    },
  },
  {
    name: "credit that is repeated",
    send: (peer) => {
      peer.sendBytes(call(1, "sleep"));
      flood(peer, 50_000, () => frame(22, 1, 0));
    },
  },
  { name: "credit for chunks that were never sent", send: (peer) => flood(peer, 50_000, (i) => frame(22, 0, 5_000_000 + i)) },
  {
    name: "credit for a call that has ended",
    send: (peer) => {
      peer.sendBytes(call(1, "empty"));
      flood(peer, 50_000, (i) => frame(22, 1, i));
    },
  },
];
