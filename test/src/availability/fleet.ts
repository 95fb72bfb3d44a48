import {
  type Client,
  type ClientOptions,
  createClient,
  FarcallError,
  type ManualResolver,
  manualResolver,
} from "@farcall/client";
import { type CallContext, createServer, type Server, type ServerOptions } from "@farcall/server";
import { createFaultProxy, type FaultProxy, settle } from "@farcall/testing";
import { openHandles } from "../conformance/pair.js";
import { until } from "../conformance/settlement.js";
import { Shop, type ShopClient, type ShopHandler } from "../contracts/gen/shop.js";

/** What a server writes down when it enters a handler. */
export interface Entry {
  readonly server: string;
  readonly method: "quote" | "order";
  readonly call: number;
  readonly attempt: number;
  /** By the clock of this process. */
  readonly at: number;
}

export interface FleetOptions {
  readonly servers: number;
  /** Puts a fault proxy before each of them. */
  readonly isProxied?: boolean;
  readonly server?: ServerOptions;
  readonly client?: ClientOptions;
  /** Runs in each handler, after its entry has been written down and before its work. */
  readonly behave?: (entry: Entry, ctx: CallContext) => void | Promise<void>;
}

/** A server of the fleet. Its name is its id for the client, and the answer of its methods. */
export interface Member {
  readonly name: string;
  readonly server: Server;
  /** The proxy's, if there is one. */
  readonly url: string;
  readonly proxy: FaultProxy;
}

