import { type Capability, type Frame, kinds, ProtocolError, systemClock } from "@farcall/protocol";
import { expect } from "chai";
import { Live, type LiveOwner } from "./live.js";

/** A live connection without a socket, and what its owner hears. */
function live(...capabilities: Capability[]) {
  const heard: string[] = [];
  const owner: LiveOwner = {
    goodbye: () => heard.push("goodbye"),
    draining: (_live, { phase }) => heard.push(`drain ${phase}`),
    healthChanged: () => heard.push("health"),
    suspect: () => {},
    reported: () => {},
    released: () => {},
    closed: () => {},
  };
  const session = {
    receive: (frame: Frame) => {
      throw new ProtocolError(`a frame of kind ${frame.kind} has no place here`);
    },
  };
  const one = new Live({
    link: {} as never,
    session: session as never,
    welcome: { capabilities } as never,
    clock: systemClock,
    owner,
  });
  const health = (services: Readonly<Record<string, boolean>>): string | undefined => {
    heard.length = 0;
    one.receive({ kind: kinds.health, services: new Map(Object.entries(services)) });
    return heard[0];
  };
  const drain = (phase: 1 | 2): void =>
    one.receive({ kind: kinds.drain, phase, lastCallId: 0, reconnectMinMs: 0, reconnectMaxMs: 0 });
  return { one, health, drain, heard };
}

describe("a live connection", () => {
  it("F4: everything is well until the server says otherwise, and only changes are news", () => {
    const { one, health } = live("health");
    expect(one.isWell("a")).to.equal(true);
    expect(health({ a: true })).to.equal(undefined);
    expect(health({ a: false })).to.equal("health");
    expect([one.isWell("a"), one.isWell("b")]).to.deep.equal([false, true]);
    expect(health({ a: false })).to.equal(undefined);
    expect(health({ "": false })).to.equal("health");
    expect([one.isWell("a"), one.isWell("b")]).to.deep.equal([false, false]);
    expect(health({ "": true, b: false })).to.equal("health");
    expect([one.isWell("a"), one.isWell("b")]).to.deep.equal([false, false]);
    expect(health({ a: true, b: true })).to.equal("health");
    expect([one.isWell("a"), one.isWell("b")]).to.deep.equal([true, true]);
  });

  it("X7: a server leaves phase by phase", () => {
    const { one, drain, heard } = live("drain");
    expect(() => drain(2)).to.throw(ProtocolError, "drain phase 2 after phase 0");
    drain(1);
    expect(() => drain(1)).to.throw(ProtocolError, "drain phase 1 after phase 1");
    expect(one.hasLastCall).to.equal(false);
    drain(2);
    expect(one.hasLastCall).to.equal(true);
    expect(() => drain(2)).to.throw(ProtocolError, "drain phase 2 after phase 2");
    expect(heard).to.deep.equal(["drain 1", "drain 2"]);
  });

  it("takes no frame of a capability that is not in force", () => {
    expect(() => live("drain").health({ a: false })).to.throw(ProtocolError, "has no place here");
    expect(() => live("health").drain(1)).to.throw(ProtocolError, "has no place here");
  });
});
