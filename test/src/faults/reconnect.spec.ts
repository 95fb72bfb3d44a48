import { type Client, createClient } from "@farcall/client";
import type { Connector, Transport, TransportEvents } from "@farcall/protocol";
import { createServer } from "@farcall/server";
import { createFaultProxy, createMemoryNetwork, FakeClock, type FaultProxy, RawServer, settle } from "@farcall/testing";
import { expect } from "chai";
import { wellBehaved } from "../conformance/implementation.js";
import { failureOf, until } from "../conformance/settlement.js";
import { Conformance } from "../contracts/gen/conformance.js";
import { leavesNothing, seeded } from "./nothing-left.js";
import { watch } from "./watched.js";

const minutes = 60_000;

/** A network on which every connection is accepted and closed at once. */
function slammingDoor(): { readonly connector: Connector; readonly accepted: () => number } {
  const network = createMemoryNetwork();
  let accepted = 0;
  void network.listener("door").listen((transport): TransportEvents => {
    accepted++;
    transport.close(1001, "");
    return { open() {}, message() {}, drained() {}, closed() {} };
  });
  return { connector: network.connector, accepted: () => accepted };
}

/** The longest that the wait before an attempt may be: 200 ms, twice as long each time, 30 s at most. */
const capOf = (attempt: number): number => Math.min(30_000, 200 * 2 ** (attempt - 1));

