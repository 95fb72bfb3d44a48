import { RawPeer } from "@farcall/testing";
import { expect } from "chai";
import { transports, withPair } from "./pair.js";
import { collect, failureOf, streamOf } from "./settlement.js";

const maxMessageBytes = 70_000;
/** The most bytes a message of one binary can hold: arguments stand in an array, and long binaries have a header of five. */
const most = { argument: maxMessageBytes - 1 - 5, result: maxMessageBytes - 5 };
const options = { client: { limits: { maxMessageBytes } }, server: { limits: { maxMessageBytes } } };
const tooLarge = { code: "RESOURCE_EXHAUSTED", reason: "MESSAGE_TOO_LARGE" };

for (const transport of transports) {
  describe(`row 17: message sizes over ${transport}`, () => {
    it("row 15: pass exactly at the limit, in every place", () =>
      withPair(transport, {}, options, async ({ stub }) => {
        expect(await stub.echo(new Uint8Array(most.argument))).to.have.lengthOf(most.argument);
        expect(await stub.resize(new Uint8Array(0), most.result)).to.have.lengthOf(most.result);
        expect(await stub.sum(streamOf(new Uint8Array(most.result)))).to.equal(most.result);
        expect((await collect(stub.download([1, most.result]))).map((item) => item.length)).to.deep.equal([1, most.result]);
      }));

    it("row 15: fail one byte beyond it with RESOURCE_EXHAUSTED, and no other call notices", () =>
      withPair(transport, {}, options, async ({ stub }) => {
        const other = stub.echo(new Uint8Array(10));
        expect(await failureOf(stub.echo(new Uint8Array(most.argument + 1)))).to.include({ ...tooLarge, executed: "no" });
        expect(await failureOf(stub.resize(new Uint8Array(0), most.result + 1))).to.include({ ...tooLarge, executed: "yes" });
        expect(await failureOf(collect(stub.download([most.result + 1])))).to.include({ ...tooLarge, executed: "yes" });
        expect(await failureOf(collect(stub.download([1, 2, most.result + 1])))).to.include({ ...tooLarge, executed: "yes" });
        const sources = [streamOf(new Uint8Array(most.result + 1)), streamOf(new Uint8Array(1), new Uint8Array(most.result + 1))];
        for (const source of sources) expect(await failureOf(stub.sum(source))).to.include(tooLarge);
        expect(await other).to.have.lengthOf(10);
      }));
  });
}

describe("O6: message sizes that nobody judged before they were sent", () => {
  it("row 15: are judged by the server, which answers RESOURCE_EXHAUSTED and never enters the handler", async () => {
    let entries = 0;
    const echo = (bytes: Uint8Array): Uint8Array => {
      entries++;
      return bytes;
    };
    await withPair("WebSocket", { echo }, { server: { limits: { maxMessageBytes: 1_024 } } }, async ({ url }) => {
      const peer = await RawPeer.welcomed(url);
      peer.sendFrames([23, 0, "farcall.test.Conformance", "echo", ""], [16, 1, 0, 0, null, [new Uint8Array(2_000)]]);
      expect(await peer.frame()).to.include({ kind: 18, id: 1, code: "RESOURCE_EXHAUSTED", executed: "no" });
      peer.terminate();
    });
    expect(entries).to.equal(0);
  });
});
