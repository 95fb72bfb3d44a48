import { systemClock } from "@farcall/protocol";
import { expect } from "chai";
import { webSocketSchemes } from "./endpoints.js";
import { manualResolver } from "./manual.js";
import type { ResolverFactory } from "./resolver.js";
import { StaticResolver } from "./static.js";
import { parseResolvers, resolverOf, type Target } from "./target.js";

const context = { clock: systemClock, random: Math.random };

/** Writes down what it is asked for. */
class Registry implements ResolverFactory {
  readonly asked: string[] = [];
  readonly schemes: readonly string[];
  constructor(schemes: readonly string[]) {
    this.schemes = schemes;
  }
  resolver(target: string) {
    this.asked.push(target);
    return manualResolver();
  }
}

describe("the target of a client", () => {
  const resolve = (target: Target, given?: unknown, builtIn: readonly ResolverFactory[] = []) =>
    resolverOf(target, { factories: parseResolvers(given, builtIn, "resolvers"), context, schemes: webSocketSchemes });

  it("may be a resolver", () => {
    const resolver = manualResolver();
    expect(resolve(resolver)).to.equal(resolver);
  });

  it("is a static list when it holds addresses", () => {
    for (const target of ["ws://a:1", "ws://a:1,b:2", ["ws://a:1"], [{ url: "ws://a:1" }]])
      expect(resolve(target)).to.be.instanceOf(StaticResolver);
  });

  it("goes whole to the resolver that claims its scheme", () => {
    const registry = new Registry(["etcd", "etcds"]);
    resolve("etcd://a:2379,b:2379/inventory", [registry]);
    resolve("ETCDS://a:2379/inventory", [registry]);
    expect(registry.asked).to.deep.equal(["etcd://a:2379,b:2379/inventory", "ETCDS://a:2379/inventory"]);
  });

  it("is resolved by the caller's own factory rather than by a built-in one", () => {
    const [own, builtIn] = [new Registry(["dns"]), new Registry(["dns"])];
    resolve("dns://a:1", [own], [builtIn]);
    expect([own.asked, builtIn.asked]).to.deep.equal([["dns://a:1"], []]);
    resolve("dns://a:1", undefined, [builtIn]);
    expect(builtIn.asked).to.deep.equal(["dns://a:1"]);
  });

  const wrongTargets: readonly (readonly [target: unknown, says: string])[] = [
    [undefined, "the target must be a URL as a text, an array of endpoints or a resolver, got undefined"],
    [null, "the target must be a URL as a text, an array of endpoints or a resolver, got null"],
    [{ start() {}, stop() {} }, "the target must be a URL as a text, an array of endpoints or a resolver, got object"],
    ["consul://127.0.0.1:8500/inventory", "no resolver knows the scheme consul:// of"],
    [["etcd://a:1/x"], '"etcd://a:1/x" stands for a list of its own; it cannot be one of several'],
    [["ws://a:1", "etcd://a:1/x"], '"etcd://a:1/x" stands for a list of its own'],
    [[{ url: "etcd://a:1/x" }], '"etcd://a:1/x" stands for a list of its own'],
    ["ws://a:1,etcd://b:1/x", '"etcd://b:1/x" stands for a list of its own'],
    ["broken://x", 'the factory for broken:// made no resolver of "broken://x"; one has start, refresh and stop'],
  ];
  for (const [target, says] of wrongTargets) {
    it(`row 70: is refused with a TypeError: ${says}`, () => {
      const broken: ResolverFactory = { schemes: ["broken"], resolver: () => ({}) as never };
      expect(() => resolve(target as Target, [new Registry(["etcd"]), broken])).to.throw(TypeError, says);
    });
  }

  const wrongFactories: readonly (readonly [given: unknown, says: string])[] = [
    [null, "resolvers must be an array of resolver factories, got null"],
    [new Registry(["a"]), "resolvers must be an array of resolver factories, got object"],
    [[manualResolver()], "resolvers[0] must be a resolver factory, with schemes and resolver(target, context)"],
    [[undefined], "resolvers[0] must be a resolver factory"],
    [[{ schemes: "dns", resolver() {} }], "resolvers[0] must be a resolver factory"],
    [[new Registry([])], "resolvers[0] must be a resolver factory"],
    [[new Registry(["dns:"])], 'resolvers[0].schemes: "dns:" is not a scheme; write it in lower case, without colon'],
    [[new Registry(["DNS"])], 'resolvers[0].schemes: "DNS" is not a scheme'],
    [[new Registry([5 as never])], "resolvers[0].schemes: 5 is not a scheme"],
    [[new Registry(["ws"])], "resolvers[0].schemes: ws is an address already"],
    [[new Registry(["a"]), new Registry(["b", "a"])], "resolvers[1].schemes: a is claimed by an earlier resolver"],
  ];
  for (const [given, says] of wrongFactories) {
    it(`row 70: refuses resolvers with a TypeError: ${says}`, () => {
      expect(() => resolve("ws://a:1", given)).to.throw(TypeError, says);
    });
  }
});
