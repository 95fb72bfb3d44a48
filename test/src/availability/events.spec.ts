import { type Client, type ClientEvents, createClient, type FarcallError, manualResolver } from "@farcall/client";
import { createServer } from "@farcall/server";
import { FakeClock, RawServer } from "@farcall/testing";
import { expect } from "chai";
import { failureOf, until } from "../conformance/settlement.js";
import { Shop } from "../contracts/gen/shop.js";
import { leavesNothing, shop, withFleet } from "./fleet.js";

const names = [
  "connecting",
  "ready",
  "suspect",
  "reconnecting",
  "draining",
  "endpointAdded",
  "endpointRemoved",
  "closed",
] as const satisfies readonly (keyof ClientEvents)[];

type Told = { readonly name: keyof ClientEvents; readonly payload: Readonly<Record<string, unknown>>; readonly state: string };

/** Everything the client tells, with its state at that moment. */
function listen(client: Client): Told[] {
  const told: Told[] = [];
  for (const name of names)
    client.on(name, (payload: object) => told.push({ name, payload: { ...payload }, state: client.state }));
  return told;
}

const only = (told: readonly Told[], name: string): readonly Told["payload"][] =>
  told.filter((one) => one.name === name).map(({ payload }) => payload);

describe("what a client tells", () => {
  leavesNothing();

  async function start() {
    const server = createServer({ logger: { error() {}, warn() {} }, reconnectSpreadMs: 1 });
    server.implement(Shop, shop("s0", []));
    return { server, ...(await server.listen()) };
  }

  it("endpointAdded, connecting and ready, in this order, to whoever listens in the turn the client was made", async () => {
    const { server, url } = await start();
    const client = createClient([{ id: "a", url }]);
    const told = listen(client);
    expect(client.state).to.equal("connecting");
    await client.ready();
    expect(told).to.deep.equal([
      { name: "endpointAdded", payload: { id: "a", url }, state: "connecting" },
      { name: "connecting", payload: { url, attempt: 0 }, state: "connecting" },
      { name: "ready", payload: { url }, state: "ready" },
    ]);
    await client.close();
    await server.close();
  });

  it("reconnecting, with the wait and the cause, and connecting with the number of the attempt", async () => {
    const { server, url } = await start();
    const clock = new FakeClock();
    const client = createClient(url, { clock, random: () => 0.5 });
    await client.ready();
    const told = listen(client);
    await server.close();
    await until(() => only(told, "reconnecting").length === 1, "the loss is known");
    const [{ cause, ...lost }] = only(told, "reconnecting") as [{ cause: FarcallError }];
    expect(lost).to.deep.equal({ url, attempt: 0, delayMs: 4 });
    expect(cause).to.include({ code: "UNAVAILABLE" });
    expect(client.state).to.equal("reconnecting");
    await clock.advance(4);
    await until(() => only(told, "reconnecting").length === 2, "the attempt has failed");
    expect(only(told, "connecting")).to.deep.equal([{ url, attempt: 0 }]);
    const [, again] = only(told, "reconnecting") as [unknown, { cause: FarcallError }];
    expect(again).to.include({ url, attempt: 1, delayMs: 100 });
    expect(again.cause.message).to.include(url);
    await client.close();
  });

  it("draining, with the reason, and ready on the next connection", async () => {
    const { server, url } = await start();
    const client = createClient(url);
    await client.ready();
    const told = listen(client);
    const call = client.service(Shop).order(1, 100);
    await until(() => server.connections()[0]?.runningCalls === 1, "the call runs");
    const drained = server.drain();
    await until(() => told.length > 0, "the client is told");
    expect(told[0]).to.deep.equal({ name: "draining", payload: { url, reason: "the server is leaving" }, state: "draining" });
    expect(await call).to.equal("s0");
    await drained;
    await client.close();
  });

  it("suspect, with the silence, and ready when the server is heard again", async () => {
    const clock = new FakeClock();
    await withFleet({ servers: 1, isProxied: true, client: { clock, random: () => 0.5 } }, async ({ client, stub, members }) => {
      const [member] = members;
      const told = listen(client);
      member?.proxy.fault({ blackHole: true });
      await member?.proxy.accept("silence");
      const call = stub.order(1, 0);
      await clock.advance(1_100);
      expect(told.map(({ name, state }) => [name, state])).to.deep.equal([["suspect", "suspect"]]);
      const [{ silenceMs, ...rest }] = only(told, "suspect") as [{ silenceMs: number }];
      expect(rest).to.deep.equal({ url: member?.url });
      expect(silenceMs).to.be.within(1_000, 1_100);
      expect(client.endpoints()[0]).to.include({ state: "suspect", pending: 1 });
      await member?.proxy.heal();
      expect(await call).to.equal("s0");
      expect(told.at(-1)).to.deep.equal({ name: "ready", payload: { url: member?.url }, state: "ready" });
    });
  });

  it("endpointRemoved, when the resolver lists it no more; calls under way there go on", async () => {
    await withFleet({ servers: 2 }, async ({ client, stub, resolver, members: [a, b], entries }) => {
      const told = listen(client);
      const calls = [stub.order(1, 50), stub.order(2, 50), stub.order(3, 50), stub.order(4, 50)];
      await until(() => entries.length === 4, "the calls run");
      resolver.set([{ id: "s1", url: b?.url ?? "" }]);
      expect(told).to.deep.equal([{ name: "endpointRemoved", payload: { id: "s0", url: a?.url }, state: "ready" }]);
      expect(client.endpoints().map(({ id }) => id)).to.deep.equal(["s1"]);
      await Promise.all(calls);
      expect(await stub.order(5, 0)).to.equal("s1");
    });
  });

  it("closed, once for each endpoint when the client closes, and nothing after it", async () => {
    await withFleet({ servers: 2 }, async ({ client, members }) => {
      const told = listen(client);
      await Promise.all([client.close(), client.close()]);
      expect(client.state).to.equal("closed");
      expect(told.map(({ name, payload: { url } }) => [name, url])).to.deep.equal(members.map(({ url }) => ["closed", url]));
      for (const { cause } of only(told, "closed"))
        expect(cause).to.include({ code: "CANCELLED", message: "the client is closed" });
    });
  });

  it("closed, when a server will not have us: the client is closed too, and says why", async () => {
    const server = await RawServer.listen();
    const client = createClient(server.url);
    const told = listen(client);
    const call = failureOf(client.service(Shop).quote(1, 0));
    const ready = failureOf(client.ready());
    (await server.connection()).socket.close(4401, "no such user");
    expect(await call).to.include({ code: "UNAVAILABLE", executed: "no" });
    expect((await ready).message).to.include("no such user");
    expect(client.state).to.equal("closed");
    const [{ cause, url }] = only(told, "closed") as [{ cause: FarcallError; url: string }];
    expect(url).to.equal(server.url);
    expect(cause.message).to.include("4401");
    expect((await failureOf(client.ready())).message).to.include("no such user");
    await client.close();
    expect(only(told, "closed")).to.have.lengthOf(1);
    await server.close();
  });

  it("through any number of listeners that throw: they are reported, and calls go on", async () => {
    const { server, url } = await start();
    const log: string[] = [];
    const client = createClient(url, { logger: { error: (line) => void log.push(line), warn() {} } });
    for (const name of names) {
      client.on(name, () => {
        throw new Error(`a listener of ${name}`);
      });
    }
    expect(await client.service(Shop).quote(1, 0)).to.equal("s0");
    await client.close();
    for (const name of ["endpointAdded", "connecting", "ready", "closed"]) {
      expect(
        log.filter((line) => line.includes(`a listener of ${name}`)),
        name,
      ).to.have.lengthOf(1);
    }
    await server.close();
  });
});

