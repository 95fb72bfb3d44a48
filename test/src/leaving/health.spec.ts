import { createServer } from "@farcall/server";
import { RawPeer } from "@farcall/testing";
import { expect } from "chai";
import { wellBehaved } from "../conformance/implementation.js";
import { Conformance } from "../contracts/gen/conformance.js";

const speaksHealth = { capabilities: ["health"] };
const name = "farcall.test.Conformance";

async function serving() {
  const server = createServer();
  server.implement(Conformance, wellBehaved);
  return { server, url: (await server.listen()).url };
}

/** What the next health frame says; nothing else may come before it. */
async function healthOf(peer: RawPeer): Promise<unknown> {
  const frame = await peer.frame();
  return frame?.kind === 8 ? Object.fromEntries(frame.services) : frame;
}

describe("health that a server pushes", () => {
  it("F4: changes reach every peer that knows of it, once, and calls are served all the same", async () => {
    const { server, url } = await serving();
    const peer = await RawPeer.welcomed(url, speaksHealth);
    const old = await RawPeer.welcomed(url);
    server.setHealth(Conformance, true);
    server.setHealth(Conformance, false);
    server.setHealth(name, false);
    expect(await healthOf(peer)).to.deep.equal({ [name]: false });
    for (const one of [peer, old]) {
      one.sendFrames([23, 0, name, "empty", ""], [16, 1, 0, 0, null, []]);
      expect(await one.frame()).to.include({ kind: 17, id: 1 });
    }
    server.setHealth(name, true);
    expect(await healthOf(peer)).to.deep.equal({ [name]: true });
    await server.close();
  });

  it("F4: a peer that comes later learns what is not well right after the welcome", async () => {
    const { server, url } = await serving();
    server.setHealth("", false);
    server.setHealth(Conformance, false);
    const peer = await RawPeer.welcomed(url, speaksHealth);
    expect(await healthOf(peer)).to.deep.equal({ "": false, [name]: false });
    server.setHealth("", true);
    expect(await healthOf(peer)).to.deep.equal({ "": true });
    await server.close();
  });

  it("F4: a server that leaves is not well, before it asks for the last call", async () => {
    const { server, url } = await serving();
    const peer = await RawPeer.welcomed(url, { capabilities: ["health", "drain"] });
    const draining = server.drain();
    expect(await healthOf(peer)).to.deep.equal({ "": false });
    expect(await peer.frame()).to.include({ kind: 7, phase: 1 });
    peer.sendFrames([7, 1, {}]);
    await draining;
  });

  it("F4: row 70: what cannot be meant is refused by name", async () => {
    const { server } = await serving();
    for (const wrong of ["Conformance", "__proto__", " "]) {
      expect(() => server.setHealth(wrong, false)).to.throw(TypeError, `no service named ${JSON.stringify(wrong)}`);
    }
    for (const wrong of [undefined, null, 5, {}]) {
      expect(() => server.setHealth(wrong as never, false)).to.throw(TypeError, "setHealth: service must be");
    }
    expect(() => server.setHealth(Conformance, undefined as never)).to.throw(
      TypeError,
      "setHealth: isWell must be true or false",
    );
    await server.close();
  });
});
