import { type AddressInfo, createServer as createTcpServer, type Server } from "node:net";
import { createClient } from "@farcall/client";
import { createFaultProxy, FakeClock, type FaultProxy, RawServer, settle } from "@farcall/testing";
import { expect } from "chai";
import { failureOf, until } from "../conformance/settlement.js";
import { Conformance } from "../contracts/gen/conformance.js";
import { leavesNothing } from "./nothing-left.js";

/** What a client finds: an address, and how many connections it has had. */
interface Trap {
  readonly url: string;
  readonly accepted: () => number;
  /** Connections that are still open there. */
  readonly open: () => number;
}

describe("a handshake that stands still", () => {
  const keep = leavesNothing();

  /** Takes what comes, answers the first bytes with `answer`, and says nothing more. */
  async function mute(scheme: string, answer: string | Buffer): Promise<Trap> {
    let open = 0;
    let accepted = 0;
    const server: Server = createTcpServer((socket) => {
      accepted++;
      open++;
      socket.on("error", () => {});
      socket.on("close", () => open--);
      socket.once("data", () => socket.write(answer));
      socket.resume();
    });
    await new Promise<void>((resolve) => server.listen({ port: 0, host: "127.0.0.1" }, resolve));
    keep({ close: () => new Promise((resolve) => server.close(resolve)) });
    return {
      url: `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`,
      accepted: () => accepted,
      open: () => open,
    };
  }

  async function behind(target: string, accept: "forward" | "silence", clock?: FakeClock): Promise<FaultProxy> {
    const proxy = keep(await createFaultProxy(target, clock === undefined ? {} : { clock }));
    await proxy.accept(accept);
    return proxy;
  }

  const traps: Record<string, () => Promise<Trap>> = {
    "TCP is accepted and nothing follows": async () => {
      const proxy = await behind("ws://127.0.0.1:1", "silence");
      return { url: proxy.url, accepted: () => proxy.accepted, open: () => 0 };
    },
    "nobody answers the first message of TLS": async () => {
      const proxy = await behind("wss://127.0.0.1:1", "silence");
      return { url: proxy.url, accepted: () => proxy.accepted, open: () => 0 };
    },
    "TLS stops in the middle of its first answer": () => mute("wss", Buffer.from([22, 3, 3, 0, 122, 2, 0])),
    "nobody answers the request for an upgrade": () => mute("ws", ""),
    "the answer to the upgrade stops in its headers": () => mute("ws", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: webs"),
  };

  for (const [what, make] of Object.entries(traps)) {
    it(`row 22: ${what}: given up after connectTimeoutMs, and tried again after a wait`, async () => {
      const trap = await make();
      const clock = new FakeClock();
      const client = keep(createClient(trap.url, { clock, random: () => 0.5, connectTimeoutMs: 3_000 }));
      const waits: unknown[] = [];
      client.on("reconnecting", ({ delayMs, attempt, cause }) => waits.push([delayMs, attempt, cause.message]));
      const call = failureOf(client.service(Conformance).empty({ timeoutMs: 7_000 }));
      const message = `could not connect to ${trap.url}: no welcome within 3000 ms`;
      for (const [attempt, delayMs] of [100, 200].entries()) {
        await until(() => trap.accepted() === attempt + 1, "the attempt is being made");
        await settle();
        await clock.advance(2_999);
        expect([client.state, waits.length]).to.deep.equal(["connecting", attempt]);
        await clock.advance(1);
        expect([client.state, waits[attempt]]).to.deep.equal(["reconnecting", [delayMs, attempt + 1, message]]);
        await until(() => trap.open() === 0, "the socket of the attempt is gone");
        await clock.advance(delayMs);
      }
      await clock.advance(1_000);
      expect(await call).to.include({
        code: "DEADLINE_EXCEEDED",
        executed: "no",
        message: `farcall.test.Conformance.empty took longer than 7000 ms and was never sent: no endpoint is ready yet; still connecting to ${trap.url}`,
      });
      await client.close();
      expect(clock.pendingTimers).to.equal(0);
    });
  }

  it("says what is meant where TLS is asked of a server that has none", async () => {
    const server = keep(await RawServer.listen());
    const url = server.url.replace("ws:", "wss:");
    const client = keep(createClient(url, { reconnect: { baseMs: 60_000, capMs: 60_000 } }));
    const cause = await new Promise<Error>((resolve) => client.once("reconnecting", (info) => resolve(info.cause)));
    expect(cause.message).to.equal(`could not connect to ${url}: no TLS is spoken there; did you mean ws:// and not wss://?`);
  });

  it("row 22: a server that upgrades and never welcomes is given up like one that does not answer", async () => {
    const server = keep(await RawServer.listen());
    const clock = new FakeClock();
    const client = keep(createClient(server.url, { clock, random: () => 0.5, connectTimeoutMs: 3_000 }));
    const first = await server.connection();
    expect((await first.frame())?.kind).to.equal(1);
    await clock.advance(2_999);
    expect(client.state).to.equal("connecting");
    await clock.advance(1);
    expect(client.state).to.equal("reconnecting");
    await first.closed();
    await clock.advance(100);
    await server.welcomed();
    await until(() => client.state === "ready", "the second attempt is welcomed");
    await client.close();
    expect(clock.pendingTimers).to.equal(0);
  });

  it("row 22: a welcome of one byte a second is not waited for, though something comes all the time", async () => {
    const server = keep(await RawServer.listen());
    const clock = new FakeClock();
    const proxy = await behind(server.url, "forward", clock);
    const client = keep(createClient(proxy.url, { clock, random: () => 0.5, connectTimeoutMs: 10_000 }));
    const peer = await server.connection();
    await peer.frame();
    proxy.fault({ direction: "downstream", bytesPerSecond: 1 });
    const passed = (): number => proxy.connections()[0]?.bytes.downstream ?? 0;
    const before = passed();
    peer.sendFrames([2, { minor: 0, agent: "raw", instanceId: "raw", connectionId: "raw" }]);
    const timers = clock.pendingTimers;
    await until(() => clock.pendingTimers > timers, "the welcome is on its way");
    for (let second = 1; second < 10; second++) {
      await clock.advance(1_000);
      expect([client.state, passed() - before]).to.deep.equal(["connecting", second]);
    }
    await clock.advance(1_000);
    expect(client.state).to.equal("reconnecting");
    await proxy.heal();
    await clock.advance(100);
    await server.welcomed();
    await until(() => client.state === "ready", "the second attempt is welcomed");
    await client.close();
    await proxy.close();
    expect(clock.pendingTimers).to.equal(0);
  });
});
