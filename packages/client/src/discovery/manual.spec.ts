import { expect } from "chai";
import { manualResolver } from "./manual.js";
import { Heard } from "./test-support.spec.support.js";

describe("manualResolver", () => {
  it("tells each list it is given", () => {
    const heard = new Heard();
    const resolver = manualResolver(["ws://a:1"]);
    resolver.start(heard);
    resolver.set(["ws://a:1", { url: "ws://b:2", weight: 2 }]);
    resolver.set([]);
    expect(heard.urls).to.deep.equal([["ws://a:1"], ["ws://a:1", "ws://b:2"], []]);
    expect(heard.lists[1]?.[1]).to.include({ weight: 2 });
  });

  it("says nothing until it knows something", () => {
    const heard = new Heard();
    const resolver = manualResolver();
    resolver.start(heard);
    expect(heard.lists).to.deep.equal([]);
    resolver.set(["ws://a:1"]);
    expect(heard.urls).to.deep.equal([["ws://a:1"]]);
  });

  it("tells the client that starts where things stand: the last list, and a failure since", () => {
    const heard = new Heard();
    const resolver = manualResolver(["ws://a:1"]);
    const error = new Error("the registry is away");
    resolver.fail(new Error("an earlier one"));
    resolver.set(["ws://b:2"]);
    resolver.fail(error);
    resolver.start(heard);
    expect(heard.urls).to.deep.equal([["ws://b:2"]]);
    expect(heard.failures).to.deep.equal([error]);
  });

  it("row 70: refuses a wrong list where it is set, and keeps the last good one", () => {
    expect(() => manualResolver("ws://a:1" as never)).to.throw(TypeError, "manualResolver: endpoints must be an array");
    const heard = new Heard();
    const resolver = manualResolver(["ws://a:1"]);
    expect(() => resolver.set([{ url: "ws://b:2", weight: 0 }])).to.throw(RangeError, "manualResolver: endpoints[0].weight");
    resolver.start(heard);
    expect(heard.urls).to.deep.equal([["ws://a:1"]]);
  });

  it("does not see what becomes of the array it was given", () => {
    const heard = new Heard();
    const given = ["ws://a:1"];
    const resolver = manualResolver(given);
    given.push("ws://b:2");
    resolver.start(heard);
    expect(heard.urls).to.deep.equal([["ws://a:1"]]);
  });

  it("is silent once it has stopped", () => {
    const heard = new Heard();
    const resolver = manualResolver();
    resolver.start(heard);
    resolver.stop();
    resolver.set(["ws://a:1"]);
    resolver.fail(new Error("late"));
    expect([heard.lists, heard.failures]).to.deep.equal([[], []]);
  });

  it("serves one client", () => {
    const resolver = manualResolver();
    resolver.start(new Heard());
    expect(() => resolver.start(new Heard())).to.throw(Error, "make one for each client");
  });
});
