import { ProtocolError } from "@farcall/protocol";
import { expect } from "chai";
import { Live } from "./live.js";

function live(): Live {
  return new Live({ link: {} as never, session: {} as never, welcome: { capabilities: ["health"] } as never, since: 0 });
}

describe("a live connection", () => {
  it("F4: everything is well until the server says otherwise, and only changes are news", () => {
    const one = live();
    expect(one.isWell("a")).to.equal(true);
    expect(one.hear(new Map([["a", true]]))).to.equal(false);
    expect(one.hear(new Map([["a", false]]))).to.equal(true);
    expect([one.isWell("a"), one.isWell("b")]).to.deep.equal([false, true]);
    expect(one.hear(new Map([["a", false]]))).to.equal(false);
    expect(one.hear(new Map([["", false]]))).to.equal(true);
    expect([one.isWell("a"), one.isWell("b")]).to.deep.equal([false, false]);
    expect(one.hear(new Map(Object.entries({ "": true, b: false })))).to.equal(true);
    expect([one.isWell("a"), one.isWell("b")]).to.deep.equal([false, false]);
    expect(one.hear(new Map(Object.entries({ a: true, b: true })))).to.equal(true);
    expect([one.isWell("a"), one.isWell("b")]).to.deep.equal([true, true]);
  });

  it("X7: a server leaves phase by phase", () => {
    const one = live();
    expect(() => one.enterDrain(2)).to.throw(ProtocolError, "drain phase 2 after phase 0");
    one.enterDrain(1);
    expect(() => one.enterDrain(1)).to.throw(ProtocolError, "drain phase 1 after phase 1");
    expect(one.hasLastCall).to.equal(false);
    one.enterDrain(2);
    expect(one.hasLastCall).to.equal(true);
    expect(() => one.enterDrain(2)).to.throw(ProtocolError, "drain phase 2 after phase 2");
  });

  it("knows what is in force", () => {
    expect([live().speaks("health"), live().speaks("drain")]).to.deep.equal([true, false]);
  });
});