describe("reconnecting", () => {
  const keep = leavesNothing();

  /** The waits of a client, each checked against the cap of its attempt. */
  function waitsOf(client: Client): number[] {
    const waits: number[] = [];
    client.on("reconnecting", ({ delayMs, attempt }) => {
      waits.push(delayMs);
      expect(attempt).to.equal(waits.length);
      expect(delayMs).to.be.within(0, capOf(attempt));
    });
    return waits;
  }

  for (const seed of [1, 2, 3, 4, 5]) {
    it(`row 23: to a server that accepts and closes at once, for 10 minutes: no more than 40 connects (seed ${seed})`, async () => {
      const clock = new FakeClock();
      const { connector, accepted } = slammingDoor();
      const client = createClient("memory://door", { clock, connector, random: seeded(seed) });
      const waits = waitsOf(client);
      await clock.advance(10 * minutes);
      expect(accepted()).to.be.within(25, 40);
      expect(waits.length).to.be.within(accepted() - 1, accepted());
      await client.close();
      expect(clock.pendingTimers).to.equal(0);
    });
  }

  it("row 23: the same on real sockets", async () => {
    const clock = new FakeClock();
    const proxy = keep(await createFaultProxy("ws://127.0.0.1:1"));
    await proxy.accept("close");
    const client = keep(createClient(proxy.url, { clock, random: seeded(1) }));
    const waits = waitsOf(client);
    for (let attempt = 0; clock.now() < 10 * minutes; attempt++) {
      await until(() => waits.length > attempt, "the attempt has failed");
      await clock.advance(waits[attempt] as number);
    }
    expect(proxy.accepted).to.be.within(25, 40);
    await client.close();
    expect(clock.pendingTimers).to.equal(0);
  });

  it("row 27: after a loss while the hello waits: one socket, and none after close()", async () => {
    const server = keep(await RawServer.listen());
    const proxy = keep(await createFaultProxy(server.url));
    const clock = new FakeClock();
    const client = keep(createClient(proxy.url, { clock, random: () => 0.5 }));
    for (let attempt = 1; attempt <= 3; attempt++) {
      const peer = await server.connection();
      expect((await peer.frame())?.kind).to.equal(1);
      expect([proxy.connections().length, client.state]).to.deep.equal([1, "connecting"]);
      proxy.cut();
      await until(() => client.state === "reconnecting", "the loss is noticed");
      await until(() => proxy.connections().length === 0, "the socket is gone");
      await clock.advance(capOf(attempt) / 2);
    }
    await server.welcomed();
    await until(() => client.state === "ready", "it is ready");
    expect(proxy.connections()).to.have.lengthOf(1);
    await client.close();
    await until(() => proxy.connections().length === 0, "the socket is gone");
    expect(clock.pendingTimers).to.equal(0);
  });

  it("row 24: a client that loses all connections to servers with few clients dials them at once; calls wait for the first", async () => {
    const clock = new FakeClock();
    const proxies: FaultProxy[] = [];
    for (let i = 0; i < 3; i++) {
      const server = keep(createServer({ clock }));
      server.implement(Conformance, wellBehaved);
      proxies.push(keep(await createFaultProxy((await server.listen()).url)));
    }
    const urls = proxies.map(({ url }) => url);
    const client = keep(createClient(urls, { clock, random: seeded(3) }));
    const areReady = () => client.endpoints().every(({ state }) => state === "ready");
    const waits: number[] = [];
    client.on("reconnecting", ({ delayMs }) => waits.push(delayMs));
    const stub = client.service(Conformance);
    for (let cut = 0; cut < 3; cut++) {
      await until(areReady, "all connections are there");
      await clock.advance(1_600);
      for (const proxy of proxies) proxy.cut();
      await until(() => client.endpoints().every(({ state }) => state === "reconnecting"), "the loss is noticed");
      const call = stub.empty();
      await clock.advance(8);
      await call;
    }
    expect(waits.length).to.be.at.least(9);
    expect(Math.max(...waits)).to.be.below(8);
    await client.close();
  });

  it("row 27: whatever is asked of it during a wait, it connects once, when the wait is over", async () => {
    const server = keep(createServer());
    server.implement(Conformance, wellBehaved);
    const proxy = keep(await createFaultProxy((await server.listen()).url));
    const clock = new FakeClock();
    const client = keep(createClient(proxy.url, { clock, random: () => 0.5 }));
    await client.ready();
    proxy.cut();
    await until(() => client.state === "reconnecting", "the loss is noticed");
    const stub = client.service(Conformance);
    const asked = [client.ready(), client.ready(), ...Array.from({ length: 100 }, () => stub.empty())];
    await settle(20);
    await clock.advance(99);
    expect([client.state, proxy.accepted]).to.deep.equal(["reconnecting", 1]);
    await clock.advance(1);
    await Promise.all(asked);
    expect([proxy.accepted, proxy.connections().length]).to.deep.equal([2, 1]);
    await client.close();
    expect(clock.pendingTimers).to.equal(0);
  });

  it("row 27: close() during a wait is the end: no further attempt, ever", async () => {
    const clock = new FakeClock();
    const proxy = keep(await createFaultProxy("ws://127.0.0.1:1"));
    await proxy.accept("close");
    const client = createClient(proxy.url, { clock, random: () => 0.5 });
    const waits = waitsOf(client);
    await until(() => waits.length === 1, "it waits");
    const call = failureOf(client.service(Conformance).empty());
    await client.close();
    expect(await call).to.include({ code: "CANCELLED", executed: "no" });
    expect(clock.pendingTimers).to.equal(0);
    await clock.advance(10 * minutes);
    expect([proxy.accepted, waits.length, client.state]).to.deep.equal([1, 1, "closed"]);
  });

  it("says why calls have waited for 5 s, once in each outage", async () => {
    const clock = new FakeClock();
    const network = createMemoryNetwork();
    const warnings: string[] = [];
    const logger = { error: (text: string) => warnings.push(text), warn: (text: string) => warnings.push(text) };
    const client = createClient("memory://server", { clock, connector: network.connector, logger, random: seeded(1) });
    const stub = client.service(Conformance);
    const serve = async () => {
      const server = createServer({ listener: network.listener("server"), clock });
      await server.implement(Conformance, wellBehaved).listen();
      return server;
    };
    const why =
      "farcall: there has been no connection for 5 s, and calls wait: could not connect to memory://server: nobody listens there";

    const call = stub.empty({ timeoutMs: Infinity });
    await clock.advance(4_999);
    expect(warnings).to.deep.equal([]);
    await clock.advance(60_000);
    expect(warnings).to.deep.equal([why]);
    const first = await serve();
    await clock.advance(30_000);
    await call;
    // Nobody waits: nobody is told.
    const closing = first.close();
    await clock.advance(60_000);
    await closing;
    expect(warnings).to.deep.equal([why]);
    const next = failureOf(stub.empty({ timeoutMs: 6_000 }));
    await clock.advance(7_000);
    await next;
    expect(warnings).to.deep.equal([why, why]);
    await client.close();
    expect(clock.pendingTimers).to.equal(0);
  });

  for (const seed of [11, 12, 13, 14, 15]) {
    it(`row 27: through a storm of losses, refusals and silence: one socket at a time, and none after close() (seed ${seed})`, async () => {
      const random = seeded(seed);
      const clock = new FakeClock();
      const network = createMemoryNetwork();
      const transports = new Set<Transport>();
      const far = (accept: (transport: Transport) => TransportEvents) => (transport: Transport) => {
        transports.add(transport);
        return accept(transport);
      };
      const inner = network.listener("server");
      const server = keep(
        createServer({
          clock,
          listener: { listen: (accept, admission) => inner.listen(far(accept), admission), stop: () => inner.stop() },
        }),
      );
      server.implement(Conformance, wellBehaved);
      await server.listen();
      const mute = createMemoryNetwork();
      await mute.listener("server").listen(() => ({ open() {}, message() {}, drained() {}, closed() {} }));
      const nobody = createMemoryNetwork();
      let most = 0;
      const sockets = watch(() => {
        most = Math.max(most, sockets.open + 1);
        return [network, network, mute, nobody][Math.floor(random() * 4)]?.connector as Connector;
      }, clock);
      const logger = { error() {}, warn() {} };
      const { connector } = sockets;
      const client = createClient("memory://server", { clock, random, logger, connector, connectTimeoutMs: 2_000 });
      const stub = client.service(Conformance);
      const calls: Promise<unknown>[] = [];
      for (let step = 0; step < 300; step++) {
        const chance = random();
        if (chance < 0.2) for (const transport of transports) transport.terminate();
        else if (chance < 0.4) calls.push(stub.empty({ timeoutMs: 1_000 + 4_000 * random() }).catch(() => {}));
        else if (chance < 0.5) calls.push(client.ready({ timeoutMs: 1_000 }).catch(() => {}));
        else await clock.advance(1_000 * random());
      }
      const closing = client.close();
      // A socket says that it is gone by the clock.
      await clock.advance(1);
      await closing;
      await Promise.all(calls);
      expect([most, sockets.open], "most sockets at once, and after close").to.deep.equal([1, 0]);
      const attempts = sockets.dialled.length;
      expect(attempts).to.be.at.least(5);
      await clock.advance(10 * minutes);
      expect([sockets.dialled.length, server.connections().length]).to.deep.equal([attempts, 0]);
      await server.close();
      expect(clock.pendingTimers).to.equal(0);
    });
  }
});