describe("client.ready, state and endpoints", () => {
  leavesNothing();

  it("ready() gives up after timeoutMs, with the cause as far as known; default 15 s", async () => {
    const clock = new FakeClock();
    const client = createClient("ws://127.0.0.1:9", { clock, random: () => 0.9 });
    const [soon, late] = [failureOf(client.ready({ timeoutMs: 500 })), failureOf(client.ready())];
    await until(() => client.state === "reconnecting", "an attempt has failed");
    await clock.advance(500);
    const error = await soon;
    expect(error).to.include({ code: "DEADLINE_EXCEEDED", executed: "no" });
    expect(error.message).to.include("no endpoint became ready within 500 ms").and.to.include("ws://127.0.0.1:9");
    await clock.advance(14_500);
    expect((await late).message).to.include("within 15000 ms");
    await client.close();
    expect(clock.pendingTimers).to.equal(0);
  });

  it("row 70: ready() resolves although a listener of ready throws, and rejects although one of closed does", async () => {
    const server = createServer();
    const { url } = await server.listen();
    const logged: string[] = [];
    const logger = { error: (text: string) => void logged.push(text), warn() {} };
    const boom = (): never => {
      throw new Error("mine");
    };
    const client = createClient(url, { logger });
    client.on("ready", boom).on("closed", boom);
    await client.ready({ timeoutMs: 1_000 });
    await client.close();
    await server.close();
    const refusing = await RawServer.listen();
    const refused = createClient(refusing.url, { logger });
    refused.on("closed", boom);
    const error = failureOf(refused.ready({ timeoutMs: 1_000 }));
    (await refusing.connection()).socket.close(4403, "not you");
    expect((await error).message).to.include("not you");
    await refused.close();
    await refusing.close();
    expect(logged.filter((text) => text.includes("mine"))).to.have.lengthOf(3);
  });

  for (const timeoutMs of [-1, Number.NaN, "5" as unknown as number]) {
    it(`row 70: ready() refuses a timeoutMs of ${String(timeoutMs)} (${typeof timeoutMs}) by name`, async () => {
      const client = createClient(manualResolver());
      const error: unknown = await client.ready({ timeoutMs }).catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(Error).with.property("message").that.includes("client.ready: timeoutMs");
      await client.close();
    });
  }

  it("state is the best of all endpoints, and endpoints() tells each", async () => {
    await withFleet({ servers: 1 }, async ({ client, resolver, members: [member], stub }) => {
      resolver.set([
        { id: "s0", url: member?.url ?? "", zone: "z", weight: 3 },
        { id: "gone", url: "ws://127.0.0.1:9" },
      ]);
      await until(() => client.endpoints()[1]?.state === "reconnecting", "one of them is down");
      expect(client.state).to.equal("ready");
      await stub.quote(1, 20);
      const [first, second] = client.endpoints();
      expect(first).to.include({ id: "s0", url: member?.url, zone: "z", weight: 3, state: "ready", pending: 0 });
      expect(first?.latencyMs).to.be.within(15, 500);
      expect(second).to.deep.equal({
        id: "gone",
        url: "ws://127.0.0.1:9",
        zone: undefined,
        weight: 1,
        pending: 0,
        latencyMs: 0,
        state: "reconnecting",
      });
    });
  });
});
