import { type Client, type ClientOptions, createClient } from "@farcall/client";
import { createServer, type ServerOptions } from "@farcall/server";
import { createFaultProxy, FakeClock, type FaultProxy, settle } from "@farcall/testing";
import { expect } from "chai";
import { wellBehaved } from "../conformance/implementation.js";
import { Conformance, type ConformanceClient, type ConformanceHandler } from "../contracts/gen/conformance.js";
import { leavesNothing, seeded } from "./nothing-left.js";

describe("a bad line", function () {
  this.timeout(process.env.FARCALL_LONG === "1" ? 200_000 : 30_000);
  const keep = leavesNothing();
  let clock: FakeClock;
  let proxy: FaultProxy;
  let client: Client;
  let stub: ConformanceClient;
  let lost: string[];
  let suspicions: number[];

  /** Real sockets, and time by hand for everybody, the line included: a minute on it takes a second. */
  async function start(
    handlers: Partial<ConformanceHandler>,
    options: { readonly client?: ClientOptions; readonly server?: ServerOptions; readonly random?: () => number } = {},
  ): Promise<void> {
    clock = new FakeClock();
    const server = keep(createServer({ clock, ...options.server }));
    server.implement(Conformance, { ...wellBehaved, ...handlers });
    const { url } = await server.listen();
    proxy = keep(await createFaultProxy(url, { clock, ...(options.random === undefined ? {} : { random: options.random }) }));
    client = keep(createClient(proxy.url, { clock, random: seeded(5), ...options.client }));
    stub = client.service(Conformance);
    lost = [];
    suspicions = [];
    client.on("reconnecting", ({ cause }) => lost.push(cause.message));
    client.on("suspect", ({ silenceMs }) => suspicions.push(silenceMs));
    await client.ready();
  }

  /** Lets time pass in small steps, and the sockets do their work in between. */
  async function pass(ms: number): Promise<void> {
    for (const end = clock.now() + ms; clock.now() < end; ) {
      await clock.advance(10);
      await settle(2);
    }
  }

  for (const seed of [1, 2, 3]) {
    it(`row 26: that loses 40 % of all packets, with 300 ms there and back and spikes of 2 s: nobody is taken for dead, no effect is doubled (seed ${seed})`, async () => {
      const chance = seeded(seed);
      const most = 60_000;
      // What loss looks like above TCP: each time a packet is lost, it comes a round trip later, and holds up the rest.
      const lateness = (): number => {
        let ms = chance() < 0.02 ? 2_000 : 0;
        while (chance() < 0.4) ms += 300;
        return Math.min(ms, most - 1) / most;
      };
      const entries = new Map<number, number>();
      await start(
        {
          echo(bytes) {
            const id = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
            entries.set(id, (entries.get(id) ?? 0) + 1);
            return bytes;
          },
        },
        { random: lateness },
      );
      proxy.fault({ delayMs: 150, jitterMs: most });
      const latencies: number[] = [];
      const failures: string[] = [];
      const calls: Promise<void>[] = [];
      for (let id = 0; id < 600; id++) {
        const bytes = new Uint8Array(4);
        new DataView(bytes.buffer).setUint32(0, id);
        const began = clock.now();
        calls.push(
          stub.echo(bytes).then(
            () => void latencies.push(clock.now() - began),
            ({ code, executed }) => void failures.push(`${code}, executed: ${executed}`),
          ),
        );
        await pass(100);
      }
      await proxy.heal();
      await pass(1_000);
      await Promise.all(calls);
      expect([failures, lost]).to.deep.equal([[], []]);
      expect([entries.size, new Set(entries.values())]).to.deep.equal([600, new Set([1])]);
      latencies.sort((a, b) => a - b);
      // The default deadline of a call is 15 s; the line itself is as late as 4 s.
      expect(latencies[Math.floor(latencies.length * 0.99)]).to.be.within(300, 15_000);
      // A line that is late does not lead to one connection after the other: suspicion learns what is usual on it.
      expect(suspicions.length, suspicions.join(", ")).to.be.at.most(5);
    });
  }

  // The catalogue has 100 MB, thirteen minutes on that line; a third of it is like the rest.
  const size = process.env.FARCALL_LONG === "1" ? 100_000_000 : 32_000_000;
  it(`row 33: that carries 1 Mb/s and an answer of ${size / 1e6} MB: small calls take less than a second, and nobody is suspected`, async () => {
    const bytesPerSecond = 125_000;
    const limits = { maxMessageBytes: size + 1_000 };
    await start({}, { client: { limits }, server: { limits } });
    await stub.empty();
    proxy.fault({ direction: "downstream", bytesPerSecond });
    const began = clock.now();
    let tookMs: number | undefined;
    const large = stub.resize(new Uint8Array(0), size, { timeoutMs: Infinity }).then(({ length }) => {
      tookMs = clock.now() - began;
      return length;
    });
    const latencies: number[] = [];
    while (tookMs === undefined) {
      await pass(500);
      const at = clock.now();
      let isDone = false;
      const small = stub.empty().then(() => {
        isDone = true;
      });
      while (!isDone) await pass(10);
      latencies.push(clock.now() - at);
      await small;
    }
    expect(await large).to.equal(size);
    expect(tookMs).to.be.above((size / bytesPerSecond) * 1_000);
    expect(latencies.length).to.be.above(200);
    expect(Math.max(...latencies)).to.be.below(1_000);
    expect([lost, suspicions]).to.deep.equal([[], []]);
  });
});
