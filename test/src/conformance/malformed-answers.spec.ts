import { type Client, createClient } from "@farcall/client";
import { type RawPeer, RawServer } from "@farcall/testing";
import { expect } from "chai";
import { Conformance, type ConformanceClient } from "../contracts/gen/conformance.js";
import { bytesOf, frame, type Malformed, malformedMessages, malformedValues, oddValues } from "./malformed.js";
import { openHandles } from "./pair.js";
import { collect, failureOf, until } from "./settlement.js";

/** What only a server can get wrong; call 1 is under way. */
const malformedAnswers: readonly Malformed[] = [
  { name: "a result for a call that was never made", bytes: frame(17, 3, null), code: 4400 },
  { name: "a result for an id of the server's parity", bytes: frame(17, 2, null), code: 4400 },
  { name: "an error for a call that was never made", bytes: frame(18, 3, 13, 1, "", null), code: 4400 },
  { name: "an item for a call that was never made", bytes: frame(19, 3, 1), code: 4400 },
  { name: "an end for a call that was never made", bytes: frame(20, 3), code: 4400 },
  { name: "a cancel of the client's own call", bytes: frame(21, 1, 1), code: 4400 },
  { name: "a result of two elements", bytes: frame(17, 1), code: 4400 },
  { name: "an error whose message is bytes", bytes: frame(18, 1, 13, 1, new Uint8Array(1), null), code: 4400 },
  { name: "an error with a message of 4,097 bytes", bytes: frame(18, 1, 13, 1, "m".repeat(4_097), null), code: 4400 },
  { name: "an error whose code is text", bytes: frame(18, 1, "INTERNAL", 1, "", null), code: 4400 },
  { name: "a call with an id of the opener's parity", bytes: frame(16, 3, 0, 0, null, []), code: 4400 },
];

const malformedWelcomes: readonly Malformed[] = [
  { name: "a ping", bytes: frame(3, 1), code: 4400 },
  { name: "a result", bytes: frame(17, 1, null), code: 4400 },
  { name: "a hello", bytes: frame(1, {}), code: 4400 },
  { name: "a goodbye", bytes: frame(5, 0, ""), code: 4400 },
  { name: "a welcome that is no map", bytes: frame(2, 1), code: 4400 },
  { name: "a welcome of more than 16 KiB", bytes: frame(2, { junk: "j".repeat(16_384) }), code: 4413 },
  { name: "a welcome with an instanceId that is a number", bytes: frame(2, { instanceId: 1 }), code: 4400 },
  { name: "an empty message", bytes: new Uint8Array(0), code: 4400 },
];

interface Raw {
  readonly server: RawServer;
  readonly client: Client;
  readonly stub: ConformanceClient;
}

/** A client with a raw server; waits for nothing between attempts. */
async function withRawServer(run: (raw: Raw) => Promise<void>): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  const before = openHandles();
  const server = await RawServer.listen();
  const client = createClient(server.url, { reconnect: { baseMs: 1, capMs: 1 } });
  try {
    await run({ server, client, stub: client.service(Conformance) });
    expect(client.queuedCalls).to.equal(0);
  } finally {
    await client.close();
    await server.close();
  }
  await until(() => openHandles() <= before, "every socket and timer is gone");
}

/** Reads up to the next call and gives its id. */
async function nextCall(peer: RawPeer): Promise<number> {
  for (;;) {
    const received = await peer.frame();
    if (received === undefined) throw new Error("the client has hung up");
    if (received.kind === 16) return received.id;
  }
}

async function survives({ server, stub }: Raw): Promise<void> {
  const call = stub.empty();
  const peer = await server.welcomed();
  peer.sendFrames([17, await nextCall(peer), null]);
  await call;
}

