import { expect } from "chai";
import { parseClientOptions } from "./client-options.js";

describe("the options of a client", () => {
  it("B6: cut long lists to 20 endpoints, unless the balancer goes by key or the caller says otherwise", () => {
    expect(parseClientOptions({}).subsetSize).to.equal(20);
    expect(parseClientOptions({ subsetSize: 5 }).subsetSize).to.equal(5);
    expect(parseClientOptions({ balancer: "consistent-hash" }).subsetSize).to.equal(Number.POSITIVE_INFINITY);
    expect(parseClientOptions({ balancer: "consistent-hash", subsetSize: 50 }).subsetSize).to.equal(50);
    expect(() => parseClientOptions({ subsetSize: 0 })).to.throw(
      RangeError,
      "createClient: subsetSize must be a whole number from 1 to 10000, got 0",
    );
  });
});
