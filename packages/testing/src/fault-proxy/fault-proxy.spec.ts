import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { expect } from "chai";
import { createFaultProxy, FakeClock, type FaultProxy, type FaultProxyOptions, settle } from "../index.js";

const text = (socket: End): string => socket.received.toString("latin1");

/** One end of a connection, with what it has heard. */
class End {
  readonly socket: Socket;
  #parts: Buffer[] = [];
  received = Buffer.alloc(0);
  /** `end` for a FIN, else the error code. */
  over: string | undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (bytes: Buffer) => {
      this.#parts.push(bytes);
      if (bytes.length > 0) this.received = Buffer.concat(this.#parts);
    });
    socket.on("end", () => {
      this.over ??= "end";
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      this.over ??= error.code;
    });
  }

  async hears(expected: string): Promise<void> {
    await until(() => text(this) === expected || this.over !== undefined, `"${expected}" has come`);
    expect(text(this)).to.equal(expected);
  }

  async ends(expected: string): Promise<void> {
    await until(() => this.over !== undefined, "the connection is over");
    expect(this.over).to.equal(expected);
  }

  /** Ends by RST. Where one comes together with bytes, Node says `end`; but then nothing can be written any more. */
  async isReset(): Promise<void> {
    await until(() => this.over !== undefined, "the connection is over");
    if (this.over === "end") expect(await new Promise((resolve) => this.socket.write("?", resolve))).to.be.an("error");
    else expect(this.over).to.equal("ECONNRESET");
  }
}

