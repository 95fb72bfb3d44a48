import { createClient } from "@farcall/client";
import { createServer } from "@farcall/server";
import { FakeClock, RawPeer, settle } from "@farcall/testing";
import { expect } from "chai";
import { Conformance } from "../contracts/gen/conformance.js";
import { wellBehaved } from "./implementation.js";
import { frame } from "./malformed.js";
import { withPair } from "./pair.js";
import { welcoming } from "./quiet-server.js";
import { collect, failureOf } from "./settlement.js";

/** A client that has been welcomed by a server that says nothing more. */
async function quietPair() {
  const clock = new FakeClock();
  const peer = welcoming({ once: true });
  const client = createClient("memory://quiet", { clock, connector: peer.connector, random: () => 0.5 });
  await client.ready();
  const lost: { readonly atMs: number; readonly message: string }[] = [];
  client.on("reconnecting", ({ cause }) => lost.push({ atMs: clock.now(), message: cause.message }));
  return { clock, peer, client, lost };
}

/** The wheel turns every 8 ms: never early, at most that late. */
const tickMs = 8;
const pings = (heard: readonly number[]): number => heard.filter((kind) => kind === 3).length;

describe("heartbeats", () => {
  it("row 20: declare a silent server dead 10 s after a call began to wait, and settle the call", async () => {
    const { clock, client, lost } = await quietPair();
    const call = failureOf(client.service(Conformance).empty({ timeoutMs: 60_000 }));
    for (let second = 0; second < 9; second++) await clock.advance(1_000);
    await clock.advance(900);
    expect(lost).to.deep.equal([]);
    await clock.advance(100 + 3 * tickMs);
    expect(await call).to.include({ code: "UNAVAILABLE", executed: "unknown" });
    expect(lost.map(({ atMs }) => atMs)[0]).to.be.within(10_000, 10_000 + 3 * tickMs);
    expect(lost[0]?.message).to.include("nothing heard");
    await client.close();
    expect(clock.pendingTimers).to.equal(0);
  });

  it("row 20: declare a silent server dead after 25 s without a call, having asked for a sign of life at 15 s", async () => {
    const { clock, peer, client, lost } = await quietPair();
    await clock.advance(14_900);
    expect(pings(peer.heard)).to.equal(0);
    await clock.advance(200);
    expect(pings(peer.heard)).to.equal(1);
    await clock.advance(9_800);
    expect(lost).to.deep.equal([]);
    await clock.advance(100 + 3 * tickMs);
    expect(lost.map(({ atMs }) => atMs)[0]).to.be.within(25_000, 25_000 + 3 * tickMs);
    await client.close();
    expect(clock.pendingTimers).to.equal(0);
  });

  it("row 39: ask a server that stands still a few times only: what it finds when it wakes must not look like a flood", async () => {
    const { clock, peer, client } = await quietPair();
    const call = failureOf(client.service(Conformance).empty({ timeoutMs: 60_000 }));
    for (let step = 0; step < 99; step++) await clock.advance(100);
    expect(pings(peer.heard)).to.be.within(2, 6);
    await clock.advance(1_000);
    expect(await call).to.include({ code: "UNAVAILABLE" });
    await client.close();
  });

  it("row 20: suspect a silent server by calls that nobody waits for any more, as when each is taken elsewhere soon", async () => {
    const { clock, client } = await quietPair();
    const suspected: number[] = [];
    client.on("suspect", () => suspected.push(clock.now()));
    const stub = client.service(Conformance);
    await clock.advance(3_000);
    const began = clock.now();
    for (let call = 0; call < 10 && suspected.length === 0; call++) {
      const failure = failureOf(stub.empty({ timeoutMs: 200 }));
      await clock.advance(250);
      expect(await failure).to.include({ code: "DEADLINE_EXCEEDED" });
    }
    expect(suspected).to.have.lengthOf(1);
    expect((suspected[0] ?? 0) - began).to.be.within(1_000, 1_000 + 4 * tickMs);
    await client.close();
    expect(clock.pendingTimers).to.equal(0);
  });

  it("row 26: take any frame as a sign of life: a server that only sends data is not dead", async () => {
    const { clock, peer, client, lost } = await quietPair();
    const items = collect(client.service(Conformance).download([1]));
    await settle();
    for (let second = 0; second < 60; second++) {
      await clock.advance(1_000);
      peer.send(frame(19, 1, new Uint8Array(1)));
      await settle(1);
    }
    peer.send(frame(20, 1));
    expect(await items).to.have.lengthOf(60);
    expect(lost).to.deep.equal([]);
    await client.close();
  });

  it("row 30: keep a quiet connection through an hour, when both sides answer", async () => {
    const clock = new FakeClock();
    const lost: unknown[] = [];
    await withPair("memory", {}, { clock }, async ({ client }) => {
      client.on("reconnecting", (info) => lost.push(info));
      for (let minute = 0; minute < 60; minute++) await clock.advance(60_000);
    });
    expect(lost).to.deep.equal([]);
  });

  it("row 20: declare a silent caller dead after 25 s on the server, and abort its handlers", async () => {
    const clock = new FakeClock();
    const server = createServer({ clock });
    let reason: unknown;
    server.implement(Conformance, {
      ...wellBehaved,
      async sleep(ctx) {
        await wellBehaved.sleep(ctx);
        reason = ctx.signal.reason;
      },
    });
    const { url } = await server.listen();
    const peer = await RawPeer.welcomed(url);
    peer.sendFrames([23, 0, "farcall.test.Conformance", "sleep", ""], [16, 1, 0, 0, null, []]);
    while (server.connections()[0]?.runningCalls !== 1) await settle(1);
    await clock.advance(14_000);
    await clock.advance(10_900);
    expect(server.connections()).to.have.lengthOf(1);
    await clock.advance(100 + 3 * tickMs);
    expect(await peer.closed()).to.include({ code: 1006 });
    expect(server.connections()).to.deep.equal([]);
    expect(reason).to.include({ code: "CANCELLED" });
    await server.close();
    expect(clock.pendingTimers).to.equal(0);
  });

  it("row 22, O6: close with 4408 a socket that has said no hello within 5 s", async () => {
    const clock = new FakeClock();
    const server = createServer({ clock });
    const { url } = await server.listen();
    const peer = await RawPeer.connect(url);
    await settle();
    await clock.advance(4_999);
    expect(peer.socket.readyState).to.equal(peer.socket.OPEN);
    await clock.advance(1);
    expect(await peer.closed()).to.include({ code: 4408 });
    await server.close();
    expect(clock.pendingTimers).to.equal(0);
  });
});
