import { type Client, type ClientOptions, createClient } from "@farcall/client";
import { createServer, type Server } from "@farcall/server";
import { createMemoryNetwork, FakeClock, RawServer, settle } from "@farcall/testing";
import { expect } from "chai";
import { Conformance, type ConformanceHandler } from "../contracts/gen/conformance.js";
import { wellBehaved } from "./implementation.js";
import { frame } from "./malformed.js";
import { openHandles } from "./pair.js";
import { silent, welcoming } from "./quiet-server.js";
import { failureOf, gate, until } from "./settlement.js";

const quick: ClientOptions = { reconnect: { baseMs: 1, capMs: 1 } };

async function start(
  port: number,
  handlers: Partial<ConformanceHandler> = {},
): Promise<{ server: Server; url: string; port: number }> {
  const server = createServer({ port, logger: { error() {}, warn() {} } });
  server.implement(Conformance, { ...wellBehaved, ...handlers });
  const listening = await server.listen();
  return { server, ...listening };
}

describe("a server that goes away", () => {
  let client: Client | undefined;
  let before: number;
  beforeEach(async () => {
    await settle(1);
    before = openHandles();
  });
  afterEach(async () => {
    await client?.close();
    await until(() => openHandles() <= before, "every socket and timer is gone");
  });

  it("is found again on the same port, and calls made meanwhile succeed", async () => {
    const first = await start(0);
    client = createClient(first.url, quick);
    const stub = client.service(Conformance);
    await stub.empty();
    await first.server.close();
    await until(() => client?.state !== "ready", "the client has noticed");
    const call = stub.echo(new Uint8Array([1]));
    expect(client.queuedCalls).to.equal(1);
    const second = await start(first.port);
    expect(await call).to.deep.equal(new Uint8Array([1]));
    expect(client.state).to.equal("ready");
    await stub.empty();
    await second.server.close();
  });

  it("settles the call under way as UNAVAILABLE, executed unknown, and runs it no second time", async () => {
    const entered = gate();
    let entries = 0;
    const handlers: Partial<ConformanceHandler> = {
      sleep(ctx) {
        entries++;
        entered.open();
        return wellBehaved.sleep(ctx);
      },
    };
    const first = await start(0, handlers);
    client = createClient(first.url, quick);
    const stub = client.service(Conformance);
    const call = failureOf(stub.sleep());
    await entered.opened;
    await first.server.close();
    expect(await call).to.include({ code: "UNAVAILABLE", executed: "unknown" });
    const second = await start(first.port, handlers);
    await stub.empty();
    expect(entries).to.equal(1);
    await second.server.close();
  });

  it("fails calls that would not wait at once, executed no", async () => {
    const first = await start(0);
    client = createClient(first.url, { reconnect: { baseMs: 60_000, capMs: 60_000 } });
    const stub = client.service(Conformance);
    await stub.empty();
    await first.server.close();
    await until(() => client?.state === "reconnecting", "the client has noticed");
    expect(await failureOf(stub.empty({ waitForReady: false }))).to.include({ code: "UNAVAILABLE", executed: "no" });
    expect(client.queuedCalls).to.equal(0);
  });
});

describe("a client without a server", () => {
  const absent = (options: ClientOptions = {}) => {
    const clock = new FakeClock();
    const network = createMemoryNetwork();
    const client = createClient("memory://absent", { clock, connector: network.connector, ...options });
    return { clock, client };
  };

  it("waits with full jitter: the random share of a cap that doubles from 200 ms to 30 s, and of its upper half then", async () => {
    const { clock, client } = absent({ random: () => 0.5 });
    const delays: number[] = [];
    client.on("reconnecting", ({ delayMs }) => delays.push(delayMs));
    for (let minute = 0; minute < 3; minute++) await clock.advance(60_000);
    expect(delays.slice(0, 10)).to.deep.equal([100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 22_500, 22_500]);
    await client.close();
    expect(clock.pendingTimers).to.equal(0);
  });

  for (const { random, expected } of [
    { random: 0, expected: [0, 0, 0] },
    { random: 0.25, expected: [50, 100, 200] },
    { random: 0.999, expected: [199.8, 399.6, 799.2] },
  ]) {
    it(`waits ${expected.join(", ")} ms when chance says ${random}`, async () => {
      const { clock, client } = absent({ random: () => random });
      const delays: number[] = [];
      client.on("reconnecting", ({ delayMs }) => {
        delays.push(delayMs);
        if (delays.length === 3) void client.close();
      });
      await clock.advance(2_000);
      expect(delays).to.deep.equal(expected);
      expect(clock.pendingTimers).to.equal(0);
    });
  }

  it("row 23: starts the waits over only after a connection that lasted 30 s", async () => {
    const clock = new FakeClock();
    const { connector, hangUp, send } = welcoming();
    const client = createClient("memory://fickle", { clock, connector, random: () => 0.5 });
    const delays: number[] = [];
    client.on("reconnecting", ({ delayMs }) => delays.push(delayMs));
    for (let i = 0; i < 4; i++) {
      await clock.advance(1_000);
      expect(client.state).to.equal("ready");
      hangUp();
      await settle();
    }
    expect(delays).to.deep.equal([100, 200, 400, 800]);
    await clock.advance(16_000);
    // A sign of life, or the silence would count.
    send(frame(64, 1));
    await clock.advance(16_000);
    hangUp();
    await settle();
    expect(delays.slice(4)).to.deep.equal([100]);
    await client.close();
    expect(clock.pendingTimers).to.equal(0);
  });

  for (const state of ["connecting", "reconnecting"] as const) {
    it(`row 27: leaves no timer behind when it is closed while ${state}`, async () => {
      const clock = new FakeClock();
      const connector = state === "connecting" ? silent().connector : createMemoryNetwork().connector;
      const client = createClient("memory://absent", { clock, connector, random: () => 0.9 });
      await clock.advance(0);
      expect(client.state).to.equal(state);
      const call = failureOf(client.service(Conformance).empty());
      const ready = failureOf(client.ready());
      await client.close();
      expect(await call).to.include({ code: "CANCELLED", executed: "no" });
      expect(await ready).to.include({ executed: "no" });
      expect(clock.pendingTimers).to.equal(0);
      expect(client.state).to.equal("closed");
    });
  }

  it("row 65: fails a call on a closed client with CANCELLED, executed no, and leaves no timer", async () => {
    const { clock, client } = absent();
    await client.close();
    expect(await failureOf(client.service(Conformance).empty())).to.include({ code: "CANCELLED", executed: "no" });
    expect(clock.pendingTimers).to.equal(0);
  });

  it("row 22: gives up an attempt that is never welcomed after 10 s, and makes the next", async () => {
    const { connector, dialled } = silent();
    const clock = new FakeClock();
    const client = createClient("memory://silent", { clock, connector, random: () => 0.5 });
    await clock.advance(9_999);
    expect([client.state, dialled()]).to.deep.equal(["connecting", 1]);
    await clock.advance(1);
    expect(client.state).to.equal("reconnecting");
    await clock.advance(100);
    expect([client.state, dialled()]).to.deep.equal(["connecting", 2]);
    await client.close();
    expect(clock.pendingTimers).to.equal(0);
  });

  it("row 22: also when the silent server is a real socket", async () => {
    const server = await RawServer.listen();
    const clock = new FakeClock();
    const client = createClient(server.url, { clock, random: () => 0.5 });
    const peer = await server.connection();
    await clock.advance(10_000);
    expect(client.state).to.equal("reconnecting");
    await peer.closed();
    await clock.advance(100);
    await server.welcomed();
    await client.close();
    await server.close();
  });
});
