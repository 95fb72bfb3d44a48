import { createClient } from "@farcall/client";
import { RawPeer, RawServer } from "@farcall/testing";
import { expect } from "chai";
import { Conformance } from "../contracts/gen/conformance.js";
import { transports, withPair } from "./pair.js";
import { collect, failureOf, streamOf } from "./settlement.js";

const service = "farcall.test.Conformance";
const order = { sku: "a", units: 1, lines: [{ note: "n", price: 2 }] };

const wrongOrders: readonly { readonly path: string; readonly order: unknown }[] = [
  { path: "order.sku", order: { ...order, sku: 1 } },
  { path: "order.units", order: { ...order, units: "1" } },
  { path: "order.units", order: { sku: "a", lines: [] } },
  { path: "order.lines[1].price", order: { ...order, lines: [order.lines[0], { note: "n", price: null }] } },
  { path: "order.lines", order: { ...order, lines: {} } },
  { path: "order", order: null },
  { path: "order", order: [order] },
];

const wrongReceipts: readonly unknown[] = [
  null,
  "text",
  [],
  { id: "a" },
  { id: 1, placed: new Date(0) },
  { id: "a", placed: "today" },
];

for (const transport of transports) {
  describe(`row 17: shapes over ${transport}`, () => {
    for (const { path, order: wrong } of wrongOrders) {
      it(`C3: refuses ${JSON.stringify(wrong)} at the caller, naming ${path}`, async () => {
        let entries = 0;
        const handler = { order: () => ({ id: `${entries++}`, placed: new Date(0) }) };
        await withPair(transport, handler, {}, async ({ stub }) => {
          const error = await failureOf(stub.order(wrong as typeof order));
          expect(error).to.include({ code: "INVALID_ARGUMENT", executed: "no" });
          expect(error.message).to.include(path);
        });
        expect(entries).to.equal(0);
      });
    }

    it("C3: refuses an item of the wrong shape that the caller streams, and lets the handler go", () =>
      withPair(transport, {}, {}, async ({ stub }) => {
        const source = streamOf(new Uint8Array(1), "text" as unknown as Uint8Array);
        expect(await failureOf(stub.sum(source))).to.include({ code: "INVALID_ARGUMENT" });
        expect(await failureOf(collect(stub.talk(streamOf(5 as unknown as Uint8Array))))).to.include({
          code: "INVALID_ARGUMENT",
        });
      }));
  });
}

describe("shapes that nobody checked before they were sent", () => {
  for (const { path, order: wrong } of wrongOrders) {
    it(`C3: never lets ${JSON.stringify(wrong)} of a raw caller into the handler, naming ${path}`, async () => {
      let entries = 0;
      const handler = { order: () => ({ id: `${entries++}`, placed: new Date(0) }) };
      await withPair("WebSocket", handler, {}, async ({ url }) => {
        const peer = await RawPeer.welcomed(url);
        peer.sendFrames([23, 0, service, "order", ""], [16, 1, 0, 0, null, [wrong]]);
        const frame = await peer.frame();
        expect(frame).to.include({ kind: 18, id: 1, code: "INVALID_ARGUMENT", executed: "no" });
        expect((frame as { message: string }).message).to.include(path);
        peer.terminate();
      });
      expect(entries).to.equal(0);
    });
  }

  it("C3: refuses arguments that are no list, and drops surplus ones", () =>
    withPair("WebSocket", {}, {}, async ({ url }) => {
      const peer = await RawPeer.welcomed(url);
      peer.sendFrames([23, 0, service, "empty", ""], [16, 1, 0, 0, null, { 0: 1 }], [16, 3, 0, 0, null, [1, 2, 3]]);
      expect(await peer.frame()).to.include({ kind: 18, id: 1, code: "INVALID_ARGUMENT", executed: "no" });
      expect(await peer.frame()).to.include({ kind: 17, id: 3 });
      peer.terminate();
    }));

  it("C3: refuses a raw caller's item of the wrong shape, and says that the handler ran", () =>
    withPair("WebSocket", {}, {}, async ({ url }) => {
      const peer = await RawPeer.welcomed(url);
      peer.sendFrames([23, 0, service, "sum", ""], [16, 1, 0, 0, null, []], [19, 1, new Uint8Array(1), "text"]);
      expect(await peer.frame()).to.include({ kind: 18, id: 1, code: "INVALID_ARGUMENT", executed: "yes" });
      peer.terminate();
    }));

  for (const wrong of wrongReceipts) {
    it(`C3: refuses the result ${JSON.stringify(wrong)} of a raw server at the client`, async () => {
      const server = await RawServer.listen();
      const client = createClient(server.url);
      const peer = await server.welcomed();
      const call = failureOf(client.service(Conformance).order(order));
      expect(await peer.frame()).to.include({ kind: 23, method: "order" });
      expect(await peer.frame()).to.include({ kind: 16, id: 1 });
      peer.sendFrames([17, 1, wrong]);
      expect(await call).to.include({ code: "INTERNAL", executed: "yes" });
      // Only this call is lost.
      const next = client.service(Conformance).order(order);
      while ((await peer.frame())?.kind !== 16);
      peer.sendFrames([17, 3, { id: "b", placed: new Date(1) }]);
      expect(await next).to.deep.equal({ id: "b", placed: new Date(1) });
      await client.close();
      await server.close();
    });
  }
});
