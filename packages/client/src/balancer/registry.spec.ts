import { expect } from "chai";
import { anyCall, endpoint, seeded } from "./fleet.spec.support.js";
import { consistentHash, createBalancer, parseBalancer, zoneAware } from "./registry.js";

const parse = (given: unknown) => parseBalancer(given, "createClient: balancer", seeded(1));

describe("the balancer option", () => {
  it("is p2c-ewma unless said otherwise, one of the names, or a balancer of the caller's own", () => {
    expect(parse(undefined).name).to.equal("p2c-ewma");
    for (const name of [
      "p2c-ewma",
      "least-pending",
      "round-robin",
      "weighted-round-robin",
      "random",
      "weighted-random",
      "consistent-hash",
      "pick-first",
    ]) {
      expect(parse(name).name).to.equal(name);
    }
    const own = { name: "own", picker: () => ({ pick: () => undefined }) };
    expect(parse(own)).to.equal(own);
  });

  it("refuses everything else by name, with what may have been meant", () => {
    const known =
      "Known are p2c-ewma, least-pending, round-robin, weighted-round-robin, random, weighted-random, consistent-hash, pick-first";
    expect(() => parse("round-robbin")).to.throw(
      TypeError,
      `createClient: balancer "round-robbin" is not known. Did you mean "round-robin"? ${known}`,
    );
    expect(() => parse("Round_Robin")).to.throw(TypeError, 'Did you mean "round-robin"?');
    expect(() => parse("toString")).to.throw(TypeError, `createClient: balancer "toString" is not known. ${known}`);
    expect(() => parse("x".repeat(1e6))).to.throw(TypeError, "is not known. Known are");
    expect(() => parse(7)).to.throw(TypeError, "createClient: balancer must be the name of a balancer or a Balancer, got 7");
    expect(() => parse(null)).to.throw(TypeError, "got null");
    expect(() => parse({ name: "own" })).to.throw(
      TypeError,
      "createClient: balancer.picker must be a function (ready) => Picker, got undefined",
    );
    expect(() => parse({ name: "own", picker() {}, needsWholeList: 1 })).to.throw(
      TypeError,
      "createClient: balancer.needsWholeList must be true or false, got 1",
    );
    expect(() => parse({ picker() {} })).to.throw(TypeError, "createClient: balancer.name must say what it is");
  });

  it("refuses wrong settings by name", () => {
    const wrong = (run: () => unknown) => expect(run).to.throw();
    wrong(() => consistentHash({ loadFactor: 1 })).with.property(
      "message",
      "consistentHash: loadFactor must be above 1 (1.25 allows a quarter more), got 1",
    );
    wrong(() => consistentHash({ loadFactor: Number.NaN }))
      .with.property("message")
      .that.contains("got NaN");
    wrong(() => consistentHash({ loadfactor: 2 } as object))
      .with.property("message")
      .that.contains("options.loadfactor is not an option");
    wrong(() => zoneAware({} as { zone: string })).with.property(
      "message",
      "zoneAware: zone must be the name of a zone, got undefined",
    );
    wrong(() => zoneAware({ zone: "a", balancer: "fastest" as "random" }))
      .with.property("message")
      .that.contains('zoneAware: balancer "fastest"');
  });

  it("says which balancers need the whole list: those that go by key", () => {
    expect([parse("consistent-hash"), parse("p2c-ewma")].map(({ needsWholeList }) => needsWholeList)).to.deep.equal([
      true,
      undefined,
    ]);
    expect(zoneAware({ zone: "a", balancer: "consistent-hash" }).needsWholeList).to.equal(true);
    expect(zoneAware({ zone: "a" }).needsWholeList).to.equal(false);
  });

  it("names what it is made of", () => {
    expect(createBalancer("least-pending").name).to.equal("least-pending");
    expect(() => createBalancer("least" as "random")).to.throw(TypeError, 'createBalancer: "least" is not known. Known are');
    expect(zoneAware({ zone: "a", balancer: "round-robin" }).name).to.equal("zone-aware round-robin");
    expect(
      consistentHash()
        .picker([endpoint("a")])
        .pick(anyCall)?.id,
    ).to.equal("a");
  });
});
