import { type Connector, FarcallError, subprotocol, type TransportEvents, WebSocketTransport } from "@farcall/protocol";
import { createMemoryNetwork } from "@farcall/testing";
import { expect } from "chai";
import { WebSocket } from "ws";
import { kinds } from "./kinds.js";
import { type PairOptions, type TransportName, transports, withPair } from "./pair.js";
import { failureOf } from "./settlement.js";

const secret = "s3cret-text";
const item = new Uint8Array([1]);

/** Every way to throw. None of it may leave the process. */
const thrown: readonly { readonly name: string; readonly make: () => unknown }[] = [
  { name: "an Error", make: () => new Error(secret) },
  { name: "an Error with a cause and fields", make: () => Object.assign(new Error(secret, { cause: secret }), { sql: secret }) },
  { name: "a RangeError", make: () => new RangeError(secret) },
  { name: "a string", make: () => secret },
  { name: "undefined", make: () => undefined },
  { name: "null", make: () => null },
  { name: "zero", make: () => 0 },
  { name: "a symbol", make: () => Symbol(secret) },
  { name: "a function", make: () => () => secret },
  {
    name: "a plain object that looks like an error of ours",
    make: () => ({ code: "NOT_FOUND", message: secret, executed: "no" }),
  },
  { name: "an object without prototype", make: () => Object.create(null) as unknown },
  { name: "an Error whose getters throw", make: () => hostileError() },
  { name: "a Proxy whose traps throw", make: () => hostileProxy() },
  { name: "a Proxy that passes for an error of ours and then throws", make: () => impostor() },
  { name: "an error of ours with a broken message", make: () => forged({ message: { toString: () => secret } }) },
  { name: "a frozen AggregateError", make: () => Object.freeze(new AggregateError([new Error(secret)], secret)) },
];

function hostileError(): Error {
  const error = new Error("");
  const boom = (): never => {
    throw new Error(secret);
  };
  for (const key of ["message", "stack", "name", "code", "cause"]) Object.defineProperty(error, key, { get: boom });
  return error;
}

function hostileProxy(): object {
  const boom = (): never => {
    throw new Error(secret);
  };
  return new Proxy({}, { get: boom, has: boom, getPrototypeOf: boom, ownKeys: boom, getOwnPropertyDescriptor: boom });
}

function impostor(): object {
  return new Proxy(
    {},
    {
      get(_target, key) {
        if (key === Symbol.for("farcall.error")) return true;
        if (key === "code") return "NOT_FOUND";
        throw new Error(secret);
      },
    },
  );
}

function forged(fields: Record<string, unknown>): object {
  return { [Symbol.for("farcall.error")]: true, code: "NOT_FOUND", executed: "yes", ...fields };
}

/** What a careless library returns in place of a promise. */
function thenable(then: (resolve: (value: unknown) => void, reject: (error: unknown) => void) => void): object {
  // oxlint-disable-next-line unicorn/no-thenable
  return { then };
}

/** A pair whose client keeps every byte that reaches it, to be searched for what must not be there. */
function listening(transport: TransportName): { readonly options: PairOptions; readonly heard: () => string } {
  const parts: Buffer[] = [];
  const network = createMemoryNetwork();
  const connector: Connector = (url, events) => {
    const tapped: TransportEvents = {
      open: () => events.open(),
      drained: () => events.drained(),
      closed: (info) => events.closed(info),
      message(bytes) {
        parts.push(Buffer.from(bytes));
        events.message(bytes);
      },
    };
    return transport === "memory"
      ? network.connector(url, tapped)
      : new WebSocketTransport(new WebSocket(url, subprotocol, { perMessageDeflate: false }), url, tapped);
  };
  const server = transport === "memory" ? { listener: network.listener("server") } : {};
  return { options: { client: { connector }, server, logs: true }, heard: () => Buffer.concat(parts).toString("latin1") };
}

const opaque = /^internal error [0-9a-f-]{36}$/;

