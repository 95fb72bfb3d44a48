import { readFileSync } from "node:fs";
import { type CallOptions, createClient, type FarcallError } from "@farcall/client";
import {
  decode,
  defaultLimits,
  encode,
  type Frame,
  FrameReader,
  kinds,
  type Limits,
  type Payload,
  ProtocolError,
  readValue,
  type Schema,
  ShapeError,
  writeValue,
} from "@farcall/protocol";
import { type Shape, schema, t } from "@farcall/protocol/codegen/v1";
import { createServer, type Server } from "@farcall/server";
import { RawPeer, RawServer } from "@farcall/testing";
import { expect } from "chai";
import { wellBehaved } from "./conformance/implementation.js";
import { Conformance } from "./contracts/gen/conformance.js";

// The notation is explained in test/conformance/vectors/README.md.

type Part = string | { readonly repeat: string; readonly times: number } | { readonly id: string };
type Hex = string | readonly Part[];

interface FrameVector {
  readonly name: string;
  readonly hex: Hex;
  readonly meaning?: readonly unknown[];
  readonly refusal?: { readonly closeCode: number };
}

interface ValueVector {
  readonly type: string;
  readonly value?: unknown;
  readonly written?: string | null;
  readonly accepted?: readonly string[];
  readonly refused?: readonly string[];
}

interface Step {
  readonly send?: Hex;
  readonly sendText?: string;
  readonly expect?: Record<string, unknown>;
  readonly expectChunks?: {
    readonly id: unknown;
    readonly bytes?: number;
    readonly atLeast?: number;
    readonly uncredited?: number;
  };
  readonly expectClose?: number;
  readonly call?: { readonly method: string; readonly args: unknown[]; readonly input?: unknown[]; readonly timeoutMs?: number };
  readonly abort?: true;
  readonly drain?: true;
  readonly settles?: Record<string, unknown>;
}

interface Dialogue {
  readonly name: string;
  readonly after: "upgrade" | "welcome";
  readonly hello?: { readonly limits?: Partial<Limits> };
  readonly welcome?: { readonly limits?: Partial<Limits> };
  readonly steps: readonly Step[];
}

function load<T>(path: string): readonly T[] {
  return JSON.parse(readFileSync(new URL(`../conformance/vectors/${path}`, import.meta.url), "utf8")) as T[];
}

function bytesOf(hex: Hex, bindings?: ReadonlyMap<string, unknown>): Uint8Array {
  const text = typeof hex === "string" ? hex : hex.map((part) => textOf(part, bindings)).join("");
  return new Uint8Array(Buffer.from(text, "hex"));
}

function textOf(part: Part, bindings: ReadonlyMap<string, unknown> | undefined): string {
  if (typeof part === "string") return part;
  if ("repeat" in part) return part.repeat.repeat(part.times);
  const { bytes, start, end } = encode(bindings?.get(part.id));
  return Buffer.from(bytes.subarray(start, end)).toString("hex");
}

/** A value from its notation. Patterns (`$any`, `$bind`, …) stay as they are. */
function fromNotation(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromNotation);
  if (typeof value !== "object" || value === null) return value;
  const [key, given] = Object.entries(value)[0] ?? [];
  switch (key) {
    case "$bytes":
      return bytesOf(typeof given === "string" ? given : [given as Part]);
    case "$bigint":
      return BigInt(given as string);
    case "$number":
      return Number(given);
    case "$undefined":
      return undefined;
    case "$date":
      return new Date(((given as number[])[0] as number) * 1000 + ((given as number[])[1] as number) / 1e6);
    case "$items":
      return Array.from({ length: (given as number[])[0] as number }, () => (given as number[])[1]);
    case "$nested":
      return Array.from({ length: given as number }).reduce<unknown[]>((inner, _, i) => (i === 0 ? [] : [inner]), []);
    default:
      return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, fromNotation(v)]));
  }
}

function toNotation(value: unknown): unknown {
  if (value === undefined) return { $undefined: true };
  if (typeof value === "bigint") return { $bigint: value.toString() };
  if (typeof value === "number") return Number.isFinite(value) ? value + 0 : { $number: String(value) };
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString("hex") };
  if (value instanceof Date) {
    const seconds = Math.floor(value.getTime() / 1000);
    return { $date: [seconds, (value.getTime() - seconds * 1000) * 1e6] };
  }
  if (Array.isArray(value)) return value.map(toNotation);
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, toNotation(v)]));
}

