import { expect } from "chai";
import { parseTarget, StaticResolver } from "./static.js";
import { Heard } from "./test-support.spec.support.js";

const urls = (target: Parameters<typeof parseTarget>[0]) => parseTarget(target).map(({ url }) => url);

describe("a static target", () => {
  it("is a URL, a comma list, or an array", () => {
    expect(urls("ws://a:1")).to.deep.equal(["ws://a:1"]);
    expect(urls("ws://a:1,b:2, wss://c/rpc")).to.deep.equal(["ws://a:1", "ws://b:2", "wss://c/rpc"]);
    expect(urls(["ws://a:1", { url: "ws://b:2", weight: 2 }])).to.deep.equal(["ws://a:1", "ws://b:2"]);
  });

  it("carries what is said about its endpoints", () => {
    const given = { url: "ws://b:2", id: "b", weight: 2, zone: "eu-1a", serverName: "b.example", metadata: { version: "2" } };
    expect(parseTarget([given])).to.deep.equal([given]);
  });

  it("row 70: must not be empty, and holds no field that is not known", () => {
    expect(() => parseTarget([])).to.throw(TypeError, "the target names no endpoint");
    expect(() => parseTarget([{ url: "ws://a:1", wieght: 2 } as never])).to.throw(
      TypeError,
      "createClient: target[0].wieght is not an option; known are url, id, weight",
    );
  });

  it("is told once", () => {
    const heard = new Heard();
    const resolver = new StaticResolver(parseTarget("ws://a:1,b:2"));
    resolver.start(heard);
    resolver.refresh();
    resolver.stop();
    expect(heard.urls).to.deep.equal([["ws://a:1", "ws://b:2"]]);
    expect(heard.failures).to.deep.equal([]);
  });
});
