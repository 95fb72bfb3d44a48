import { expect } from "chai";
import type { GenerateOptions } from "./index.js";
import { brief, Workbench } from "./workbench.spec.support.js";

describe("methods of real interfaces", () => {
  let bench: Workbench;
  /** Modules are loaded once. */
  let count = 0;

  before(async () => {
    bench = await Workbench.create();
  });

  after(() => bench.dispose());

  /** The client and handler lines of a service `S` with these members, and its descriptor. */
  async function generated(members: string, more = "", options: Partial<GenerateOptions> = {}) {
    const name = `s${++count}`;
    await bench.write(`${name}.ts`, `/** @service */\nexport interface S {\n${members}\n}\n${more}\n`);
    const result = await bench.generate([`${name}.ts`], options);
    const errors = result.diagnostics.filter(({ severity }) => severity === "error");
    expect(errors).to.deep.equal([]);
    expect(await bench.compile({ lib: ["ES2023", "DOM"] })).to.equal("");
    const text = result.files[0]?.text ?? "";
    const lines = text.split("\n").map((line) => line.trim());
    return { result, text, lines, service: await bench.load(`gen/${name}.js`, "S") };
  }

  it("may return what await makes a result of", async () => {
    const { lines } = await generated(
      [
        "plain(): string;",
        "nothing(): void;",
        "either(): Promise<string> | number;",
        "like(): PromiseLike<Date>;",
        "deep(): Promise<Promise<1>>;",
        "field: (x: string) => Promise<boolean>;",
      ].join("\n"),
    );
    for (const line of [
      "plain(options?: CallOptions): Promise<string>;",
      "plain(ctx: CallContext): Promise<string> | string;",
      "nothing(options?: CallOptions): Promise<void>;",
      "either(options?: CallOptions): Promise<number | string>;",
      "like(options?: CallOptions): Promise<Date>;",
      "field(x: string, options?: CallOptions): Promise<boolean>;",
    ]) {
      expect(lines).to.include(line);
    }
  });

  it("may be optional for the handler", async () => {
    const { lines, service } = await generated(
      "maybe?(): Promise<void>;\nalso?: (x: string) => Promise<void>;\nsure(): Promise<void>;",
    );
    expect(lines).to.include.members([
      "maybe(options?: CallOptions): Promise<void>;",
      "maybe?(ctx: CallContext): Promise<void> | void;",
      "also?(x: string, ctx: CallContext): Promise<void> | void;",
    ]);
    expect([...service.methods].map(([name, { optional }]) => [name, optional])).to.deep.equal([
      ["maybe", true],
      ["also", true],
      ["sure", undefined],
    ]);
  });

  it("may take any number of values", async () => {
    const { lines, service } = await generated(
      "log(level: 1 | 2, ...lines: string[]): Promise<void>;\nlong(...lines: { first: string; second: number; third: boolean; fourth: Date; fifth: bigint; last: null }[]): void;\ncall(...args: [a: string, b?: number]): Promise<void>;",
    );
    expect(lines).to.include.members([
      "log(level: 1 | 2, ...lines: string[]): Promise<void>;",
      "log(level: 1 | 2, lines: string[], ctx: CallContext): Promise<void> | void;",
      "call(...args: [a: string, b?: number]): Promise<void>;",
    ]);
    const log = service.methods.get("log");
    expect(log).to.include({ params: 2, rest: true });
    expect(log?.args.is([1, ["a", "b"]])).to.equal(true);
    expect(log?.args.is([1, ["a", 2]])).to.equal(false);
    expect(service.methods.get("call")?.args.is([["a"]])).to.equal(true);
  });

  it("may be overloaded, as far as arguments tell overloads apart", async () => {
    const { lines, service } = await generated(
      [
        "/** By id. */\nfind(id: string): Promise<Found>;",
        "/** All. */\nfind(ids: number[], limit?: number): Promise<Found[]>;",
        "send(kind: 'a', of: { x: string }): void;\nsend(kind: 'b', of: { y: Date }): number;",
        "watch(a: string): AsyncIterable<string>;\nwatch(a: number, signal?: AbortSignal): AsyncIterable<number>;",
        "all: { (a: 1, ...more: string[]): string; (a: 2, ...more: number[]): string };",
        "up(to: 'x', items: AsyncIterable<string>): void;\nup(to: 'y', items: AsyncIterable<number>): void;",
      ].join("\n"),
      "export interface Found { id: string }",
    );
    expect(lines).to.include.members([
      "/** By id. */",
      "find(id: string, limit?: undefined, options?: CallOptions): Promise<contract.Found>;",
      "find(ids: number[], limit?: number, options?: CallOptions): Promise<contract.Found[]>;",
      "id: string | number[],",
      "limit: number | undefined,",
      "): Promise<contract.Found | contract.Found[]> | contract.Found | contract.Found[];",
      "watch(a: string, signal?: AbortSignal, options?: CallOptions): AsyncIterable<string>;",
      "all(a: 1, ...more: string[]): Promise<string>;",
      "all(a: 1 | 2, more: string[] | number[], ctx: CallContext): Promise<string> | string;",
      'up(to: "y", items: AsyncIterable<number>, options?: CallOptions): Promise<void>;',
    ]);
    const send = service.methods.get("send");
    expect(send?.args.is(["a", { x: "" }])).to.equal(true);
    expect(send?.args.is(["b", { y: new Date(0) }])).to.equal(true);
    expect(send?.args.is(["b", { x: "" }])).to.equal(false);
    expect(send?.args.explain(["b", { x: "" }])[0]?.path).to.deep.equal(["of", "y"]);
    expect(send?.outputs?.map((output) => [output.is(undefined), output.is(1)])).to.deep.equal([
      [true, false],
      [false, true],
    ]);
    expect(service.methods.get("find")?.args.is(["a", 1])).to.equal(false);
    expect(service.methods.get("up")?.outputs).to.equal(undefined);
    expect(service.methods.get("all")).to.include({ params: 2, rest: true });
  });

  it("leave the overloads with callbacks to those who are near", async () => {
    const { lines, service, result } = await generated(
      "get(id: string, done: (error: Error | null, found?: Found) => void): void;\nget(id: string): Promise<Found>;",
      "interface Found { id: string; more?: Found }",
    );
    expect(brief(result)).to.deep.equal(["FC1908 3:1"]);
    expect(lines).to.include('get(id: string, options?: CallOptions): Promise<Awaited<ReturnType<contract.S["get"]>>>;');
    expect(service.methods.get("get")?.args.arms).to.equal(undefined);
  });

  it("may be generic, where the constraint says what travels, or a few literals do", async () => {
    const { lines, service, result } = await generated(
      [
        "put<T extends Row>(value: T, ...more: Box<T>[]): Promise<void>;",
        "log<T>(value: T, level?: 1): void;",
        "feed<T extends Row>(rows: AsyncIterable<T>): Promise<number>;",
        "send<T extends Row = Row>(value?: T | null): void;",
        "get<K extends keyof Rows>(key: K, box?: Box<Rows[K]>): Promise<Rows[K] | undefined>;",
        "set<K extends keyof Rows>(key: K, value: Rows[K]): void;",
        "mapped<T extends Row>(value: T, flags: Flags): void;",
        "one<K extends keyof Rows>(key: K): Rows[K];",
        "plain<K extends keyof Rows>(key: K): void;",
        "watch<K extends keyof Rows>(key: K): AsyncIterable<{ key: K; rows: Rows[K][] }>;",
      ].join("\n"),
      [
        "export interface Row { id: string }",
        "export interface Box<T> { of: T }",
        "export interface Flags { of: { [K in 'x' | 'y']: boolean } }",
        "export interface Rows { a: Row; b: bigint; c?: Date }",
      ].join("\n"),
    );
    expect(brief(result)).to.deep.equal(["FC1205 4:15"]);
    expect(lines).to.include.members([
      "put(value: contract.Row, ...more: contract.Box<contract.Row>[]): Promise<void>;",
      "log(value: unknown, level?: 1, options?: CallOptions): Promise<void>;",
      "feed(rows: AsyncIterable<contract.Row>, options?: CallOptions): Promise<number>;",
      "send(value?: contract.Row | null, options?: CallOptions): Promise<void>;",
      'get(key: "b", box?: contract.Box<bigint>, options?: CallOptions): Promise<bigint | undefined>;',
      'set(key: "a", value: contract.Row, options?: CallOptions): Promise<void>;',
      'set(key: "c", value: Date | undefined, options?: CallOptions): Promise<void>;',
      'one(key: "a" | "b" | "c", options?: CallOptions): Promise<contract.Row | bigint | Date | undefined>;',
      "mapped(value: contract.Row, flags: contract.Flags, options?: CallOptions): Promise<void>;",
      'plain(key: "a" | "b" | "c", options?: CallOptions): Promise<void>;',
      'watch(key: "b", options?: CallOptions): AsyncIterable<{ key: "b"; rows: bigint[] }>;',
    ]);
    expect(lines.filter((line) => line.startsWith('set(key: "a" | '))).to.have.length(1);
    const [get, set, watch] = ["get", "set", "watch"].map((name) => service.methods.get(name));
    expect(get?.args.is(["b", { of: 1n }])).to.equal(true);
    expect(get?.args.is(["b", { of: { id: "" } }])).to.equal(false);
    expect(get?.outputs?.map((output) => [output.is({ id: "" }), output.is(1n), output.is(new Date(0))])).to.deep.equal([
      [true, false, false],
      [false, true, false],
      [false, false, true],
    ]);
    expect(set?.args.is(["a", 1n])).to.equal(false);
    expect(set?.args.is(["c"])).to.equal(true);
    expect(watch?.outputs?.[1]?.is({ key: "b", rows: [1n] })).to.equal(true);
    expect(watch?.outputs?.[1]?.is({ key: "a", rows: [] })).to.equal(false);
  });

  it("may take a signal, alone or among options, which does not travel", async () => {
    const { lines, service } = await generated(
      [
        "alone(id: string, signal?: AbortSignal): Promise<string>;",
        "first(signal: AbortSignal | undefined, id: string): Promise<string>;",
        "among(id: string, options?: Options): Promise<string>;",
        "streams(signal: AbortSignal, items: AsyncIterable<string>, last: number): AsyncIterable<string>;",
        "inline(options: { signal?: AbortSignal; limit?: number }): Promise<void>;",
        "both(options?: Options & { deep: boolean }): Promise<void>;",
      ].join("\n"),
      "export interface Options { signal?: AbortSignal; limit: number }",
    );
    expect(lines).to.include.members([
      "alone(id: string, signal?: AbortSignal, options?: CallOptions): Promise<string>;",
      "alone(id: string, signal: AbortSignal, ctx: CallContext): Promise<string> | string;",
      "among(id: string, options?: contract.Options, callOptions?: CallOptions): Promise<string>;",
    ]);
    const signals = [...service.methods].map(([name, { signal, params }]) => [name, params, signal]);
    expect(signals).to.deep.equal([
      ["alone", 2, { param: 1 }],
      ["first", 2, { param: 0 }],
      ["among", 2, { param: 1, property: "signal" }],
      ["streams", 3, { param: 0 }],
      ["inline", 1, { param: 0, property: "signal" }],
      ["both", 1, { param: 0, property: "signal" }],
    ]);
    expect(service.methods.get("alone")?.args.is(["a"])).to.equal(true);
    expect(service.methods.get("streams")?.args.is([1])).to.equal(true);
    expect(service.methods.get("among")?.args.is(["a", { limit: 1 }])).to.equal(true);
    expect(service.methods.get("among")?.args.is(["a", { limit: "1" }])).to.equal(false);
  });

  it("stream events in place of calling a listener", async () => {
    const { lines, service, result } = await generated(
      [
        "on(event: 'opened', listener: () => void): this;",
        "on(event: 'changed', listener: (change: Change) => void): this;",
        "on(event: 'moved' | 'copied', listener: (from: string, to: string) => void): this;",
        "addListener<K extends keyof Events>(event: K, listener: Events[K]): void;",
        "addEventListener<K extends keyof Payloads>(type: K, listener: (event: Payloads[K]) => void): () => void;",
        "off(event: 'opened', listener: () => void): this;",
      ].join("\n"),
      [
        "export interface Change { id: string }",
        "export interface Events { opened(): void; changed: (change: Change) => Promise<void> }",
        "export interface Payloads { a: Change; b: number }",
      ].join("\n"),
    );
    expect(brief(result)).to.deep.equal(["FC1906 8:1"]);
    expect(lines).to.include.members([
      'on(event: "opened", options?: CallOptions): AsyncIterable<void>;',
      'on(event: "changed", options?: CallOptions): AsyncIterable<contract.Change>;',
      'on(event: "moved", options?: CallOptions): AsyncIterable<[from: string, to: string]>;',
      'on(event: "copied", options?: CallOptions): AsyncIterable<[from: string, to: string]>;',
      'addListener(event: "changed", options?: CallOptions): AsyncIterable<contract.Change>;',
      'addEventListener(type: "b", options?: CallOptions): AsyncIterable<number>;',
    ]);
    const on = service.methods.get("on");
    expect(on).to.include({ kind: "server-stream", params: 1 });
    expect(on?.args.is(["moved"])).to.equal(true);
    expect(on?.args.is(["closed"])).to.equal(false);
    for (const item of [undefined, { id: "a" }, ["a", "b"]]) expect(on?.output.is(item)).to.equal(true);
    expect(on?.output.is(["a"])).to.equal(false);
    expect(on?.outputs?.map((output) => [output.is(undefined), output.is({ id: "a" }), output.is(["a", "b"])])).to.deep.equal([
      [true, false, false],
      [false, true, false],
      [false, false, true],
      [false, false, true],
    ]);
  });

  it("may stand in groups, each a service of its own", async () => {
    const { lines, service, result } = await generated(
      "version(): string;\nreadonly users: Users;\nadmin?: { audit: { list(limit: number): Promise<string[]> }; ping(): void };",
      "/** People. */\nexport interface Users { get(id: string): Promise<string> }",
    );
    expect(result.services.map(({ name, wireName }) => [name, wireName])).to.deep.equal([
      ["SUsers", "S.users"],
      ["SAdminAudit", "S.admin.audit"],
      ["SAdmin", "S.admin"],
      ["S", "S"],
    ]);
    expect(lines).to.include.members([
      "readonly users: SUsersClient;",
      "readonly users: SUsersHandler;",
      "readonly admin: SAdminClient;",
      "readonly admin?: SAdminHandler;",
      'export type SUsers = contract.S["users"];',
      'export type SAdmin = NonNullable<contract.S["admin"]>;',
    ]);
    expect([...service.groups.keys()]).to.deep.equal(["users", "admin"]);
    expect([...service.optionalGroups]).to.deep.equal(["admin"]);
    expect(service.groups.get("admin")?.groups.get("audit")?.methods.get("list")?.args.is([1])).to.equal(true);
  });

  it("come from interfaces that extend, merge and fill in others", async () => {
    const { lines } = await generated(
      "own(): Promise<void>;",
      [
        "interface Store<T> { get(id: string): Promise<T | undefined>; all(): AsyncIterable<T>; put(value: T): Promise<void> }",
        "export interface S extends Omit<Store<Order>, 'put'> {}",
        "export interface S { put(value: Order, force?: boolean): Promise<void> }",
        "/** @service orders */\nexport type Orders = Store<Order> & { count(): Promise<number> };",
        "export interface Order { id: string }",
        "export declare namespace billing {\n/** @service */\nexport interface Invoices { pay(invoice: Invoice): Promise<void> }\nexport interface Invoice { cents: bigint }\n}",
      ].join("\n"),
    );
    expect(lines).to.include.members([
      "own(options?: CallOptions): Promise<void>;",
      "put(value: contract.Order, force?: boolean, options?: CallOptions): Promise<void>;",
      "get(id: string, options?: CallOptions): Promise<contract.Order | undefined>;",
      "all(options?: CallOptions): AsyncIterable<contract.Order>;",
      "export type Orders = contract.Orders;",
      "count(options?: CallOptions): Promise<number>;",
      "export type Invoices = contract.billing.Invoices;",
      "pay(invoice: contract.billing.Invoice, options?: CallOptions): Promise<void>;",
    ]);
  });

  it("are reached through the contract where their types have no name", async () => {
    const wide = Array.from({ length: 30 }, (_, n) => `property${n}: string`).join("; ");
    const { lines, text, service } = await generated(
      [
        "recursive(x: Node, y?: Node): Promise<Node | undefined>;",
        "branded(x: Sku): AsyncIterable<Sku>;",
        "feed(x: AsyncIterable<Node>): Promise<void>;",
        "maybe?(...nodes: Node[]): Node;",
        `wide(x: { ${wide} }): Promise<void>;`,
      ].join("\n"),
      "interface Node { next?: Node }\ndeclare const tag: unique symbol;\ntype Sku = string & { [tag]: true };",
    );
    expect(lines).to.include.members([
      'x: Parameters<contract.S["recursive"]>[0],',
      'y?: Exclude<Parameters<contract.S["recursive"]>[1], undefined>,',
      '): Promise<Awaited<ReturnType<contract.S["recursive"]>>>;',
      'wide(x: Parameters<contract.S["wide"]>[0], options?: CallOptions): Promise<void>;',
    ]);
    expect(text).to.include('maybe(...nodes: Parameters<NonNullable<contract.S["maybe"]>>)');
    expect(service.methods.get("recursive")?.args.is([{ next: { next: {} } }])).to.equal(true);
  });

  it("write lists of intersections and unions so that they mean the same", async () => {
    const { lines } = await generated(
      "marks(): Promise<readonly (bigint & { __of?: string })[]>;\nmany(): Promise<[first: 1, ...rest: (1 | 2)[]]>;",
    );
    expect(lines).to.include.members([
      "marks(options?: CallOptions): Promise<readonly (bigint & { __of?: string })[]>;",
      "many(options?: CallOptions): Promise<[first: 1, ...rest: (1 | 2)[]]>;",
    ]);
  });

  it("share what is written out several times", async () => {
    const { text, service } = await generated(
      "a(): Promise<Wide>;\nb(x: Wide): Promise<void>;\nc(): Promise<{ a: 1; b: 1; c: 1; d: 1; e: 1 }>;",
      "type All = { wide: { a: string; b: string; c: string; d: string; e: bigint } };\ntype Wide = All['wide'] ;",
    );
    expect(text.match(/typeof v\["b"\] === "string"|v\["b"\]/g)?.length).to.equal(2);
    expect(text).to.include("WideShape").and.not.include("CShape");
    expect(service.methods.get("b")?.args.is([{ a: "", b: "", c: "", d: "", e: 1n }])).to.equal(true);
    expect(service.methods.get("b")?.args.is([{ a: "", b: "", c: "", d: "", e: 1 }])).to.equal(false);
  });

  it("may be those of a class, and of what extends one", async () => {
    const own = await Workbench.create({
      "classes.ts": [
        "abstract class Base<T> {",
        "  /** From below. */",
        "  abstract load(id: string): Promise<T>;",
        "  protected cache = new Map<string, T>();",
        "}",
        "/** A shop. @service */",
        "export class Shop extends Base<Item> {",
        "  static open(): Shop { return new Shop(new Users()); }",
        "  private sold = 0;",
        "  #secret = 1;",
        "  constructor(readonly users: Users) { super(); }",
        "  async load(id: string) { return { id }; }",
        "  /** @idempotent */",
        "  buy(item: Item, units = 1) { this.sold += units + this.#secret; return item.id; }",
        "  sell = async (item: Item): Promise<bigint> => BigInt(item.id);",
        "  async *all(): AsyncGenerator<Item, void, undefined> { yield { id: '' }; }",
        "  find(id: string): Item | undefined;",
        "  find(ids: string[]): Item[];",
        "  find(x: string | string[]): Item | Item[] | undefined { return typeof x === 'string' ? undefined : []; }",
        "  private audit(): void {}",
        "  protected check(f: () => void) { f(); this.audit(); }",
        "}",
        "export class Users { get(id: string): Promise<string> { return Promise.resolve(id); } private log() {} }",
        "export interface Item { id: string }",
        "/** @service */",
        "export interface Wrapped extends Pick<Shop, 'buy' | 'users'> {}",
        "/** @service */",
        "export interface Whole extends Shop { more(): void }",
        "export class Named { hello(): string { return ''; } }",
      ].join("\n"),
    });
    const result = await own.generate(["classes.ts"]);
    expect(brief(result)).to.deep.equal([]);
    expect(result.services.map(({ name, methods }) => [name, methods.map((method) => method.name).join(" ")])).to.deep.equal([
      ["ShopUsers", "get"],
      ["Shop", "load buy sell all find"],
      ["WrappedUsers", "get"],
      ["Wrapped", "buy"],
      ["WholeUsers", "get"],
      ["Whole", "more load buy sell all find"],
    ]);
    const lines = result.files[0]?.text.split("\n").map((line) => line.trim());
    expect(lines).to.include.members([
      "export type Shop = contract.Shop;",
      "readonly users: ShopUsersClient;",
      "load(id: string, options?: CallOptions): Promise<{ id: string }>;",
      "buy(item: contract.Item, units?: number, options?: CallOptions): Promise<string>;",
      "sell(item: contract.Item, options?: CallOptions): Promise<bigint>;",
      "all(options?: CallOptions): AsyncIterable<contract.Item>;",
      "find(ids: string[], options?: CallOptions): Promise<contract.Item[]>;",
      'repeatability: "idempotent",',
    ]);
    expect((await own.generate(["classes.ts"], { services: ["Named"], outDir: "named" })).services[0]?.name).to.equal("Named");
    expect(await own.compile({ isolatedDeclarations: false, noUnusedLocals: false })).to.equal("");
    await own.dispose();
  });

  it("are those of the services that are named, wherever they come from", async () => {
    await bench.write(
      "s.ts",
      "export type { Remote as Renamed, Other } from './lib/remote.js';\nexport interface Local { a(): void }\n",
    );
    await bench.write(
      "lib/remote.d.ts",
      "export interface Remote { b(): Promise<void> }\nexport interface Other { c(): Promise<void> }\n",
    );
    const result = await bench.generate(["s.ts"], { services: ["Renamed", "Local"] });
    expect(result.diagnostics).to.deep.equal([]);
    expect(result.services.map(({ name, wireName }) => [name, wireName])).to.deep.equal([
      ["Renamed", "Renamed"],
      ["Local", "Local"],
    ]);
    expect(brief(await bench.generate(["s.ts"], { services: ["Missing"] }))).to.deep.equal(["FC1012"]);
  });

  it("keep to the policy for properties that nobody declared", async () => {
    for (const [unknownKeys, verdict] of [
      ["strip", true],
      ["allow", true],
      ["reject", false],
    ] as const) {
      const { service } = await generated("put(x: { id: string; inner?: { a: 1 } }): Promise<void>;", "", { unknownKeys });
      const { args } = service.methods.get("put") ?? expect.fail();
      expect(args.is([{ id: "a", inner: { a: 1 } }])).to.equal(true);
      for (const value of [
        { id: "a", more: 1 },
        { id: "a", inner: { a: 1, more: new Date(0) } },
      ]) {
        expect(args.is([value]), unknownKeys).to.equal(verdict);
        expect(args.explain([value]).length === 0, unknownKeys).to.equal(verdict);
      }
      expect(args.is([{ id: "a", more: new Map() }])).to.equal(unknownKeys === "strip");
    }
  });
});