/** Servers in this process, and one client that is connected to all of them over sockets. */
export interface Fleet {
  readonly client: Client;
  readonly stub: ShopClient;
  readonly resolver: ManualResolver;
  readonly members: readonly Member[];
  /** Every handler that was entered, on any server, in order. */
  readonly entries: readonly Entry[];
  /** Starts one more, which nobody knows before `discover`. */
  readonly add: () => Promise<Member>;
  /** Tells the client of all that have been started. */
  readonly discover: () => void;
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Handlers that write down that they were entered, and then do as they are told. */
export function shop(name: string, entries: Entry[], behave?: FleetOptions["behave"]): ShopHandler {
  const serve = async (method: Entry["method"], call: number, ms: number, ctx: CallContext): Promise<string> => {
    const entry: Entry = { server: name, method, call, attempt: ctx.attempt, at: performance.now() };
    entries.push(entry);
    await behave?.(entry, ctx);
    if (ms > 0) await pause(ms);
    return name;
  };
  return {
    quote: (call, ms, ctx) => serve("quote", call, ms, ctx),
    order: (call, ms, ctx) => serve("order", call, ms, ctx),
    async *ticks(ms) {
      for (let i = 0; ; i++) {
        yield i;
        await pause(ms);
      }
    },
  };
}

/** Waits until every endpoint of the client takes calls. */
export async function connected(client: Client): Promise<void> {
  await client.ready();
  await until(() => client.endpoints().every(({ state }) => state === "ready"), "every endpoint is ready");
}

/** Runs one case with a fleet, and ends all of it. */
export async function withFleet(options: FleetOptions, run: (fleet: Fleet) => Promise<void>): Promise<void> {
  const entries: Entry[] = [];
  const members: Member[] = [];
  const resolver = manualResolver();
  const add = async (): Promise<Member> => {
    const name = `s${members.length}`;
    const server = createServer({ logger: { error() {}, warn() {} }, ...options.server });
    server.implement(Shop, shop(name, entries, options.behave));
    const { url } = await server.listen();
    const proxy = await createFaultProxy(url);
    const member = { name, server, url: options.isProxied === true ? proxy.url : url, proxy };
    members.push(member);
    return member;
  };
  const discover = (): void => resolver.set(members.map(({ name, url }) => ({ id: name, url })));
  let client: Client | undefined;
  try {
    for (let i = 0; i < options.servers; i++) await add();
    discover();
    client = createClient(resolver, options.client);
    await connected(client);
    await run({ client, stub: client.service(Shop), resolver, members, entries, add, discover });
  } finally {
    await client?.close();
    await Promise.all(members.flatMap(({ server, proxy }) => [server.close(), proxy.close()]));
  }
}

/** How often each value comes. */
export function tally(values: Iterable<string>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

/** Refuses to end the suite around it while a socket or a timer is left of its cases. */
export function leavesNothing(): void {
  let before = 0;
  beforeEach(async () => {
    // A turn later: mocha's own timer for the case is counted too.
    await settle(1);
    before = openHandles();
  });
  afterEach(() => until(() => openHandles() <= before, "every socket and timer is gone"));
}

/**
 * Cases that mostly wait and do not disturb each other: they run side by side, and each `it` waits for its own.
 */
export function sideBySide(cases: Readonly<Record<string, () => Promise<void>>>): void {
  let running: Map<string, Promise<{ readonly error?: unknown }>>;
  before(() => {
    running = new Map(
      Object.entries(cases).map(([title, run]) => [
        title,
        run().then(
          () => ({}),
          (error: unknown) => ({ error }),
        ),
      ]),
    );
  });
  for (const title of Object.keys(cases)) {
    it(title, async () => {
      const outcome = await running.get(title);
      if (outcome !== undefined && "error" in outcome) throw outcome.error;
    });
  }
}

/** What became of a call. */
export interface Outcome {
  readonly call: number;
  readonly method: Entry["method"];
  readonly startedAt: number;
  /** The same moment by `Date.now()`, for comparing with other processes. */
  readonly madeAt: number;
  readonly tookMs: number;
  /** The name of the server that answered. */
  readonly server?: string;
  readonly error?: FarcallError;
}

export interface LoadOptions {
  readonly perSecond: number;
  /** Of ten calls, so many are orders. Default 0. */
  readonly orders?: number;
  /** What each call takes at its server. Default 2. */
  readonly workMs?: number;
  /** Default 15 000. */
  readonly timeoutMs?: number;
  /** Default: `timeoutMs`. */
  readonly orderTimeoutMs?: number;
}

/** Calls at a steady rate, whatever becomes of them. */
export class Load {
  readonly outcomes: Outcome[] = [];
  readonly #stub: ShopClient;
  readonly #options: LoadOptions;
  readonly #pending = new Set<Promise<void>>();
  readonly #timer: NodeJS.Timeout;
  #started = 0;

  constructor(stub: ShopClient, options: LoadOptions) {
    this.#stub = stub;
    this.#options = options;
    const { perSecond } = options;
    const beganAt = performance.now();
    this.#timer = setInterval(() => {
      const due = ((performance.now() - beganAt) * perSecond) / 1_000;
      // Who was late does not catch up all at once: that would be another load than the one asked for.
      for (let burst = 0; this.#started < due && burst < perSecond / 20; burst++) this.#call();
    }, 5);
  }

  get started(): number {
    return this.#started;
  }

  /** Makes no more calls; resolves when every one has been settled. */
  async stop(): Promise<readonly Outcome[]> {
    clearInterval(this.#timer);
    await Promise.all(this.#pending);
    return this.outcomes;
  }

  #call(): void {
    const { orders = 0, workMs = 2, timeoutMs = 15_000, orderTimeoutMs = timeoutMs } = this.#options;
    const call = this.#started++;
    const method = call % 10 < orders ? "order" : "quote";
    const startedAt = performance.now();
    const madeAt = Date.now();
    const note = (outcome: Pick<Outcome, "server" | "error">): void => {
      this.outcomes.push({ call, method, startedAt, madeAt, tookMs: performance.now() - startedAt, ...outcome });
    };
    const options = { timeoutMs: method === "order" ? orderTimeoutMs : timeoutMs };
    const settled = this.#stub[method](call, workMs, options)
      .then(
        (server) => note({ server }),
        (error: FarcallError) => note({ error }),
      )
      .finally(() => this.#pending.delete(settled));
    this.#pending.add(settled);
  }
}

/** What the failures among `outcomes` say, for messages of assertions and for comparing. */
export function failures(outcomes: readonly Outcome[]): readonly string[] {
  return outcomes.flatMap(({ method, error }) =>
    error === undefined
      ? []
      : [FarcallError.is(error) ? `${method}: ${error.code} ${error.executed}: ${error.message}` : String(error)],
  );
}
