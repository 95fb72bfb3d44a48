import { type Client, type ClientOptions, createClient } from "@farcall/client";
import { createServer } from "@farcall/server";
import { createMemoryNetwork, FakeClock, settle } from "@farcall/testing";
import { expect } from "chai";
import { wellBehaved } from "../conformance/implementation.js";
import { frame } from "../conformance/malformed.js";
import { silent, welcoming } from "../conformance/quiet-server.js";
import { failureOf } from "../conformance/settlement.js";
import { Conformance } from "../contracts/gen/conformance.js";
import { leavesNothing } from "./nothing-left.js";
import { type Watch, watch } from "./watched.js";

const sent = new Uint8Array([1, 2, 3]);
/** Longer than any bound on silence. */
const tenSeconds = 10_000;

describe("a socket that takes 10 s to close", () => {
  const keep = leavesNothing();
  let clock: FakeClock;
  let client: Client;
  let sockets: Watch;
  let entries: number;
  let log: string[];
  let lost: string[];

  /** A client, time by hand, and a server behind sockets that close slowly; the first attempt may find something else there. */
  async function start(first: "server" | ReturnType<typeof silent>, options: ClientOptions = {}): Promise<void> {
    clock = new FakeClock();
    entries = 0;
    log = [];
    lost = [];
    const logger = { error: (line: string) => void log.push(line), warn: (line: string) => void log.push(line) };
    const network = createMemoryNetwork();
    const server = keep(createServer({ clock, logger, listener: network.listener("server") }));
    server.implement(Conformance, {
      ...wellBehaved,
      echo(bytes) {
        entries++;
        return bytes;
      },
      async *download(sizes) {
        for (const size of sizes) yield new Uint8Array(size);
      },
    });
    await server.listen();
    const dial = (attempt: number) => (attempt === 0 && first !== "server" ? first.connector : network.connector);
    sockets = watch(dial, clock, tenSeconds);
    client = createClient("memory://server", { clock, logger, random: () => 0.5, connector: sockets.connector, ...options });
    client.on("reconnecting", ({ cause }) => lost.push(cause.message));
    if (first === "server") await client.ready();
  }

  async function close(): Promise<void> {
    const closed = client.close();
    await clock.advance(tenSeconds);
    await closed;
    expect(sockets.open).to.equal(0);
    await client.close();
  }

  /** Calls and streams by the hundred, and how each of them ended, which it must do once. */
  function load(): { readonly ends: Map<string, number>; readonly all: Promise<unknown> } {
    const ends = new Map<string, number>();
    const ended = (how: string): void => void ends.set(how, (ends.get(how) ?? 0) + 1);
    const stub = client.service(Conformance);
    const failed = ({ code, executed }: { code: string; executed: string }): void => ended(`${code}, executed: ${executed}`);
    const calls = Array.from({ length: 200 }, () => stub.echo(sent, { timeoutMs: 60_000 }).then(() => ended("answered"), failed));
    // Unsubscribed in the middle, as somebody leaves a page.
    const streams = Array.from({ length: 200 }, async () => {
      for await (const _ of stub.download(Array.from({ length: 50 }, () => 100))) break;
    });
    const leaving = Array.from({ length: 200 }, async () => {
      const stop = new AbortController();
      const items = stub.download([1, 2, 3], { signal: stop.signal })[Symbol.asyncIterator]();
      const next = items.next();
      stop.abort();
      await next;
    });
    const all = [...calls, ...[...streams, ...leaving].map((one) => one.then(() => ended("unsubscribed"), failed))];
    return { ends, all: Promise.all(all) };
  }

  it("row 28: because the server broke the protocol: calls go to the next connection, which is not waited for", async () => {
    await start("server");
    sockets.dialled[0]?.events.message(frame(17, 4_711, null));
    await settle();
    const { ends, all } = load();
    await clock.advance(1_000);
    await all;
    expect([...ends]).to.have.deep.members([
      ["answered", 200],
      ["unsubscribed", 200],
      ["CANCELLED, executed: no", 200],
    ]);
    expect([entries, sockets.dialled.length, sockets.open]).to.deep.equal([200, 2, 2]);
    await clock.advance(30_000);
    expect([lost.length, sockets.dialled.length, client.state]).to.deep.equal([1, 2, "ready"]);
    expect(log.length, log.join("\n")).to.be.below(10);
    await close();
  });

  it("row 28: because the server hangs up: what falls into the gap waits for the next connection", async () => {
    await start("server");
    sockets.dialled[0]?.peerCloses({ code: 1001, reason: "" });
    const { ends, all } = load();
    await clock.advance(tenSeconds + 1_000);
    await all;
    expect([...ends]).to.have.deep.members([
      ["answered", 200],
      ["unsubscribed", 200],
      ["CANCELLED, executed: no", 200],
    ]);
    expect(entries).to.equal(200);
    expect(await client.service(Conformance).echo(sent)).to.deep.equal(sent);
    expect(log.length, log.join("\n")).to.be.below(10);
    await close();
  });

  describe("row 29: what it says after the next one is live", () => {
    const late: Record<string, (old: Watch["dialled"][number]) => void> = {
      "that it is open": ({ events }) => events.open(),
      "a welcome": ({ events }) => events.message(frame(2, { minor: 0, instanceId: "late", connectionId: "late" })),
      "answers to the calls of the new one": ({ events }) => {
        for (const id of [0, 1, 2]) events.message(frame(17, id, new Uint8Array([9])));
        for (const id of [0, 1, 2]) events.message(frame(18, id, 14, "no", "late"));
      },
      "a goodbye": ({ events }) => events.message(frame(5, 0, "late")),
      "bytes that break the protocol": ({ events }) => events.message(new Uint8Array([0xc1])),
      "pings, and that there is room": ({ events }) => {
        events.message(frame(3, 1));
        events.pinged?.();
        events.drained();
      },
      "that it is gone, for good": ({ events }) => events.closed({ code: 4401, reason: "late" }),
    };

    for (const [what, speak] of Object.entries(late)) {
      for (const before of ["welcomed", "silent"] as const) {
        it(`${what}, changes nothing (it was ${before})`, async () => {
          const first = before === "silent" ? silent() : welcoming();
          await start({ connector: first.connector, dialled: () => 0 }, { connectTimeoutMs: 3_000 });
          // The first is given up or replaced: no welcome within 3 s, or no sign of life.
          for (let second = 0; second < 40 && sockets.dialled.length < 2; second++) await clock.advance(1_000);
          await clock.advance(100);
          expect([client.state, sockets.open]).to.deep.equal(["ready", 2]);
          const losses = lost.length;
          const stub = client.service(Conformance);
          const call = stub.echo(sent);
          speak(sockets.dialled[0] as Watch["dialled"][number]);
          expect(await call).to.deep.equal(sent);
          // Its heartbeat is not the new one's either.
          for (let second = 0; second < 60; second++) await clock.advance(1_000);
          expect(await stub.echo(sent)).to.deep.equal(sent);
          expect([lost.length, sockets.dialled.length, entries, log]).to.deep.equal([losses, 2, 2, []]);
          await close();
          expect(await failureOf(stub.echo(sent))).to.include({ code: "CANCELLED", executed: "no" });
        });
      }
    }
  });
});