/** The same notation, written in the one way that `toNotation` writes it. */
const canonical = (value: unknown): unknown => toNotation(fromNotation(value));

const kindNames = new Map<number, string>(Object.entries(kinds).map(([name, kind]) => [kind, name]));

/** A frame as the vectors write it. */
function meaningOf(frame: Frame): Record<string, unknown> {
  const fields = Object.entries({ head: undefined, ...frame }).map(([key, value]): [string, unknown] => {
    if (key === "kind") return [key, kindNames.get(value as number)];
    if (key === "values") return [key, (value as readonly Payload[]).map(shown)];
    if (key === "bytes") return [key, toNotation(value)];
    if (key === "load") return [key, value ?? null];
    if (key === "services") return [key, Object.fromEntries(value as ReadonlyMap<string, boolean>)];
    return [key, typeof value === "object" ? shown(value as Payload) : value];
  });
  const meaning = Object.fromEntries(fields);
  if (frame.kind !== kinds.call && frame.kind !== kinds.error) delete meaning.head;
  else meaning.head ??= null;
  return meaning;
}

function shown(payload: Payload): unknown {
  return payload.announced > 0 ? { $announced: payload.announced } : toNotation(decode(payload));
}

function readAll(message: Uint8Array): Record<string, unknown>[] {
  const reader = new FrameReader(message);
  const frames: Record<string, unknown>[] = [];
  for (let frame = reader.next(); frame !== undefined; frame = reader.next()) frames.push(meaningOf(frame));
  return frames;
}

describe("P4: vectors: frames", () => {
  for (const { name, hex, meaning } of load<FrameVector>("frames.json")) {
    it(name, () => expect(readAll(bytesOf(hex))).to.deep.equal(canonical(meaning)));
  }
});

describe("P4: vectors: refusals", () => {
  let server: Server;
  let url: string;

  before(async () => {
    ({ server, url } = await serve());
  });

  after(() => server.close());

  for (const { name, hex, refusal } of load<FrameVector>("refusals.json")) {
    it(name, async () => {
      const bytes = bytesOf(hex);
      expect(() => readAll(bytes))
        .to.throw(ProtocolError)
        .with.property("closeCode", refusal?.closeCode);
      const peer = await RawPeer.welcomed(url);
      peer.sendBytes(bytes);
      expect((await peer.closed()).code, "close code of a server").to.equal(refusal?.closeCode);
    });
  }
});

const shapes: Readonly<Record<string, Shape>> = {
  string: t.string,
  number: t.number,
  bigint: t.bigint,
  boolean: t.boolean,
  null: t.null,
  undefined: t.undefined,
  '"on" | 3 | true': t.literal("on", 3, true),
  "number[]": t.array(t.number),
  "number | bigint": t.union(t.number, t.bigint),
  "[string, number?]": t.tuple([t.string, t.number], { required: 1 }),
  "{ a: number; b?: string }": t.object({ a: t.number }, { b: t.string }),
  "string | null": t.union(t.string, t.null),
  "Record<string, number>": t.record(t.number),
  Date: t.date,
  Uint8Array: t.bytes,
  "string | number | Date": t.union(t.string, t.number, t.date),
};

describe("P4: vectors: values", () => {
  for (const { type, value, written, accepted = [], refused = [] } of load<ValueVector>("values.json")) {
    const what = refused.length > 0 ? "what is no such value" : JSON.stringify(value).slice(0, 80);
    it(`${type}: ${what}`, () => {
      const declared: Schema = schema(shapes[type] as Shape, (given) => declared.explain(given).length === 0);
      const read = (hex: string): unknown => {
        const bytes = new FrameReader(bytesOf(`931101${hex}`)).next() as { readonly value: Payload };
        return readValue(declared, bytes.value);
      };
      for (const hex of refused) expect(() => read(hex), hex).to.throw(ShapeError);
      if (refused.length > 0) return;
      for (const hex of typeof written === "string" ? [written, ...accepted] : accepted) {
        expect(toNotation(read(hex)), hex).to.deep.equal(canonical(value));
        expect(declared.is(read(hex)), hex).to.equal(true);
      }
      const given = fromNotation(value);
      // Inside data: a `void` result alone is written as nil.
      const { bytes, start, end } = writeValue(schema(t.array(shapes[type] as Shape), Array.isArray), [given]);
      const hex = Buffer.from(bytes.subarray(start + 1, end)).toString("hex");
      if (typeof written === "string") expect(hex, "as written").to.equal(written);
      else expect(accepted, "as written").to.include(hex);
    });
  }
});