async function until(condition: () => boolean, what: string): Promise<void> {
  const latest = performance.now() + 3_000;
  while (!condition()) {
    if (performance.now() > latest) throw new Error(`waited 3 s in vain until ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const openHandles = (): number =>
  process.getActiveResourcesInfo().filter((name) => ["TCPSocketWrap", "TCPServerWrap", "Timeout"].includes(name)).length;

describe("the fault proxy", () => {
  let before: number;
  let server: Server;
  let proxy: FaultProxy;
  let arrivals: End[];
  let ends: End[];

  async function start(options: FaultProxyOptions = {}): Promise<void> {
    proxy = await createFaultProxy(`tcp://127.0.0.1:${(server.address() as AddressInfo).port}`, options);
  }

  function dial(): End {
    const end = new End(connect({ port: proxy.port, host: "127.0.0.1", allowHalfOpen: true }));
    ends.push(end);
    return end;
  }

  /** A connection through the proxy, both ends of it. */
  async function pair(): Promise<readonly [client: End, target: End]> {
    const known = arrivals.length;
    const client = dial();
    await until(() => arrivals.length > known, "the target has accepted");
    return [client, arrivals[known] as End];
  }

  beforeEach(async () => {
    await settle(1);
    before = openHandles();
    arrivals = [];
    ends = [];
    server = createServer({ allowHalfOpen: true }, (socket) => {
      const end = new End(socket);
      arrivals.push(end);
      ends.push(end);
    });
    server.listen({ port: 0, host: "127.0.0.1" });
    await once(server, "listening");
  });

  afterEach(async () => {
    await proxy?.close();
    for (const { socket } of ends) socket.destroy();
    if (server.listening) server.close();
    await until(() => openHandles() <= before, "every socket and timer is gone");
  });

  it("passes bytes and ends, each way by itself", async () => {
    await start();
    const [client, target] = await pair();
    client.socket.write("question");
    await target.hears("question");
    client.socket.end();
    await target.ends("end");
    target.socket.end("answer");
    await client.hears("answer");
    await client.ends("end");
    await until(() => proxy.connections().length === 0, "the connection is gone");
    expect(proxy.accepted).to.equal(1);
  });

  it("passes 16 MiB each way at once, whole, while its rules change", async () => {
    let seed = 7;
    const random = (): number => {
      seed = (seed * 16_807) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    await start({ random, maxBufferedBytes: 128 * 1024 });
    const [client, target] = await pair();
    const sent = Buffer.alloc(16 * 1024 * 1024);
    for (let i = 0; i < sent.length; i += 4) sent.writeUInt32LE(i, i);
    let got = 0;
    for (const end of [client, target]) {
      end.socket.removeAllListeners("data");
      let at = 0;
      end.socket.on("data", (bytes) => {
        if (!bytes.equals(sent.subarray(at, at + bytes.length))) throw new Error(`other bytes at ${at}`);
        at += bytes.length;
        got += bytes.length;
      });
      end.socket.write(sent);
    }
    for (let changes = 0; got < 2 * sent.length; changes++) {
      const direction = random() < 0.5 ? "upstream" : "downstream";
      if (changes < 200) {
        const bytesPerSecond = random() < 0.5 ? Infinity : 1e8 * random();
        proxy.fault({ direction, delayMs: 3 * random(), jitterMs: 3 * random(), bytesPerSecond, blackHole: random() < 0.2 });
      } else if (changes === 200) await proxy.heal();
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(proxy.connections()[0]?.bytes).to.deep.equal({ upstream: sent.length, downstream: sent.length });
  });

  it("delays by the clock, and by a random share of the jitter, without overtaking", async () => {
    const clock = new FakeClock();
    let share = 0.5;
    await start({ clock, random: () => share });
    const [client, target] = await pair();
    proxy.fault({ direction: "upstream", delayMs: 100, jitterMs: 60 });
    client.socket.write("a");
    await until(() => clock.pendingTimers === 1, "the first is under way");
    await clock.advance(10);
    share = 0;
    client.socket.write("b");
    await settle(20);
    await clock.advance(119);
    expect(text(target)).to.equal("");
    target.socket.write("at once");
    await client.hears("at once");
    await clock.advance(1);
    await target.hears("ab");
  });

  it("applies a new delay to what is under way", async () => {
    const clock = new FakeClock();
    await start({ clock });
    const [client, target] = await pair();
    proxy.fault({ delayMs: 3_600_000 });
    client.socket.write("late");
    client.socket.end();
    await until(() => clock.pendingTimers === 1, "it is under way");
    proxy.fault({ delayMs: 0 });
    await target.hears("late");
    await target.ends("end");
  });

  for (const { bytesPerSecond, stepMs, expected } of [
    { bytesPerSecond: 1_000, stepMs: 20, expected: [20, 40, 60, 80, 100] },
    { bytesPerSecond: 1, stepMs: 1_000, expected: [1, 2, 3] },
    { bytesPerSecond: 2.5, stepMs: 400, expected: [1, 2, 3] },
  ]) {
    it(`lets ${bytesPerSecond} bytes pass in a second`, async () => {
      const clock = new FakeClock();
      await start({ clock });
      const [client, target] = await pair();
      proxy.fault({ direction: "downstream", bytesPerSecond });
      target.socket.write(Buffer.alloc(100));
      await until(() => clock.pendingTimers === 1, "the link is busy");
      for (const count of expected) {
        await clock.advance(stepMs - 1);
        expect(client.received.length).to.equal(count - (expected[0] as number));
        await clock.advance(1);
        await until(() => client.received.length === count, `${count} bytes have come`);
      }
    });
  }

  it("resets both sides of every connection on cut(), and accepts the next", async () => {
    await start();
    const pairs = [await pair(), await pair()];
    proxy.cut();
    for (const end of pairs.flat()) await end.isReset();
    const [client, target] = await pair();
    client.socket.write("again");
    await target.hears("again");
  });

  for (const direction of ["upstream", "downstream"] as const) {
    for (const count of [0, 1, 5, 8]) {
      it(`resets after ${count} bytes ${direction}, counted from the rule`, async () => {
        await start();
        const [client, target] = await pair();
        const [from, to] = direction === "upstream" ? [client, target] : [target, client];
        from.socket.write("before: ");
        await to.hears("before: ");
        proxy.fault({ direction, cutAfterBytes: count });
        if (count > 0) from.socket.write("12345678");
        await to.isReset();
        expect(text(to)).to.equal(`before: ${"12345678".slice(0, count)}`);
        await from.isReset();
      });
    }
  }

  it("counts the bytes before a cut anew for each connection", async () => {
    await start();
    proxy.fault({ direction: "upstream", cutAfterBytes: 2 });
    for (let i = 0; i < 2; i++) {
      const [client, target] = await pair();
      client.socket.write("abc");
      await target.isReset();
      expect(text(target)).to.equal("ab");
    }
    proxy.fault({ direction: "upstream", cutAfterBytes: 0 });
    await dial().isReset();
    expect(arrivals).to.have.lengthOf(2);
  });

  it("swallows one direction, ends included, and lets it go on when it is healed", async () => {
    await start();
    const [client, target] = await pair();
    proxy.fault({ direction: "upstream", blackHole: true });
    client.socket.end("lost?");
    target.socket.write("still heard");
    await client.hears("still heard");
    await settle(20);
    expect([text(target), target.over]).to.deep.equal(["", undefined]);
    await proxy.heal();
    await target.hears("lost?");
    await target.ends("end");
  });

  it("tells nobody of a reset inside a black hole", async () => {
    await start();
    const [client, target] = await pair();
    proxy.fault({ blackHole: true });
    client.socket.resetAndDestroy();
    target.socket.write("anybody there?");
    await settle(20);
    expect(target.over).to.equal(undefined);
    await proxy.heal();
    await target.isReset();
  });

  it("accepts into a black hole: silence, and no connection to the target before it is healed", async () => {
    await start();
    proxy.fault({ direction: "downstream", blackHole: true });
    const client = dial();
    client.socket.write("hello");
    await once(client.socket, "connect");
    await settle(20);
    expect([arrivals.length, proxy.connections().length, proxy.connections()[0]?.bytes.upstream]).to.deep.equal([0, 1, 0]);
    await proxy.heal();
    await until(() => arrivals.length === 1, "the target has accepted");
    await arrivals[0]?.hears("hello");
  });

  it("accepts in silence, closes, or refuses new connections, and leaves the open ones alone", async () => {
    await start();
    const [client, target] = await pair();
    await proxy.accept("silence");
    const silent = dial();
    silent.socket.write("hello?");
    await until(() => proxy.connections().length === 2, "it is accepted");
    await proxy.accept("close");
    await dial().ends("end");
    await proxy.accept("refuse");
    await dial().ends("ECONNREFUSED");
    expect([proxy.accepted, arrivals.length, silent.over]).to.deep.equal([3, 1, undefined]);
    client.socket.write("still here");
    await target.hears("still here");
    const { port } = proxy;
    await proxy.accept("forward");
    expect(proxy.port).to.equal(port);
    await pair();
    expect(silent.over).to.equal(undefined);
    proxy.connections()[1]?.fault({ blackHole: false });
    await until(() => arrivals.length === 3, "the silent one goes on");
    await arrivals[2]?.hears("hello?");
  });

  it("takes changes of the policy in order, without being waited for", async () => {
    await start();
    const changes = [proxy.accept("refuse"), proxy.accept("forward"), proxy.accept("refuse"), proxy.accept("forward")];
    await Promise.all(changes);
    await pair();
  });

  it("says so when its port is taken while it refuses, and can be asked again", async () => {
    await start();
    await proxy.accept("refuse");
    const thief = createServer().listen({ port: proxy.port, host: "127.0.0.1" });
    await once(thief, "listening");
    const failure = await proxy.accept("forward").catch((error: NodeJS.ErrnoException) => error.code);
    expect(failure).to.equal("EADDRINUSE");
    thief.close();
    await once(thief, "close");
    await proxy.accept("forward");
    await pair();
  });

  it("has faults for one connection alone", async () => {
    await start();
    const [first, firstTarget] = await pair();
    const [second, secondTarget] = await pair();
    const [one, two] = proxy.connections();
    expect([one?.id, two?.id]).to.deep.equal([1, 2]);
    one?.fault({ direction: "upstream", blackHole: true });
    first.socket.write("no");
    second.socket.write("yes!");
    await secondTarget.hears("yes!");
    expect([one?.bytes, two?.bytes]).to.deep.equal([
      { upstream: 0, downstream: 0 },
      { upstream: 4, downstream: 0 },
    ]);
    one?.cut();
    await firstTarget.isReset();
    expect([text(firstTarget), second.over, proxy.connections()]).to.deep.equal(["", undefined, [two]]);
  });

  for (const fault of [{ blackHole: true }, { delayMs: 3_600_000 }, { bytesPerSecond: 1 }]) {
    it(`makes the sender wait instead of keeping everything: ${JSON.stringify(fault)}`, async () => {
      await start({ clock: new FakeClock(), maxBufferedBytes: 64 * 1024 });
      const [client] = await pair();
      proxy.fault(fault);
      for (let i = 0; i < 32; i++) client.socket.write(Buffer.alloc(1024 * 1024));
      let length = 0;
      // Until the system's own buffers are full as well.
      while (length !== client.socket.writableLength) {
        length = client.socket.writableLength;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      expect(length).to.be.at.least(16 * 1024 * 1024);
    });
  }

  it("makes the sender wait for a receiver that does not read", async () => {
    await start();
    const [client, target] = await pair();
    target.socket.pause();
    for (let i = 0; i < 32; i++) client.socket.write(Buffer.alloc(1024 * 1024));
    await until(() => (proxy.connections()[0]?.bytes.upstream ?? 0) > 1024 * 1024, "some has passed");
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(client.socket.writableLength).to.be.at.least(8 * 1024 * 1024);
    let got = 0;
    target.socket.removeAllListeners("data").on("data", (bytes) => {
      got += bytes.length;
    });
    target.socket.resume();
    await until(() => got === 32 * 1024 * 1024, "everything has come");
  });

  it("passes a reset on behind the bytes that were sent before it", async () => {
    const clock = new FakeClock();
    await start({ clock });
    const [client, target] = await pair();
    proxy.fault({ delayMs: 50 });
    client.socket.write("last words");
    await until(() => clock.pendingTimers === 1, "they are under way");
    client.socket.resetAndDestroy();
    await settle(20);
    await clock.advance(49);
    expect(target.over).to.equal(undefined);
    await clock.advance(1);
    await target.isReset();
    expect(text(target)).to.equal("last words");
  });

  it("resets the client when the target cannot be reached", async () => {
    await start();
    server.close();
    await dial().isReset();
    await until(() => proxy.connections().length === 0, "the connection is gone");
  });

  it("leaves no socket and no timer when it is closed amid everything", async () => {
    const clock = new FakeClock();
    await start({ clock });
    proxy.fault({ delayMs: 50, bytesPerSecond: 10 });
    const all = [...(await pair()), ...(await pair())];
    for (const end of all) end.socket.write("under way");
    await until(() => clock.pendingTimers === 4, "all is under way");
    proxy.connections()[0]?.fault({ blackHole: true });
    await proxy.accept("silence");
    const silent = dial();
    await until(() => proxy.connections().length === 3, "it is accepted");
    await Promise.all([proxy.close(), proxy.close()]);
    expect([proxy.connections(), clock.pendingTimers]).to.deep.equal([[], 0]);
    for (const end of [...all, silent]) await until(() => end.over !== undefined, "it has heard of it");
    expect(await proxy.accept("forward").catch(String)).to.equal("Error: proxy.accept: the proxy is closed");
  });

  it("keeps scheme and path of its target in its own address", async () => {
    for (const [target, scheme, path] of [
      ["ws://localhost:4000", "ws", ""],
      ["wss://[::1]/farcall?zone=a", "wss", "/farcall?zone=a"],
      ["tcp://127.0.0.1:4000/", "tcp", ""],
    ] as const) {
      proxy = await createFaultProxy(target);
      expect(proxy.url).to.equal(`${scheme}://127.0.0.1:${proxy.port}${path}`);
      await proxy.close();
    }
  });

  describe("refuses", () => {
    const target = "tcp://127.0.0.1:4000";
    for (const [what, make, message] of [
      ["no target", () => createFaultProxy(undefined as never), "the target must be a URL, got undefined"],
      ["a word as target", () => createFaultProxy("server"), 'the target must be a URL with host and port, such as "ws://127'],
      ["a target without a port", () => createFaultProxy("tcp://server"), 'got "tcp://server"'],
      ["a target with port 0", () => createFaultProxy("ws://server:0"), 'got "ws://server:0"'],
      ["options that are none", () => createFaultProxy(target, null as never), "options must be an object, got null"],
      ["an option it does not know", () => createFaultProxy(target, { host: "x" } as never), "options.host is not an option"],
      ["a port out of range", () => createFaultProxy(target, { port: 65_536 }), "port must be a whole number from 0 to 65535"],
      ["a port that is taken", () => createFaultProxy(target, { port: proxy.port }), "EADDRINUSE"],
      ["no buffer", () => createFaultProxy(target, { maxBufferedBytes: 0 }), "maxBufferedBytes must be a whole number from 1"],
      ["a clock that is none", () => createFaultProxy(target, { clock: 1 as never }), "clock must be a clock, got 1"],
      ["a random that is none", () => createFaultProxy(target, { random: 0.5 as never }), "random must be a function, got 0.5"],
      ["no rule", () => proxy.fault(undefined as never), "proxy.fault: the rule must be an object, got undefined"],
      ["a field it does not know", () => proxy.fault({ delay: 5 } as never), "proxy.fault.delay is not an option; known are"],
      ["an unknown direction", () => proxy.fault({ direction: "up" as never }), '"upstream" or "downstream", got "up"'],
      ["NaN", () => proxy.fault({ delayMs: Number.NaN }), "delayMs must be a number of milliseconds from 0, got NaN"],
      ["a negative delay", () => proxy.fault({ delayMs: -1 }), "delayMs must be a number of milliseconds from 0, got -1"],
      ["an endless delay", () => proxy.fault({ delayMs: Infinity }), "got Infinity"],
      ["a delay that is no number", () => proxy.fault({ delayMs: "5" as never }), 'delayMs must be a number, got "5"'],
      ["a negative jitter", () => proxy.fault({ jitterMs: -1 }), "jitterMs must be a number of milliseconds from 0, got -1"],
      ["no bytes per second", () => proxy.fault({ bytesPerSecond: 0 }), "bytesPerSecond must be greater than 0"],
      ["half a byte", () => proxy.fault({ cutAfterBytes: 0.5 }), "cutAfterBytes must be a whole number from 0"],
      ["a black hole that is none", () => proxy.fault({ blackHole: 1 as never }), "blackHole must be true or false, got 1"],
      ["an unknown policy", () => proxy.accept("drop" as never), '"forward", "silence", "close" or "refuse", got "drop"'],
    ] as const) {
      it(`${what}, and changes nothing`, async () => {
        await start();
        const error = await (async () => make())().then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        expect(String(error)).to.include(message);
        const [client, peer] = await pair();
        client.socket.write("all is well");
        await peer.hears("all is well");
      });
    }

    it("a rule for one connection alike", async () => {
      await start();
      await pair();
      expect(() => proxy.connections()[0]?.fault({ delayMs: -1 })).to.throw(RangeError, "connection.fault: delayMs");
    });
  });
});