for (const transport of transports) {
  describe(`row 17: what handlers throw, over ${transport}`, () => {
    for (const kind of kinds) {
      for (const { name, make } of thrown) {
        for (const moment of kind.answersStream
          ? (["at once", "when first read", "after an answer"] as const)
          : (["at once", "later"] as const)) {
          it(`row 41: gives a ${kind.name} caller one opaque INTERNAL for ${name}, thrown ${moment}`, async () => {
            const { options, heard } = listening(transport);
            const implementation = kind.serve(() => {
              if (moment === "at once") throw make();
              if (moment === "later") return Promise.reject(make());
              return (async function* () {
                if (moment === "after an answer") yield item;
                throw make();
              })();
            });
            await withPair(transport, implementation, options, async ({ stub, log }) => {
              const error = await failureOf(kind.call(stub));
              expect(error).to.include({ code: "INTERNAL", executed: "yes" });
              expect(error.message).to.match(opaque);
              expect(error.details).to.equal(undefined);
              const id = error.message.slice("internal error ".length);
              expect(log.filter((line) => line.includes(id))).to.have.lengthOf(1);
              expect(log).to.have.lengthOf(1);
              await stub.empty();
            });
            for (const text of [secret, "thrown.spec", "at Object", ".ts:", ".js:", "/test/"])
              expect(heard()).to.not.include(text);
          });
        }
      }

      it(`row 41: hands a ${kind.name} caller an error that was thrown on purpose whole, and logs nothing`, () =>
        withPair(
          transport,
          kind.serve(() => {
            throw new FarcallError("NOT_FOUND", "no such sku 🌍\n\0", { details: { sku: "a" }, retryAfterMs: 5, cause: secret });
          }),
          {},
          async ({ stub }) => {
            const error = await failureOf(kind.call(stub));
            expect(error).to.include({
              code: "NOT_FOUND",
              executed: "yes",
              message: "no such sku 🌍\n\0",
              retryAfterMs: 5,
            });
            expect(error.details).to.deep.equal({ sku: "a" });
            expect(error.cause).to.equal(undefined);
          },
        ));
    }

    const thenables: readonly {
      readonly name: string;
      readonly make: () => unknown;
      readonly answer: Uint8Array | "INTERNAL";
    }[] = [
      {
        name: "resolves twice",
        answer: item,
        make: () =>
          thenable((resolve) => {
            resolve(item);
            resolve(new Uint8Array([2]));
          }),
      },
      {
        name: "resolves and then throws",
        answer: item,
        make: () =>
          thenable((resolve) => {
            resolve(item);
            throw new Error(secret);
          }),
      },
      {
        name: "resolves and rejects",
        answer: item,
        make: () =>
          thenable((resolve, reject) => {
            resolve(item);
            reject(new Error(secret));
          }),
      },
      {
        name: "throws when it is asked for then",
        answer: "INTERNAL",
        make: () => hostileProxy(),
      },
    ];
    for (const { name, make, answer } of thenables) {
      it(`row 41: settles once for a handler whose thenable ${name}`, () =>
        withPair(transport, { echo: () => make() as Uint8Array }, { logs: true }, async ({ stub }) => {
          const call = stub.echo(item);
          if (answer === "INTERNAL") expect((await failureOf(call)).message).to.match(opaque);
          else expect(await call).to.deep.equal(answer);
        }));
    }

    const wrong: readonly unknown[] = [undefined, null, "text", 1, [], {}, hostileProxy(), Symbol("x"), () => item];
    for (const kind of kinds) {
      it(`row 41: gives a ${kind.name} caller an opaque INTERNAL for every result of the wrong shape`, async () => {
        let next: unknown;
        const { options, heard } = listening(transport);
        await withPair(
          transport,
          kind.serve(() => next),
          options,
          async ({ stub }) => {
            for (const value of wrong) {
              if (kind.name === "client-stream" && value === 1) continue;
              next = value;
              const error = await failureOf(kind.call(stub));
              expect(error).to.include({ code: "INTERNAL", executed: "yes" });
              expect(error.message).to.match(opaque);
            }
          },
        );
        expect(heard()).to.not.include(secret);
      });
    }
  });
}
