import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type DnsOptions, dnsResolver, type Resolver } from "@farcall/client";
import { FakeClock, settle } from "@farcall/testing";
import { expect } from "chai";
import { path } from "../documented.js";
import { DnsServer } from "./dns-server.js";
import { Listener } from "./listener.js";

const interval = 30_000;
const host = "inventory.example";
const service = "_farcall._tcp.inventory.example";

describe("dnsResolver", () => {
  let server: DnsServer;
  let clock: FakeClock;
  let heard: Listener;
  let resolvers: Resolver[];
  /** In the middle: no jitter. */
  let random: number;

  beforeEach(async () => {
    server = new DnsServer();
    await server.start();
    clock = new FakeClock();
    heard = new Listener();
    resolvers = [];
    random = 0.5;
  });
  afterEach(async () => {
    for (const resolver of resolvers) resolver.stop();
    expect(clock.pendingTimers).to.equal(0);
    await server.stop();
  });

  /** Starts to look, and waits for the first word. */
  async function start(target: string, options?: DnsOptions, listener = heard): Promise<Resolver> {
    const resolver = resolverFor(target, options);
    resolver.start(listener);
    await listener.next();
    return resolver;
  }

  function resolverFor(target: string, options: DnsOptions = { servers: [server.address] }): Resolver {
    const resolver = dnsResolver(options).resolver(target, { clock, random: () => random });
    resolvers.push(resolver);
    return resolver;
  }

  /** Lets the next lookup come, and waits for what it says. */
  async function later(ms = interval): Promise<void> {
    await clock.advance(ms);
    await heard.next();
  }

  /** How often the addresses of a name were asked for. */
  const rounds = (name = host): number => server.asked.filter((question) => question === `A ${name}`).length;

  describe("with a host and a port", () => {
    it("finds every address, of both families", async () => {
      server.hosts(host, ["10.0.0.1", "10.0.0.2", "2001:db8::1"]);
      await start(`dns://${host}:7070`);
      expect(heard.lists).to.deep.equal([
        [
          { url: "ws://10.0.0.1:7070", weight: 1, serverName: host },
          { url: "ws://10.0.0.2:7070", weight: 1, serverName: host },
          { url: "ws://[2001:db8::1]:7070", weight: 1, serverName: host },
        ],
      ]);
      expect(heard.failures).to.deep.equal([]);
    });

    const targets: readonly (readonly [target: string, urls: readonly string[]])[] = [
      [`dns://${host}:7070/rpc`, ["ws://10.0.0.1:7070/rpc", "ws://[2001:db8::1]:7070/rpc"]],
      [`dns://${host}:80/`, ["ws://10.0.0.1:80", "ws://[2001:db8::1]:80"]],
      [`dns://${host}:443?secure=true`, ["wss://10.0.0.1:443", "wss://[2001:db8::1]:443"]],
      [`dns://${host}:7070/rpc?secure=false&family=4`, ["ws://10.0.0.1:7070/rpc"]],
      [`dns://${host}:7070?family=6`, ["ws://[2001:db8::1]:7070"]],
      [`DNS://Inventory.EXAMPLE:7070?family=4`, ["ws://10.0.0.1:7070"]],
      [`dns://${host}.:7070?family=4`, ["ws://10.0.0.1:7070"]],
    ];
    for (const [target, urls] of targets) {
      it(`makes ${urls.join(" and ")} of ${target}`, async () => {
        server.hosts(host, ["10.0.0.1", "2001:db8::1"]);
        await start(target);
        expect(heard.urls).to.deep.equal(urls);
        expect(heard.lists[0]?.map(({ serverName }) => serverName)).to.deep.equal(urls.map(() => host));
      });
    }

    it("finds more addresses than fit into a datagram", async () => {
      const addresses = Array.from({ length: 200 }, (_, i) => `10.0.0.${i}`);
      server.hosts(host, addresses);
      await start(`dns://${host}:7070`);
      expect(heard.urls).to.have.members(addresses.map((address) => `ws://${address}:7070`));
    });

    it("row 97: finds a new pod although no connection was lost", async () => {
      server.hosts(host, ["10.0.0.1"], 3_600);
      await start(`dns://${host}:7070`);
      server.hosts(host, ["10.0.0.1", "10.0.0.2"], 3_600);
      await later();
      expect(heard.lists.map((list) => list.length)).to.deep.equal([1, 2]);
    });

    it("row 97: asks again after 30 s ± 20 % and no sooner, with a TTL of 0 and however often it is urged", async () => {
      server.hosts(host, ["10.0.0.1"], 0);
      random = 0;
      const resolver = await start(`dns://${host}:7070`);
      const waits = [
        [24_000, 0.25],
        [27_000, 1 - Number.EPSILON],
        [36_000, 0.5],
        [30_000, 0],
      ] as const;
      for (const [i, [waitMs, next]] of waits.entries()) {
        for (let j = 0; j < 10; j++) resolver.refresh();
        await clock.advance(waitMs - 1);
        expect(heard.lists.length).to.equal(i + 1);
        random = next;
        await later(1);
        expect(heard.lists.length).to.equal(i + 2);
      }
    });

    for (const [what, spoil, reason] of [
      ["NXDOMAIN", () => server.zone.clear(), "there is no such name (ENOTFOUND)"],
      ["an empty answer", () => server.hosts(host, []), "the name has no such records (ENODATA)"],
      ["SERVFAIL", () => spoilBoth("SERVFAIL"), "the DNS server has failed (ESERVFAIL)"],
    ] as const) {
      it(`row 97: says that it failed, and nothing of an empty list, after ${what}; asks again as always`, async () => {
        server.hosts(host, ["10.0.0.1"]);
        await start(`dns://${host}:7070`);
        spoil();
        await later();
        await later();
        expect(heard.lists.length).to.equal(1);
        expect(heard.reasons).to.deep.equal(Array(2).fill(`dns: cannot find ${host}: ${reason}`));
        server.hosts(host, ["10.0.0.2"]);
        await later();
        expect(heard.urls).to.deep.equal(["ws://10.0.0.2:7070"]);
      });
    }

    it("gives up a server that is silent after 5 s, and asks again", async () => {
      server.hosts(host, ["10.0.0.1"]);
      await start(`dns://${host}:7070`);
      spoilBoth("silence");
      await clock.advance(interval);
      await clock.advance(4_999);
      expect(heard.failures).to.deep.equal([]);
      await later(1);
      expect(heard.reasons).to.deep.equal([`dns: cannot find ${host}: no answer in time (ECANCELLED)`]);
      server.hosts(host, ["10.0.0.2"]);
      await later();
      expect(heard.urls).to.deep.equal(["ws://10.0.0.2:7070"]);
    });

    it("keeps what one family said last while it cannot be asked", async () => {
      server.hosts(host, ["10.0.0.1", "2001:db8::1"]);
      await start(`dns://${host}:7070`);
      server.hosts(host, ["10.0.0.2"]);
      server.zone.set(`AAAA ${host}`, "SERVFAIL");
      await later();
      expect(heard.urls).to.deep.equal(["ws://10.0.0.2:7070", "ws://[2001:db8::1]:7070"]);
      server.hosts(host, ["10.0.0.2"]);
      await later();
      expect(heard.urls).to.deep.equal(["ws://10.0.0.2:7070"]);
      server.hosts(host, ["2001:db8::2"]);
      server.zone.set(`A ${host}`, "SERVFAIL");
      await later();
      expect(heard.urls).to.deep.equal(["ws://[2001:db8::2]:7070", "ws://10.0.0.2:7070"]);
      expect(heard.failures).to.deep.equal([]);
    });

    it("tries sooner while there is no list at all, and no faster than 1 s, 2 s, 4 s and so on", async () => {
      await start(`dns://${host}:7070`);
      for (const waitMs of [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
        const failures = heard.failures.length;
        await clock.advance(waitMs - 1);
        expect(heard.failures.length).to.equal(failures);
        await later(1);
      }
      server.hosts(host, ["10.0.0.1"]);
      await later();
      server.zone.clear();
      await later();
      expect([heard.lists.length, heard.failures.length]).to.deep.equal([1, 9]);
    });

    it("asks the next server when the first is away", async () => {
      server.hosts(host, ["10.0.0.1"]);
      const away = new DnsServer();
      await away.start();
      const { address } = away;
      await away.stop();
      await start(`dns://${host}:7070`, { servers: [address, server.address] });
      expect(heard.urls).to.deep.equal(["ws://10.0.0.1:7070"]);
    });

    it("row 97: keeps apart two targets of one name with different ports", async () => {
      server.hosts(host, ["10.0.0.1"]);
      const other = new Listener();
      await start(`dns://${host}:7070`);
      await start(`dns://${host}:7071`, undefined, other);
      expect([heard.urls, other.urls]).to.deep.equal([["ws://10.0.0.1:7070"], ["ws://10.0.0.1:7071"]]);
    });
  });

  describe("with the name of a service", () => {
    it("takes ports and weights from its SRV records, and addresses from their targets", async () => {
      server.services(service, ["a.example:7070 10 3", "b.example:7071 10 1"]);
      server.hosts("a.example", ["10.0.0.1"]);
      server.hosts("b.example", ["10.0.0.2", "2001:db8::2"]);
      await start(`dns://${service}/rpc?secure=true`);
      expect(heard.lists).to.deep.equal([
        [
          { url: "wss://10.0.0.1:7070/rpc", weight: 3, serverName: host },
          { url: "wss://10.0.0.2:7071/rpc", weight: 0.5, serverName: host },
          { url: "wss://[2001:db8::2]:7071/rpc", weight: 0.5, serverName: host },
        ],
      ]);
    });

    it("row 97: takes one host at two ports for two endpoints, and asks for it once", async () => {
      server.services(service, ["a.example:7070 0 5", "a.example:7071 0 5"]);
      server.hosts("a.example", ["10.0.0.1"]);
      await start(`dns://${service}`);
      expect(heard.urls).to.deep.equal(["ws://10.0.0.1:7070", "ws://10.0.0.1:7071"]);
      expect(rounds("a.example")).to.equal(1);
    });

    it("takes two names of one address for one endpoint", async () => {
      server.services(service, ["a.example:7070 0 5", "b.example:7070 0 5"]);
      server.hosts("a.example", ["10.0.0.1"]);
      server.hosts("b.example", ["10.0.0.1"]);
      await start(`dns://${service}`);
      expect(heard.urls).to.deep.equal(["ws://10.0.0.1:7070"]);
    });

    it("asks for them under any name with ?type=srv", async () => {
      server.services(host, ["a.example:7070 0 5"]);
      server.hosts("a.example", ["10.0.0.1"]);
      await start(`dns://${host}?type=srv`);
      expect(heard.lists).to.deep.equal([[{ url: "ws://10.0.0.1:7070", weight: 5, serverName: host }]]);
    });

    it("uses the lowest priority that has addresses", async () => {
      server.services(service, ["b.example:7070 20 1", "a.example:7070 10 1", "c.example:7070 30 1"]);
      server.hosts("a.example", ["10.0.0.1"]);
      server.hosts("b.example", ["10.0.0.2"]);
      await start(`dns://${service}`);
      expect(heard.urls).to.deep.equal(["ws://10.0.0.1:7070"]);
      expect([rounds("b.example"), rounds("c.example")]).to.deep.equal([0, 0]);
      server.services(service, ["b.example:7070 20 1", "gone.example:7070 10 1"]);
      await later();
      expect(heard.urls).to.deep.equal(["ws://10.0.0.2:7070"]);
    });

    const weights: readonly (readonly [records: readonly number[], weights: readonly number[]])[] = [
      [
        [0, 0],
        [1, 1],
      ],
      [
        [50, 0],
        [50, 0.5],
      ],
    ];
    for (const [given, expected] of weights) {
      it(`makes weights ${expected.join(" and ")} of ${given.join(" and ")}`, async () => {
        server.services(
          service,
          given.map((weight, i) => `${i}.example:7070 0 ${weight}`),
        );
        for (const i of given.keys()) server.hosts(`${i}.example`, [`10.0.0.${i}`]);
        await start(`dns://${service}`);
        expect(heard.lists[0]?.map(({ weight }) => weight)).to.deep.equal(expected);
      });
    }

    it("keeps the addresses of a host that cannot be asked just now, leaves out one that never could, and says so", async () => {
      server.services(service, ["a.example:7070 0 1", "b.example:7070 0 1"]);
      server.hosts("a.example", ["10.0.0.1"]);
      server.hosts("b.example", ["10.0.0.2"]);
      await start(`dns://${service}`);
      server.services(service, ["a.example:7070 0 1", "b.example:7070 0 1", "c.example:7070 0 1"]);
      for (const name of ["b.example", "c.example"]) spoilBoth("SERVFAIL", name);
      await later();
      expect(heard.urls).to.deep.equal(["ws://10.0.0.1:7070", "ws://10.0.0.2:7070"]);
      await heard.next();
      expect(heard.reasons).to.have.length(1);
      expect(heard.reasons[0]).to.match(/^dns: cannot find [bc]\.example: the DNS server has failed \(ESERVFAIL\)$/);
    });

    it("says what it has found when one host is silent for 5 s", async () => {
      server.services(service, ["a.example:7070 0 1", "b.example:7070 0 1"]);
      server.hosts("a.example", ["10.0.0.1"]);
      spoilBoth("silence", "b.example");
      const begun = start(`dns://${service}`);
      await Promise.all(["A a.example", "AAAA a.example", "A b.example"].map((question) => server.hears(question)));
      await settle(20);
      await clock.advance(5_000);
      await begun;
      expect(heard.urls).to.deep.equal(["ws://10.0.0.1:7070"]);
      await heard.next();
      expect(heard.reasons).to.deep.equal(["dns: cannot find b.example: no answer in time (ECANCELLED)"]);
    });

    for (const [what, records, reason] of [
      ["the service is not offered", [".:0 0 0"], `dns: cannot find ${service}: the service is not offered there`],
      ["no host has an address", ["gone.example:7070 0 1"], `dns: cannot find ${service}: none of its hosts has an address`],
      ["there are none", undefined, `dns: cannot find ${service}: there is no such name (ENOTFOUND)`],
    ] as const) {
      it(`fails when ${what}`, async () => {
        if (records !== undefined) server.services(service, records);
        await start(`dns://${service}`);
        expect([heard.lists, heard.reasons]).to.deep.equal([[], [reason]]);
      });
    }
  });

  describe("without servers of its own", () => {
    it("finds what the system knows, the hosts file included", async () => {
      await start("dns://localhost:7070?family=4", {});
      expect(heard.lists).to.deep.equal([[{ url: "ws://127.0.0.1:7070", weight: 1, serverName: "localhost" }]]);
    });
  });

  for (const [target, url] of [
    ["dns://10.0.0.1:7070/rpc", "ws://10.0.0.1:7070/rpc"],
    ["dns://[2001:db8::1]:443?secure=true", "wss://[2001:db8::1]:443"],
  ] as const) {
    it(`asks nobody about an address: ${target}`, async () => {
      await start(target);
      expect(heard.lists).to.deep.equal([[{ url, weight: 1, serverName: undefined }]]);
      expect([server.asked, clock.pendingTimers]).to.deep.equal([[], 0]);
    });
  }

  describe("once it has stopped", () => {
    it("says nothing about a lookup that is under way, and leaves no timer", async () => {
      spoilBoth("silence");
      const resolver = resolverFor(`dns://${host}:7070`);
      resolver.start(heard);
      await server.hears(`A ${host}`);
      resolver.stop();
      await clock.advance(10 * interval);
      expect([heard.lists, heard.failures, clock.pendingTimers]).to.deep.equal([[], [], 0]);
    });

    it("leaves no socket: a process with nothing else to do ends, although the server is silent", async () => {
      spoilBoth("silence");
      await program("{ timeoutMs: 60_000 }", "setTimeout(() => resolver.stop(), 100);");
      expect(rounds()).to.be.greaterThan(0);
    });

    it("asks no more", async () => {
      server.hosts(host, ["10.0.0.1"]);
      const resolver = await start(`dns://${host}:7070`);
      const before = rounds();
      resolver.stop();
      resolver.refresh();
      await clock.advance(10 * interval);
      expect([rounds(), clock.pendingTimers]).to.deep.equal([before, 0]);
    });
  });

  it("keeps no process alive between lookups", async () => {
    server.hosts(host, ["10.0.0.1"]);
    expect(await program("{}", "")).to.equal("ws://10.0.0.1:7070\n");
  });

  /** What a process prints that looks by itself, until it ends by itself. */
  async function program(options: string, rest: string): Promise<string> {
    const text = `
      import { dnsResolver } from "@farcall/client";
      import { systemClock } from "@farcall/protocol";
      const factory = dnsResolver({ servers: ["${server.address}"], ...${options} });
      const resolver = factory.resolver("dns://${host}:7070", { clock: systemClock, random: Math.random });
      resolver.start({ update: ([{ url }]) => console.log(url), failed: console.error });
      ${rest}`;
    const where = { cwd: path("test"), timeout: 8_000 };
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", text], where);
    expect(stderr).to.equal("");
    return stdout;
  }

  function spoilBoth(how: "SERVFAIL" | "silence", name = host): void {
    for (const type of ["A", "AAAA"]) server.zone.set(`${type} ${name}`, how);
  }
});