async function serve(): Promise<{ server: Server; url: string }> {
  const server = createServer({ logger: { error() {}, warn() {} } });
  server.implement(Conformance, wellBehaved);
  const { url } = await server.listen();
  return { server, url };
}

/** One raw socket, and what a dialogue has learned from it. */
class Conversation {
  readonly bindings = new Map<string, unknown>();
  readonly #peer: RawPeer;
  #frames: Record<string, unknown>[] = [];

  readonly #chunkWindow: number;
  #taken = 0;

  constructor(peer: RawPeer, greeting: Dialogue["hello"]) {
    this.#peer = peer;
    this.#chunkWindow = greeting?.limits?.chunkWindowBytes ?? defaultLimits.chunkWindowBytes;
  }

  async step(step: Step): Promise<void> {
    if (step.send !== undefined) this.#peer.sendBytes(bytesOf(step.send, this.bindings));
    if (step.sendText !== undefined) this.#peer.socket.send(step.sendText);
    if (step.expect !== undefined) await this.#expect(canonical(step.expect) as Record<string, unknown>);
    if (step.expectChunks !== undefined) await this.#expectChunks(step.expectChunks);
    if (step.expectClose !== undefined) expect((await this.#peer.closed()).code, "close code").to.equal(step.expectClose);
  }

  async #expect(pattern: Record<string, unknown>): Promise<void> {
    for (;;) {
      const frame = await this.#next();
      if (this.#matches(pattern, frame)) return;
      // Liveness and credit may come at any time.
      if (frame.kind === "ping" || frame.kind === "credit") continue;
      expect(frame).to.deep.equal(pattern);
      throw new Error(`${JSON.stringify(frame)} is not ${JSON.stringify(pattern)}`);
    }
  }

  async #expectChunks({ id, bytes, atLeast, uncredited }: NonNullable<Step["expectChunks"]>): Promise<void> {
    if (uncredited !== undefined) {
      const before = this.#taken;
      for (let nonce = 1; nonce <= 5; nonce++) {
        this.#peer.sendFrames([kinds.ping, nonce]);
        for (let frame = await this.#next(); frame.kind !== "pong"; frame = await this.#next()) this.#takeChunk(id, frame);
      }
      expect(this.#taken - before, "bytes of chunks without credit").to.be.at.most(uncredited);
      return;
    }
    const enough = bytes ?? atLeast ?? 0;
    while (this.#taken < enough) {
      this.#peer.sendFrames([kinds.credit, 0, this.#chunkWindow + this.#taken]);
      this.#takeChunk(id, await this.#next());
    }
    if (bytes !== undefined) expect(this.#taken, "bytes of chunks").to.equal(bytes);
  }

  #takeChunk(id: unknown, frame: Record<string, unknown>): void {
    if (frame.kind === "ping" || frame.kind === "credit") return;
    if (frame.kind !== "chunk" || !this.#matches(id, frame.id))
      throw new Error(`${JSON.stringify(frame).slice(0, 200)} where a chunk is expected`);
    this.#taken += (frame.bytes as { readonly $bytes: string }).$bytes.length / 2;
  }

  /** The next frame; items one by one, however many came in a frame. */
  async #next(): Promise<Record<string, unknown>> {
    const before = this.#frames.shift();
    if (before !== undefined) return before;
    const frame = await this.#peer.frame();
    if (frame === undefined) throw new Error(`the connection ended: ${JSON.stringify(await this.#peer.closed())}`);
    const meaning = meaningOf(frame);
    if (meaning.kind !== "item") return meaning;
    const { values, ...rest } = meaning as { values: unknown[] };
    this.#frames = values.map((value) => ({ ...rest, value }));
    return this.#next();
  }

  #matches(pattern: unknown, actual: unknown): boolean {
    if (typeof pattern !== "object" || pattern === null) return Object.is(pattern, actual);
    if (Array.isArray(pattern))
      return (
        Array.isArray(actual) && pattern.length === actual.length && pattern.every((one, i) => this.#matches(one, actual[i]))
      );
    const { $any, $bind, $is, $atMost } = pattern as { $any?: true; $bind?: string; $is?: string; $atMost?: number };
    if ($any !== undefined) return actual !== undefined;
    if ($is !== undefined) return this.bindings.get($is) === actual;
    if ($atMost !== undefined) return typeof actual === "number" && actual <= $atMost;
    if ($bind !== undefined) {
      this.bindings.set($bind, actual);
      return true;
    }
    if (typeof actual !== "object" || actual === null) return false;
    return Object.entries(pattern).every(([key, value]) => this.#matches(value, (actual as Record<string, unknown>)[key]));
  }
}

describe("P4: vectors: dialogues with a server", () => {
  let server: Server;
  let url: string;

  before(async () => {
    ({ server, url } = await serve());
  });

  after(() => server.close());

  for (const { name, after, hello, steps } of load<Dialogue>("dialogues/server.json")) {
    it(name, async () => {
      // A server that leaves is of use to nobody else.
      const own = steps.some((step) => step.drain) ? await serve() : undefined;
      const address = own?.url ?? url;
      const peer = after === "welcome" ? await RawPeer.welcomed(address, { ...hello }) : await RawPeer.connect(address);
      try {
        const conversation = new Conversation(peer, hello);
        for (const step of steps) {
          if (step.drain === true) void own?.server.drain();
          await conversation.step(step);
        }
      } finally {
        peer.terminate();
        await own?.server.close();
      }
    });
  }
});

/** Does what a dialogue tells the client to do, and remembers what came of it. */
class Caller {
  readonly #stub: object;
  readonly #abort = new AbortController();
  #outcome: Promise<Record<string, unknown>> = Promise.resolve({});

  constructor(stub: object) {
    this.#stub = stub;
  }

  step({ call, abort }: Step): void {
    if (abort === true) this.#abort.abort();
    if (call !== undefined) this.#outcome = this.#call(call);
  }

  async settles(expected: Record<string, unknown>): Promise<void> {
    const outcome = await this.#outcome;
    const picked = Object.fromEntries(Object.keys(expected).map((key) => [key, toNotation(outcome[key])]));
    if (expected.error !== undefined) {
      const error = outcome.error as FarcallError | undefined;
      const fields = Object.keys(expected.error as object).map((key) => [
        key,
        (error as unknown as Record<string, unknown>)?.[key],
      ]);
      picked.error = toNotation(Object.fromEntries(fields));
    } else if (outcome.error !== undefined) throw outcome.error;
    expect(picked).to.deep.equal(expected);
  }

  async #call(call: NonNullable<Step["call"]>): Promise<Record<string, unknown>> {
    const outcome: Record<string, unknown> = {};
    const options: CallOptions = {
      signal: this.#abort.signal,
      ...(call.timeoutMs === undefined ? {} : { timeoutMs: call.timeoutMs }),
      onHeaders: (headers) => {
        outcome.headers = [...headers];
      },
      onTrailers: (trailers) => {
        outcome.trailers = [...trailers];
      },
    };
    const args = call.args.map(fromNotation);
    if (call.input !== undefined) args.push(streamOf(call.input.map(fromNotation)));
    const method = (this.#stub as Record<string, (...args: unknown[]) => unknown>)[call.method] as (
      ...args: unknown[]
    ) => unknown;
    try {
      const answer = method.call(this.#stub, ...args, options);
      if (answer instanceof Promise) outcome.value = await answer;
      else {
        const items: unknown[] = [];
        outcome.items = items;
        for await (const item of answer as AsyncIterable<unknown>) items.push(item);
      }
    } catch (error) {
      outcome.error = error;
    }
    return outcome;
  }
}

async function* streamOf(items: readonly unknown[]): AsyncIterable<unknown> {
  yield* items;
}

describe("P4: vectors: dialogues with a client", () => {
  for (const { name, after, welcome, steps } of load<Dialogue>("dialogues/client.json")) {
    it(name, async () => {
      const server = await RawServer.listen();
      const client = createClient(server.url);
      void client.ready().catch(() => {});
      try {
        const peer = after === "welcome" ? await server.welcomed({ ...welcome }) : await server.connection();
        const conversation = new Conversation(peer, welcome);
        const caller = new Caller(client.service(Conformance));
        for (const step of steps) {
          caller.step(step);
          await conversation.step(step);
          if (step.settles !== undefined) await caller.settles(canonical(step.settles) as Record<string, unknown>);
        }
      } finally {
        await client.close();
        await server.close();
      }
    });
  }
});
