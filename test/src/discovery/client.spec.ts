import { createClient, dnsResolver } from "@farcall/client";
import { createServer, type Server } from "@farcall/server";
import { FakeClock } from "@farcall/testing";
import { expect } from "chai";
import { DnsServer } from "./dns-server.js";

describe("a client of a dns:// target", () => {
  let dns: DnsServer;
  let servers: Server[];

  beforeEach(async () => {
    dns = new DnsServer();
    await dns.start();
    servers = [];
  });
  afterEach(async () => {
    await Promise.all(servers.map((server) => server.close()));
    await dns.stop();
  });

  /** One server for each address of loopback, all at one port. */
  async function serve(host: string, port = 0): Promise<number> {
    const server = createServer({ host, port });
    servers.push(server);
    return (await server.listen()).port;
  }

  it("is refused where it is made, when the target makes no sense", () => {
    expect(() => createClient("dns://inventory.example")).to.throw(TypeError, "names no port");
    expect(() => createClient(["dns://inventory.example:7070"])).to.throw(TypeError, "stands for a list of its own");
  });

  it("needs no option: localhost is found as anywhere else", async () => {
    const client = createClient(`dns://localhost:${await serve("127.0.0.1")}?family=4`);
    await client.ready();
    expect(client.endpoints().map(({ url }) => url)).to.deep.equal([
      `ws://127.0.0.1:${new URL(client.endpoints()[0]?.url ?? "").port}`,
    ]);
    await client.close();
  });

  it("row 97: keeps its healthy connections through NXDOMAIN, and finds a new pod although none was lost", async () => {
    const clock = new FakeClock();
    const resolvers = [dnsResolver({ servers: [dns.address] })];
    const port = await serve("127.0.0.1");
    await serve("127.0.0.2", port);
    dns.hosts("inventory.example", ["127.0.0.1"]);
    const warnings: string[] = [];
    let warned!: () => void;
    const warning = new Promise<void>((resolve) => {
      warned = resolve;
    });
    const warn = (text: string): void => {
      warnings.push(text);
      warned();
    };
    const logger = { error: warn, warn };
    // The servers live in real time: silence, as this clock sees it, says nothing about them.
    const never = Number.POSITIVE_INFINITY;
    const heartbeat = { idleTimeoutMs: never, idleSuspectMs: never };
    const options = { resolvers, heartbeat, clock, random: () => 0.5, logger };
    const client = createClient(`dns://inventory.example:${port}`, options);
    const lost: unknown[] = [];
    client.on("reconnecting", (event) => lost.push(event));
    await client.ready();

    dns.zone.clear();
    await clock.advance(30_000);
    await warning;
    expect(warnings).to.have.length(1);
    expect(warnings[0]).to.include("there is no such name (ENOTFOUND); the last good list stays in use");
    expect(client.state).to.equal("ready");

    dns.hosts("inventory.example", ["127.0.0.1", "127.0.0.2"]);
    const added = new Promise((resolve) => client.once("endpointAdded", resolve));
    await clock.advance(30_000);
    expect(await added).to.deep.equal({ id: `ws://127.0.0.2:${port}`, url: `ws://127.0.0.2:${port}` });
    expect(lost).to.deep.equal([]);
    await client.close();
    expect(clock.pendingTimers).to.equal(0);
  });
});

describe("a client whose resolver is async", () => {
  it("row 33: reports what any of its methods rejects with, and goes on", async () => {
    const warnings: string[] = [];
    const logger = { error: (text: string) => void warnings.push(text), warn: (text: string) => void warnings.push(text) };
    const reject = (what: string) => (): unknown => Promise.reject(new Error(what));
    const client = createClient({ start: reject("no token"), refresh: reject("later"), stop: reject("never begun") }, { logger });
    const error: unknown = await client.ready({ timeoutMs: 20 }).catch((thrown: unknown) => thrown);
    expect(error).to.have.property("message").that.includes("threw in start(): no token");
    await client.close();
    await new Promise((resolve) => setImmediate(resolve));
    expect(warnings.map((text) => /threw in .*?;/.exec(text)?.[0])).to.deep.equal([
      "threw in start(): no token;",
      "threw in stop(): never begun;",
    ]);
  });
});
