import { FrameReader, kinds, type Transport } from "@farcall/protocol";
import { createServer } from "@farcall/server";
import { createMemoryNetwork, FakeClock, settle } from "@farcall/testing";
import { expect } from "chai";
import { wellBehaved } from "../conformance/implementation.js";
import { frame } from "../conformance/malformed.js";
import { Conformance, type ConformanceHandler } from "../contracts/gen/conformance.js";
import { heapUsed } from "../fuzz/setting.js";
import { methods, names, repeat } from "./victim.js";

const MiB = 1024 * 1024;
const maxCalls = 4_096;
const seconds = 3_600;
/** One every 10 ms. */
const perSecond = 100;

/** A server in memory whose time stands still, and a peer that opens a stream every 10 ms and does nothing more with it. */
class Setting {
  readonly clock = new FakeClock();
  opened = 0;
  refused = 0;
  /** Streams that the server has given up. */
  ended = 0;
  readonly #network = createMemoryNetwork();
  readonly #server;
  #peer: Transport | undefined;

  constructor(implementation: Partial<ConformanceHandler>) {
    this.#server = createServer({ clock: this.clock, listener: this.#network.listener("victim"), limits: { maxCalls } });
    this.#server.implement(Conformance, { ...wellBehaved, ...implementation });
  }

  get running(): number {
    return this.#server.connections().reduce((sum, one) => sum + one.runningCalls, 0);
  }

  async connect(): Promise<void> {
    await this.#server.listen();
    this.#peer = this.#network.connector("memory://victim", {
      open() {},
      message: (bytes) => this.#read(bytes),
      drained() {},
      closed() {},
    });
    await settle();
    this.#peer.send(frame(kinds.hello, { minor: 0, agent: "hostile", limits: { streamWindowBytes: 1_024 } }));
    this.#peer.send(names);
  }

  /** A second of simulated time. */
  async second(method: "sum" | "download"): Promise<void> {
    const args = method === "sum" ? [] : [[1]];
    const number = methods.indexOf(method);
    this.#peer?.send(repeat(perSecond, () => frame(16, this.opened++ * 2 + 1, number, 0, null, args)));
    await this.clock.advance(1_000);
  }

  async close(): Promise<void> {
    this.#peer?.terminate();
    await settle();
    expect(this.running, "handlers that outlive their connection").to.equal(0);
    await this.#server.close();
    expect(this.clock.pendingTimers, "timers after close").to.equal(0);
  }

  #read(bytes: Uint8Array): void {
    const reader = new FrameReader(bytes);
    for (let one = reader.next(); one !== undefined; one = reader.next()) {
      if (one.kind === kinds.ping) this.#peer?.send(frame(kinds.pong, one.nonce, null));
      if (one.kind !== kinds.error) continue;
      if (one.code === "RESOURCE_EXHAUSTED" && one.executed === "no") this.refused++;
      else if (one.code === "DEADLINE_EXCEEDED") this.ended++;
      else expect.fail(`an unexpected ${one.code}: ${one.message}`);
    }
  }
}

describe("row 89: a stream every 10 ms for an hour, none ever half-closed", function () {
  this.timeout(60_000);

  it("row 89: client streams end at the limit of calls of their connection, and nothing grows", async () => {
    const setting = new Setting({});
    await setting.connect();
    let early = 0;
    for (let second = 1; second <= seconds; second++) {
      await setting.second("sum");
      if (second === 600) early = heapUsed();
      expect(setting.running, `after ${second} s`).to.equal(Math.min(setting.opened, maxCalls));
    }
    expect(setting.opened).to.equal(360_000);
    expect(setting.refused).to.equal(360_000 - maxCalls);
    expect(heapUsed() - early, "growth from the tenth minute to the last").to.be.lessThan(5 * MiB);
    await setting.close();
  });

  it("row 89: server streams that nobody reads are given up after five minutes, and their places come back", async () => {
    let released = 0;
    const setting = new Setting({
      async *download() {
        try {
          for (;;) yield new Uint8Array(1_000);
        } finally {
          released++;
        }
      },
    });
    await setting.connect();
    let early = 0;
    for (let second = 1; second <= seconds; second++) {
      await setting.second("download");
      if (second === 600) early = heapUsed();
      expect(setting.running, `after ${second} s`).to.be.at.most(maxCalls);
    }
    expect(setting.ended, "given up")
      .to.be.within(11 * maxCalls, 12 * maxCalls)
      .and.equal(released);
    expect(setting.refused).to.equal(360_000 - setting.ended - setting.running);
    expect(heapUsed() - early, "growth from the tenth minute to the last").to.be.lessThan(5 * MiB);
    await setting.clock.advance(310_000);
    expect(setting.running, "five minutes after the last one").to.equal(0);
    await setting.close();
  });
});
