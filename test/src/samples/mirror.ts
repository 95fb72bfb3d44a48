import { createClient } from "@farcall/client";
import { type MethodDescriptor, type ServiceDescriptor, schema, service, t } from "@farcall/protocol";
import { createServer } from "@farcall/server";

type Call = (...args: readonly unknown[]) => Promise<unknown> & AsyncIterable<unknown>;
export type Stub = Readonly<Record<string, Call>>;

/** A server whose methods give back what they are given, and those that keep to the contract or do not. */
export interface Mirror {
  /** Keeps to the contract. */
  readonly stub: Stub;
  /** Sends whatever it is given, as its form says, to the same server. */
  readonly looseStub: Stub;
  /** Keeps to the contract, and calls a server that answers with whatever it is given. */
  readonly stubOfLoose: Stub;
  /** What the handler of the strict server was called with last, and how often one was. */
  readonly seen: { args: readonly unknown[]; count: number };
  /** What the handlers answer instead of what they are given. */
  instead: { readonly value: unknown } | undefined;
  /** What the strict server has written into its log last. */
  readonly logged: { text: string };
  close(): Promise<void>;
}

export async function openMirror(descriptor: ServiceDescriptor<unknown, object>): Promise<Mirror> {
  const seen = { args: [] as readonly unknown[], count: 0 };
  const logged = { text: "" };
  const log = (...what: readonly unknown[]): void => {
    logged.text = what.map((one) => (one instanceof Error ? one.message : String(one))).join(" ");
  };
  const quiet = { error: log, warn: log };
  const mirror: { instead: Mirror["instead"] } = { instead: undefined };
  const answer = (value: unknown): unknown => (mirror.instead === undefined ? value : mirror.instead.value);
  const handlerOf = ({ methods, groups }: ServiceDescriptor): Record<string, unknown> => ({
    ...Object.fromEntries([...groups].map(([name, group]) => [name, handlerOf(group)])),
    ...Object.fromEntries(
      [...methods].map(([name, { kind, rest, params }]) => {
        if (kind === "unary") return [name, unary(rest === true ? params - 1 : 0)];
        return [name, kind === "client-stream" ? gather : name === "on" ? subscribe : forward];
      }),
    ),
  });
  const unary =
    (index: number) =>
    (...args: readonly unknown[]): unknown => {
      seen.args = args;
      seen.count++;
      return answer(args[index]);
    };
  async function gather(items: AsyncIterable<unknown>): Promise<unknown> {
    const list: unknown[] = [];
    for await (const item of items) list.push(item);
    return answer(list);
  }
  async function* forward(items: AsyncIterable<unknown> | Iterable<unknown>): AsyncGenerator<unknown> {
    for await (const item of items) yield item;
    if (mirror.instead !== undefined) yield mirror.instead.value;
  }
  async function* subscribe(): AsyncGenerator<unknown> {
    yield answer(undefined);
  }

  const strict = createServer({ port: 0, logger: quiet }).implement(descriptor, handlerOf(descriptor));
  const loose = loosened(descriptor);
  const looseServer = createServer({ port: 0, logger: quiet }).implement(loose, handlerOf(loose));
  const client = createClient((await strict.listen()).url);
  const clientOfLoose = createClient((await looseServer.listen()).url);
  return Object.assign(mirror, {
    stub: client.service(descriptor) as Stub,
    looseStub: client.service(loose) as Stub,
    stubOfLoose: clientOfLoose.service(descriptor) as Stub,
    seen,
    logged,
    async close() {
      await Promise.all([client.close(), clientOfLoose.close()]);
      await Promise.all([strict.close(), looseServer.close()]);
    },
  });
}

/** The same service for a peer that checks nothing. */
function loosened(descriptor: ServiceDescriptor): ServiceDescriptor<unknown, object> {
  const anything = schema(t.any, () => true);
  const list = schema<readonly unknown[]>(t.array(t.any), () => true);
  const method = (one: MethodDescriptor): MethodDescriptor => ({
    ...one,
    args: list,
    ...(one.input === undefined ? {} : { input: anything }),
    output: anything,
    fingerprint: "0",
  });
  return service({
    name: descriptor.name,
    fingerprint: "0",
    methods: () => Object.fromEntries([...descriptor.methods].map(([name, one]) => [name, method(one)])),
    groups: Object.fromEntries([...descriptor.groups].map(([name, group]) => [name, loosened(group)])),
  });
}

/** What `value` is as it travels, where its type is not known. */
export function asOnWire(value: unknown): unknown {
  if (typeof value !== "object" || value === null || value instanceof Date || value instanceof Uint8Array) return value;
  if (Array.isArray(value) || value instanceof Set || value instanceof Map)
    return Array.from(value as Iterable<unknown>, asOnWire);
  if (value instanceof URL) return value.href;
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, asOnWire(one)]));
}
