import { type Balancer, type BalancerEndpoint, type Client, createClient, manualResolver, type Picker } from "@farcall/client";
import { createServer, type Server } from "@farcall/server";
import { createMemoryNetwork, FakeClock, type MemoryNetwork, settle } from "@farcall/testing";
import { expect } from "chai";
import { wellBehaved } from "../conformance/implementation.js";
import { Conformance } from "../contracts/gen/conformance.js";
import { leavesNothing } from "../faults/nothing-left.js";

/** The first that will do, and how many pickers were asked for. */
class Counting implements Balancer {
  readonly name = "counting";
  made = 0;

  picker(ready: readonly BalancerEndpoint[]): Picker {
    this.made++;
    return { pick: (request) => ready.find((endpoint) => !request.excludes(endpoint)) };
  }
}

describe("a storm of changes", () => {
  const keep = leavesNothing();
  let network: MemoryNetwork;
  let clock: FakeClock;
  let balancer: Counting;
  let client: Client;

  beforeEach(() => {
    network = createMemoryNetwork();
    clock = new FakeClock();
    balancer = new Counting();
  });

  async function serve(name: string): Promise<Server> {
    const server = keep(createServer({ clock, listener: network.listener(name) }));
    server.implement(Conformance, wellBehaved);
    await server.listen();
    return server;
  }

  it("F4: of a server's health leads to one picker for each batch that tells of it", async () => {
    const server = await serve("a");
    client = keep(createClient("memory://a", { clock, connector: network.connector, balancer }));
    await client.ready();
    await settle();
    balancer.made = 0;
    for (let i = 0; i < 1_000; i++) server.setHealth("", i % 2 === 1);
    await settle();
    expect(balancer.made).to.be.within(1, 3);
    await client.service(Conformance).empty();
    server.setHealth("", false);
    await settle();
    const call = client.service(Conformance).empty({ timeoutMs: 1_000 });
    expect(client.queuedCalls).to.equal(1);
    server.setHealth("", true);
    await call;
  });

  it("row 96: of 10,000 lists within a turn leads to one picker, and each change takes one connection", async () => {
    const names = Array.from({ length: 6 }, (_, i) => `s${i}`);
    for (const name of names) await serve(name);
    const urls = names.map((name) => `memory://${name}`);
    const resolver = manualResolver(urls.slice(0, 5));
    client = keep(createClient(resolver, { clock, connector: network.connector, balancer }));
    await client.ready();
    await settle();
    balancer.made = 0;
    const removed: string[] = [];
    client.on("endpointRemoved", ({ url }) => removed.push(url));
    for (let i = 0; i < 10_000; i++) {
      resolver.set(urls.slice(0, 5).map((url) => ({ url, weight: 1 + (i % 7) })));
    }
    resolver.set(urls.slice(1));
    await settle();
    // One for the lists, and one for the connection that came of them.
    expect(balancer.made).to.be.within(1, 3);
    expect(removed).to.deep.equal(["memory://s0"]);
    expect(client.endpoints().map(({ url, state }) => [url, state])).to.deep.equal(urls.slice(1).map((url) => [url, "ready"]));
  });

  it("row 96: a list from inside a listener counts, and is the last word", async () => {
    for (const name of ["a", "b", "c"]) await serve(name);
    const resolver = manualResolver(["memory://a", "memory://b"]);
    client = keep(createClient(resolver, { clock, connector: network.connector, balancer }));
    await client.ready();
    client.on("endpointRemoved", ({ url }) => {
      if (url === "memory://a") resolver.set(["memory://c"]);
    });
    resolver.set(["memory://b"]);
    await settle();
    expect(client.endpoints().map(({ url }) => url)).to.deep.equal(["memory://c"]);
    await client.service(Conformance).empty();
  });
});
