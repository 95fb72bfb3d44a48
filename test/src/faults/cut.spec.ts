import { createClient } from "@farcall/client";
import { createServer, type Server } from "@farcall/server";
import { createFaultProxy, type Direction, type FaultProxy } from "@farcall/testing";
import { expect } from "chai";
import { wellBehaved } from "../conformance/implementation.js";
import { failureOf, until } from "../conformance/settlement.js";
import { Conformance } from "../contracts/gen/conformance.js";
import { leavesNothing } from "./nothing-left.js";

const sent = new Uint8Array([1, 2, 3]);

/** What became of one call of a method that may run once at most. */
interface Outcome {
  readonly said: string;
  /** Times the handler was entered. */
  readonly entries: number;
  /** Bytes of the connection that passed during the call. */
  readonly bytes: Readonly<Record<Direction, number>>;
}

describe("a connection that is cut inside a call", () => {
  const keep = leavesNothing();
  let server: Server;
  let proxy: FaultProxy;
  let entries: number;

  beforeEach(async () => {
    entries = 0;
    server = keep(createServer());
    server.implement(Conformance, {
      ...wellBehaved,
      echo(bytes) {
        entries++;
        return bytes;
      },
    });
    proxy = keep(await createFaultProxy((await server.listen()).url));
  });

  /** Connects, does `spoil` to the idle connection, and calls. */
  async function call(spoil: () => void): Promise<Outcome> {
    const client = createClient(proxy.url, { reconnect: { baseMs: 60_000, capMs: 60_000 } });
    await client.ready();
    const connection = proxy.connections().at(-1);
    const before = { upstream: 0, downstream: 0, ...connection?.bytes };
    entries = 0;
    spoil();
    const said = await client
      .service(Conformance)
      .echo(sent)
      .then(
        (got) => (Buffer.compare(got, sent) === 0 ? "the whole answer" : "something else"),
        ({ code, executed }) => `${code}, executed: ${executed}`,
      );
    const { upstream, downstream } = { upstream: 0, downstream: 0, ...connection?.bytes };
    await client.close();
    await until(() => proxy.connections().length + server.connections().length === 0, "everybody has noticed");
    await proxy.heal();
    return { said, entries, bytes: { upstream: upstream - before.upstream, downstream: downstream - before.downstream } };
  }

  const unknown = "UNAVAILABLE, executed: unknown";

  it("row 19: at each byte of the request: nobody can tell the caller, and the handler runs at most once", async () => {
    const { said, bytes } = await call(() => {});
    expect(said).to.equal("the whole answer");
    const whole = bytes.upstream;
    expect(whole).to.be.within(40, 200);
    for (let count = 1; count <= whole; count++) {
      const outcome = await call(() => proxy.fault({ direction: "upstream", cutAfterBytes: count }));
      // Once the request is complete it races with the reset that follows it.
      const mayRun = count === whole;
      expect(outcome.entries).to.be.within(0, mayRun ? 1 : 0);
      expect({ ...outcome, entries: 0 }).to.deep.equal({ said: unknown, entries: 0, bytes: { upstream: count, downstream: 0 } });
    }
  });

  it("row 19: at each byte of the answer: unknown until the last one, though the handler has run", async () => {
    const { said, bytes } = await call(() => {});
    expect(said).to.equal("the whole answer");
    const whole = bytes.downstream;
    expect(whole).to.be.within(5, 100);
    for (let count = 1; count <= whole; count++) {
      const outcome = await call(() => proxy.fault({ direction: "downstream", cutAfterBytes: count }));
      expect(outcome).to.deep.equal({
        said: count === whole ? "the whole answer" : unknown,
        entries: 1,
        bytes: { upstream: bytes.upstream, downstream: count },
      });
    }
  });

  it("row 19: before the first byte of the answer: unknown, though the handler has run", async () => {
    const outcome = call(() => proxy.fault({ direction: "downstream", blackHole: true }));
    await until(() => entries === 1, "the handler has run");
    proxy.cut();
    expect(await outcome).to.deep.include({ said: unknown, entries: 1 });
  });

  it("row 19: before the call: it waits for a connection, and says that it did not run", async () => {
    const client = keep(createClient(proxy.url, { reconnect: { baseMs: 60_000, capMs: 60_000 } }));
    await client.ready();
    const noticed = new Promise((resolve) => client.once("reconnecting", resolve));
    proxy.cut();
    await noticed;
    const stub = client.service(Conformance);
    expect(await failureOf(stub.echo(sent, { waitForReady: false }))).to.include({ code: "UNAVAILABLE", executed: "no" });
    expect(await failureOf(stub.echo(sent, { timeoutMs: 20 }))).to.include({ code: "DEADLINE_EXCEEDED", executed: "no" });
    expect(entries).to.equal(0);
  });
});
