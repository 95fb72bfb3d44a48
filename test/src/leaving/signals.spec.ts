import { type Client, createClient, FarcallError } from "@farcall/client";
import { createServer, drainOnSignals } from "@farcall/server";
import { expect } from "chai";
import { collect, failureOf, until } from "../conformance/settlement.js";
import { Conformance } from "../contracts/gen/conformance.js";
import { encodeOrder, ServerProcess } from "./server-process.js";

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Calls and streams of one client, at a steady rate, and what became of them. */
class Load {
  readonly errors: string[] = [];
  readonly ids = new Set<number>();
  ended = 0;
  #next = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #pending = new Set<Promise<void>>();
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Begins with calls and streams at once, and goes on with 1 000 calls a second. */
  begin(calls: number, streams: number): void {
    for (let i = 0; i < calls; i++) this.#call();
    for (let i = 0; i < streams; i++) {
      const sizes = Array.from({ length: 40 }, () => 10);
      this.#watch(
        collect(this.#client.service(Conformance).download(sizes)).then((items) => {
          if (items.length !== sizes.length) throw new Error(`a stream ended after ${items.length} items`);
        }),
      );
    }
    let due = performance.now();
    this.#timer = setInterval(() => {
      for (; due < performance.now(); due++) this.#call();
    }, 5);
  }

  async end(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#pending);
  }

  #call(): void {
    const id = this.#next++;
    this.#watch(
      this.#client
        .service(Conformance)
        .echo(encodeOrder({ id, deadlineAt: 0 }))
        .then(() => void this.ids.add(id)),
    );
  }

  #watch(outcome: Promise<void>): void {
    const settled = outcome
      .catch((error: unknown) => {
        this.errors.push(FarcallError.is(error) ? `${error.code} ${error.executed}: ${error.message}` : String(error));
      })
      .then(() => {
        this.ended++;
        this.#pending.delete(settled);
      });
    this.#pending.add(settled);
  }
}

function expectOnceEach(load: Load, servers: readonly ServerProcess[]): void {
  const entered = servers.flatMap((server) => server.entries().map(({ id }) => id));
  expect(new Set(entered).size, "orders that ran twice").to.equal(entered.length);
  expect(entered.length, "orders that ran").to.equal(load.ids.size);
}