describe("malformed bytes from a server", () => {
  const inAnswers = malformedValues.map(({ name, bytes, code }) => ({
    name: `a result with ${name}`,
    bytes: bytesOf(0x93, 17, 1, bytes),
    code,
  }));
  for (const { name, bytes, code } of [...malformedMessages, ...malformedAnswers, ...inAnswers]) {
    it(`ends the connection with ${code}, not the client, for ${name}`, () =>
      withRawServer(async (raw) => {
        const call = failureOf(raw.stub.empty());
        const peer = await raw.server.welcomed();
        await nextCall(peer);
        peer.sendBytes(bytes);
        expect(await peer.closed()).to.include({ code });
        expect(await call).to.include({ code: "UNAVAILABLE", executed: "unknown" });
        await survives(raw);
      }));
  }

  for (const { name, bytes, code } of malformedWelcomes) {
    it(`closes with ${code} and tries again when ${name} comes in place of welcome`, () =>
      withRawServer(async (raw) => {
        const peer = await raw.server.connection();
        await peer.frame();
        peer.sendBytes(bytes);
        expect(await peer.closed()).to.include({ code });
        await survives(raw);
      }));
  }

  it("closes with 1003 for a text message, and does not come back: the server is not one of ours", () =>
    withRawServer(async ({ server, client, stub }) => {
      const call = failureOf(stub.empty());
      const peer = await server.welcomed();
      await nextCall(peer);
      peer.socket.send("hello");
      expect(await peer.closed()).to.include({ code: 1003 });
      expect(await call).to.include({ code: "UNAVAILABLE", executed: "unknown" });
      expect(client.state).to.equal("closed");
      expect(await failureOf(stub.empty())).to.include({ code: "UNAVAILABLE", executed: "no" });
      expect(server.accepted).to.equal(1);
    }));

  for (const { name, answer, method } of [
    { name: "items in place of a result", answer: frame(19, 1, 1), method: "unary" },
    { name: "an end in place of a result", answer: frame(20, 1), method: "unary" },
    { name: "a result in place of a stream", answer: frame(17, 1, 1), method: "stream" },
    { name: "an item of the wrong shape", answer: frame(19, 1, "text"), method: "stream" },
  ]) {
    it(`row 14: fails only the call that gets ${name}, with INTERNAL`, () =>
      withRawServer(async ({ server, stub }) => {
        const call = failureOf(method === "unary" ? stub.empty() : collect(stub.download([1])));
        const peer = await server.welcomed();
        await nextCall(peer);
        peer.sendBytes(answer);
        expect(await call).to.include({ code: "INTERNAL", executed: "yes" });
        const next = stub.empty();
        peer.sendFrames([17, await nextCall(peer), null]);
        await next;
        expect(server.accepted).to.equal(1);
      }));
  }

  it("row 14: ignores a second result, and an error after it", () =>
    withRawServer(async ({ server, stub }) => {
      const call = stub.empty();
      const peer = await server.welcomed();
      const id = await nextCall(peer);
      peer.sendFrames([17, id, null], [17, id, null], [18, id, 13, 1, "late", null]);
      expect(await call).to.equal(undefined);
      const next = stub.empty();
      peer.sendFrames([17, await nextCall(peer), null]);
      await next;
    }));

  it("reads an unknown code as UNKNOWN and an unknown executed as unknown", () =>
    withRawServer(async ({ server, stub }) => {
      const call = failureOf(stub.empty());
      const peer = await server.welcomed();
      peer.sendFrames([18, await nextCall(peer), 99, 9, "from the future", { reason: "NEW", other: 1 }]);
      const error = await call;
      expect(error).to.include({ code: "UNKNOWN", executed: "unknown", message: "from the future" });
      expect(error.reason).to.equal(undefined);
    }));

  for (const { name, bytes } of oddValues) {
    it(`refuses a result with ${name} by its shape alone, and the connection goes on`, () =>
      withRawServer(async ({ server, stub }) => {
        const call = failureOf(stub.order({ sku: "a", units: 1, lines: [] }));
        const peer = await server.welcomed();
        const id = await nextCall(peer);
        peer.sendBytes(bytesOf(0x93, 17, id, bytes));
        expect(await call).to.include({ code: "INTERNAL", executed: "yes" });
        const next = stub.empty();
        peer.sendFrames([17, await nextCall(peer), null]);
        await next;
      }));
  }
});
