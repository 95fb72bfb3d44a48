import { connect, type Socket } from "node:net";
import { createClient } from "@farcall/client";
import { createServer } from "@farcall/server";
import { RawWebSocket, settle } from "@farcall/testing";
import { expect } from "chai";
import { wellBehaved } from "../conformance/implementation.js";
import { frame } from "../conformance/malformed.js";
import { until } from "../conformance/settlement.js";
import { Conformance } from "../contracts/gen/conformance.js";
import { hello, withVictim } from "./victim.js";

describe("row 81, O6: strangers", () => {
  it("row 81: sockets that never say hello are capped; who comes later gets 503 until some have gone", () =>
    withVictim({ server: { limits: { maxPendingConnections: 50 } } }, async ({ url, stub }) => {
      const strangers = await Promise.all(Array.from({ length: 50 }, () => RawWebSocket.connect(url)));
      try {
        for (const one of strangers) expect(one.head).to.match(/^HTTP\/1.1 101/);
        const late = await RawWebSocket.connect(url);
        expect(late.head).to.match(/^HTTP\/1.1 503/);
        // Whoever is in already notices nothing.
        await stub.empty();
        // One says hello, one hangs up: there is room for two.
        strangers[0]?.send({ opcode: 2, payload: hello });
        strangers[1]?.terminate();
        await settle();
        for (let i = 0; i < 2; i++) {
          const next = await RawWebSocket.connect(url);
          strangers.push(next);
          expect(next.head).to.match(/^HTTP\/1.1 101/);
        }
        expect((await RawWebSocket.connect(url)).head).to.match(/^HTTP\/1.1 503/);
      } finally {
        for (const one of strangers) one.terminate();
      }
    }));

  it("row 81: hellos that cannot be read make no room for more strangers", () =>
    withVictim({ server: { limits: { maxPendingConnections: 5 } } }, async ({ url }) => {
      for (let i = 0; i < 5; i++) {
        const liar = await RawWebSocket.connect(url);
        liar.send({ opcode: 2, payload: frame(1, { minor: "none" }) });
        expect(await liar.closed()).to.equal(4400);
      }
      const strangers: RawWebSocket[] = [];
      for (let i = 0; i < 6; i++) strangers.push(await RawWebSocket.connect(url));
      for (const one of strangers) one.terminate();
      expect(strangers.map(({ head }) => head.slice(9, 12))).to.deep.equal(["101", "101", "101", "101", "101", "503"]);
    }));

  it("row 81: TCP connections that never ask for an upgrade are capped too", () =>
    withVictim({ server: { limits: { maxPendingConnections: 50 } } }, async ({ url, stub }) => {
      const { hostname, port } = new URL(url);
      const sockets: Socket[] = [];
      let closed = 0;
      for (let i = 0; i < 200; i++) {
        const socket = connect(Number(port), hostname);
        socket.on("error", () => {});
        socket.on("close", () => closed++);
        sockets.push(socket);
      }
      await until(() => closed === 150, "all but fifty are dropped");
      await stub.empty();
      for (const socket of sockets) socket.destroy();
    }));

  it("row 81: a client that was turned away with 503 comes back by itself", async () => {
    const server = createServer({ limits: { maxPendingConnections: 1 } });
    server.implement(Conformance, wellBehaved);
    const { url } = await server.listen();
    const stranger = await RawWebSocket.connect(url);
    const client = createClient(url, { reconnect: { baseMs: 20, capMs: 50 } });
    try {
      const refused = new Promise<void>((resolve) => client.on("reconnecting", () => resolve()));
      const pending = client.service(Conformance).empty();
      await refused;
      stranger.terminate();
      await pending;
    } finally {
      stranger.terminate();
      await client.close();
      await server.close();
    }
  });

  it("row 81: a hello that dribbles is not waited for longer than one that does not come", () =>
    withVictim({}, async ({ url, stub, server }) => {
      const slow = await RawWebSocket.connect(url);
      // A message of 16 KiB is announced; its bytes come one by one.
      slow.write(new Uint8Array([0x82, 0xfe, 0x40, 0, 0, 0, 0, 0]));
      const dribble = setInterval(() => slow.write(new Uint8Array(1)), 50);
      try {
        const began = performance.now();
        expect(await slow.closed()).to.equal(4408);
        expect(performance.now() - began).to.be.within(4_000, 6_500);
        await stub.empty();
        expect(server.connections()).to.have.lengthOf(1);
      } finally {
        clearInterval(dribble);
      }
    }));

  it("row 81: hello after hello, connection after connection, disturbs nobody", () =>
    withVictim({}, async ({ url, stub }) => {
      for (let round = 0; round < 5; round++) {
        const peers = await Promise.all(Array.from({ length: 40 }, () => RawWebSocket.connect(url)));
        for (const peer of peers) peer.send({ opcode: 2, payload: hello }, { opcode: 2, payload: frame(1, {}) });
        for (const peer of peers) expect(await peer.closed()).to.equal(4400);
        await stub.empty();
      }
    }));
});
