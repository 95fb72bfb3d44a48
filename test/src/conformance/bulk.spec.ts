import {
  type Connector,
  encode,
  FrameReader,
  kinds,
  subprotocol,
  type TransportEvents,
  WebSocketTransport,
} from "@farcall/protocol";
import { createMemoryNetwork } from "@farcall/testing";
import { expect } from "chai";
import { WebSocket } from "ws";
import { type TransportName, transports, withPair } from "./pair.js";

const bytesIn = 271_828;
const bytesOut = 314_159;
const request = new Uint8Array(bytesIn).fill(3);

/** A thousand at once is row 2 in full; `npm test` has to fit a small machine. */
const parallel = process.env.FARCALL_LONG === "1" ? 1_000 : 200;

for (const transport of transports) {
  describe(`row 17: bulk over ${transport}`, () => {
    it("row 2: carries 271,828 bytes in and 314,159 bytes out", () =>
      withPair(transport, {}, {}, async ({ stub }) => {
        expect(isAnswer(await stub.resize(request, bytesOut))).to.equal(true);
      }));

    it(`row 2: carries ${parallel} of them at once on one connection, and answers pings within a second meanwhile`, async function () {
      this.timeout(process.env.FARCALL_LONG === "1" ? 60_000 : 20_000);
      const probe = pingingConnector(transport);
      const server = probe.listener === undefined ? {} : { listener: probe.listener };
      const timeoutMs = 60_000;
      await withPair(
        transport,
        {},
        { client: { connector: probe.connector, timeoutMs }, server },
        async ({ stub, server: peer }) => {
          const calls = Array.from({ length: parallel }, () => stub.resize(request, bytesOut));
          let under = true;
          const pings = (async () => {
            const delays: number[] = [];
            // Five a second on average is what a peer may send, with 20 to spare; the client has some of its own to send.
            while (under && delays.length < 15) {
              delays.push(await probe.ping());
              await new Promise((resolve) => setImmediate(resolve));
            }
            return delays;
          })();
          const answers = await Promise.all(calls);
          under = false;
          const delays = await pings;
          expect(answers.every(isAnswer)).to.equal(true);
          expect(peer.connections()).to.have.lengthOf(1);
          expect(delays).to.not.deep.equal([]);
          expect(Math.max(...delays), "the slowest pong, in milliseconds").to.be.below(1_000);
        },
      );
    });
  });
}

function isAnswer(answer: Uint8Array): boolean {
  return answer.length === bytesOut && answer.every((byte) => byte === 7);
}

/** A connector that sends pings of its own between the client's messages, and hears their pongs. */
function pingingConnector(transport: TransportName) {
  const network = transport === "memory" ? createMemoryNetwork() : undefined;
  let send: ((bytes: Uint8Array) => void) | undefined;
  let heard: ((error?: Error) => void) | undefined;
  // Out of the client's range: its own pings count from one.
  const nonce = 0xfffff0;
  const connector: Connector = (url, events) => {
    const tapped: TransportEvents = {
      open: () => events.open(),
      drained: () => events.drained(),
      closed(info) {
        heard?.(new Error(`closed with ${info.code} ${info.reason}`));
        events.closed(info);
      },
      message(bytes) {
        const reader = new FrameReader(bytes);
        for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
          if (frame.kind === kinds.pong && frame.nonce === nonce) heard?.();
        }
        events.message(bytes);
      },
    };
    const dialled =
      network?.connector(url, tapped) ??
      new WebSocketTransport(new WebSocket(url, subprotocol, { perMessageDeflate: false }), url, tapped);
    send = (bytes) => dialled.send(bytes);
    return dialled;
  };
  return {
    connector,
    listener: network?.listener("server"),
    /** Sends a ping; resolves with the milliseconds until its pong. */
    async ping(): Promise<number> {
      const sentAt = performance.now();
      const answered = new Promise<void>((resolve, reject) => {
        heard = (error) => (error === undefined ? resolve() : reject(error));
      });
      send?.(encoded([3, nonce]));
      await answered;
      return performance.now() - sentAt;
    },
  };
}

function encoded(frame: readonly unknown[]): Uint8Array {
  const { bytes, start, end } = encode(frame);
  return Uint8Array.from(bytes.subarray(start, end));
}
