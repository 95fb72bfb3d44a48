import { RawPeer } from "@farcall/testing";
import { expect } from "chai";
import { transports, withPair } from "./pair.js";

const service = "farcall.test.Conformance";
const inherited = ["__proto__", "constructor", "toString", "then", "hasOwnProperty", "valueOf", "with", "prototype"];

const unknown: readonly { readonly service: string; readonly method: string }[] = [
  { service, method: "missing" },
  { service: "missing", method: "echo" },
  { service, method: "ECHO" },
  { service: `${service}\0`, method: "echo" },
  ...inherited.map((method) => ({ service, method })),
  ...inherited.map((name) => ({ service: name, method: "echo" })),
  ...inherited.map((name) => ({ service: name, method: name })),
];

describe("names from the wire", () => {
  for (const { service: serviceName, method } of unknown) {
    it(`row 10, Q5: answers UNIMPLEMENTED to ${JSON.stringify(serviceName)} ${JSON.stringify(method)}`, () =>
      withPair("WebSocket", {}, {}, async ({ url, stub }) => {
        const before = Reflect.ownKeys(Object.prototype);
        const peer = await RawPeer.welcomed(url);
        peer.sendFrames([23, 0, serviceName, method, ""], [16, 1, 0, 0, null, []]);
        expect(await peer.frame()).to.include({ kind: 18, id: 1, code: "UNIMPLEMENTED", executed: "no" });
        // The connection goes on, and so does everybody else's.
        peer.sendFrames([23, 1, service, "empty", ""], [16, 3, 1, 0, null, []]);
        expect(await peer.frame()).to.include({ kind: 17, id: 3 });
        peer.terminate();
        await stub.empty();
        expect(Reflect.ownKeys(Object.prototype)).to.deep.equal(before);
      }));
  }

  it("Q5: gives a stub no inherited names, so that it is never mistaken for a promise", () =>
    withPair("memory", {}, {}, async ({ stub }) => {
      const names = stub as unknown as Record<string, unknown>;
      expect(inherited.filter((name) => name !== "with" && names[name] !== undefined)).to.deep.equal([]);
      expect(await Promise.resolve(stub)).to.equal(stub);
    }));
});

for (const transport of transports) {
  describe(`row 17: data with names of Object.prototype over ${transport}`, () => {
    it("Q5: travels as own properties that mean nothing", () =>
      withPair(transport, {}, {}, async ({ stub }) => {
        const values: Record<string, string> = {};
        for (const name of inherited) if (name !== "__proto__") values[name] = `own ${name}`;
        values.toJSON = "own toJSON";
        const back = await stub.record(values);
        expect(Object.entries(back)).to.deep.equal(Object.entries(values));
        expect(({} as Record<string, unknown>).toJSON).to.equal(undefined);
      }));

    it("Q5: is never polluted by __proto__, which is refused or stays an own property", () =>
      withPair(transport, {}, {}, async ({ stub }) => {
        const values = JSON.parse('{"__proto__": "polluted", "a": "b"}') as Record<string, string>;
        const outcome = await stub.record(values).catch((error: unknown) => error);
        expect(outcome).to.include({ code: "INVALID_ARGUMENT", executed: "no" });
        expect(({} as Record<string, unknown>).polluted).to.equal(undefined);
        // The connection was not the price.
        await stub.empty();
      }));
  });
}