describe("leaving on signals", function () {
  this.timeout(60_000);
  const started: ServerProcess[] = [];
  const clients: Client[] = [];
  const start = async (options?: object, port?: number): Promise<ServerProcess> => {
    const server = await ServerProcess.start(options, port);
    started.push(server);
    return server;
  };
  const connect = async (...servers: readonly ServerProcess[]): Promise<Client> => {
    const client = createClient(servers.map(({ url }) => url));
    clients.push(client);
    await until(() => client.endpoints().every(({ state }) => state === "ready"), "all are connected");
    return client;
  };
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
    await Promise.all(started.splice(0).map((server) => server.dispose()));
  });

  it("row 36: X6: SIGTERM for one of three under 1 000 calls/s: 0 calls and streams fail, none runs twice, exit code 0", async () => {
    const servers = await Promise.all([1, 2, 3].map(() => start({ workMs: 100 })));
    const client = await connect(...servers);
    const load = new Load(client);
    load.begin(100, 20);
    await pause(300);
    const at = performance.now();
    servers[0]?.signal("SIGTERM");
    expect(await servers[0]?.exited()).to.deep.equal({ code: 0, signal: null });
    expect(performance.now() - at, "ms until the process was gone").to.be.below(10_000);
    await pause(300);
    await load.end();
    expect(load.errors).to.deep.equal([]);
    expectOnceEach(load, servers);
  });

  it("row 36: X6: rolling restart of three under 1 000 calls/s: 0 calls and streams fail, none runs twice", async () => {
    const servers = await Promise.all([1, 2, 3].map(() => start({ workMs: 30 })));
    const client = await connect(...servers);
    const load = new Load(client);
    load.begin(100, 20);
    const successors: ServerProcess[] = [];
    for (const server of servers) {
      server.signal("SIGTERM");
      expect(await server.exited()).to.deep.equal({ code: 0, signal: null });
      successors.push(await start({ workMs: 30 }, server.port));
      while (!client.endpoints().every(({ state }) => state === "ready")) await pause(20);
    }
    await load.end();
    expect(load.errors).to.deep.equal([]);
    expectOnceEach(load, [...servers, ...successors]);
  });

  it("row 36: X6: restart of the only server under 1 000 calls/s: 0 calls fail, they wait", async () => {
    const first = await start({ workMs: 30 });
    const client = await connect(first);
    const load = new Load(client);
    load.begin(100, 0);
    await pause(200);
    first.signal("SIGTERM");
    expect(await first.exited()).to.deep.equal({ code: 0, signal: null });
    const second = await start({ workMs: 30 }, first.port);
    await client.ready();
    await pause(200);
    await load.end();
    expect(load.errors).to.deep.equal([]);
    expectOnceEach(load, [first, second]);
  });

  it("row 37: a stuck handler outlives the grace: its call ends UNAVAILABLE, the process with code 1", async () => {
    const server = await start({ drainTimeoutMs: 500 });
    const client = await connect(server);
    const call = failureOf(client.service(Conformance).sleep());
    await client.service(Conformance).empty();
    server.signal("SIGTERM");
    expect(await call).to.include({ code: "UNAVAILABLE", executed: "yes" });
    expect(await server.exited()).to.deep.equal({ code: 1, signal: null });
  });

  for (const [second, code] of [
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ] as const) {
    it(`row 37: a second signal, ${second}, closes at once: its calls end UNAVAILABLE, the process with code ${code}`, async () => {
      const server = await start();
      const client = await connect(server);
      const call = failureOf(client.service(Conformance).sleep());
      await client.service(Conformance).empty();
      server.signal("SIGTERM");
      await until(() => client.state === "draining", "the client knows");
      const at = performance.now();
      server.signal(second);
      expect(await call).to.include({ code: "UNAVAILABLE", executed: "unknown" });
      expect(await server.exited()).to.deep.equal({ code, signal: null });
      expect(performance.now() - at, "ms until the process was gone").to.be.below(5_000);
    });
  }

  it("of two servers in one process, the one that is done first does not cut the other short", async () => {
    const server = await start({ workMs: 500, companion: true });
    const client = await connect(server);
    const order = encodeOrder({ id: 1, deadlineAt: 0 });
    const call = client.service(Conformance).echo(order);
    await until(() => server.entries().length === 1, "the call runs");
    server.signal("SIGTERM");
    expect(await call).to.deep.equal(order);
    expect(await server.exited()).to.deep.equal({ code: 0, signal: null });
  });

  it("row 37: without calls the process is gone at once", async () => {
    const server = await start();
    const client = await connect(server);
    server.signal("SIGINT");
    expect(await server.exited()).to.deep.equal({ code: 0, signal: null });
    await client.close();
  });
});

describe("drainOnSignals", () => {
  it("row 37: can leave the process alive, and installs nothing before or after", async () => {
    const listeners = (): number[] => ["SIGUSR2", "SIGTERM", "SIGINT"].map((name) => process.listenerCount(name));
    const before = listeners();
    const server = createServer();
    await server.listen();
    expect(listeners()).to.deep.equal(before);
    const { left } = drainOnSignals(server, { signals: ["SIGUSR2"], exit: false });
    expect(process.listenerCount("SIGUSR2")).to.equal(1);
    process.kill(process.pid, "SIGUSR2");
    expect(await left).to.equal(0);
    expect(listeners()).to.deep.equal(before);
    const other = drainOnSignals(server);
    other.stop();
    expect(listeners()).to.deep.equal(before);
  });

  it("row 70: wrong options are refused by name", async () => {
    const server = createServer();
    const wrong: readonly [unknown, string][] = [
      [{ signals: [] }, "signals must be an array"],
      [{ signals: "SIGTERM" }, "signals must be an array"],
      [{ signals: ["SIGKILL"] }, '"SIGKILL" is not a signal that a process can listen for'],
      [{ signals: ["toString"] }, '"toString" is not a signal'],
      [{ signals: [15] }, "15 is not a signal"],
      [{ exit: 1 }, "exit must be true or false"],
      [{ signal: "SIGTERM" }, "options.signal is not an option"],
      [null, "options must be an object"],
    ];
    for (const [options, message] of wrong) {
      expect(() => drainOnSignals(server, options as never), message).to.throw(TypeError, message);
    }
    expect(() => drainOnSignals({} as never)).to.throw(TypeError, "the first argument must be a server");
    await server.close();
  });
});
