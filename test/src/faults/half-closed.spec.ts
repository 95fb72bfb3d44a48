import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from "node:net";
import { type Client, createClient } from "@farcall/client";
import type { Connector, Transport } from "@farcall/protocol";
import { createServer } from "@farcall/server";
import { createMemoryNetwork, settle } from "@farcall/testing";
import { expect } from "chai";
import { wellBehaved } from "../conformance/implementation.js";
import { failureOf, gate } from "../conformance/settlement.js";
import { Conformance } from "../contracts/gen/conformance.js";
import { leavesNothing } from "./nothing-left.js";

/** Passes bytes on to a server, until one of its sockets closes its own side only and reads nothing any more. */
async function relay(port: number) {
  const near: Socket[] = [];
  const sockets = new Set<Socket>();
  const server = createTcpServer({ allowHalfOpen: true }, (socket) => {
    const far = connect(port, "127.0.0.1");
    near.push(socket);
    for (const one of [socket, far]) {
      sockets.add(one);
      one.on("error", () => {}).on("close", () => sockets.delete(one));
    }
    socket.pipe(far).pipe(socket, { end: false });
    socket.on("close", () => far.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    near,
    /** From here on what is sent to it goes nowhere, and stays in the way. */
    goDeaf: (socket: Socket): void => void socket.unpipe().pause(),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function withId(id: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  new DataView(bytes.buffer).setUint32(0, id);
  return bytes;
}

const idOf = (bytes: Uint8Array): number => new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);

describe("a connection that takes nothing any more", () => {
  const keep = leavesNothing();

  async function serve(entries: number[]) {
    const entered = gate();
    const server = keep(createServer());
    server.implement(Conformance, {
      ...wellBehaved,
      sleep(ctx) {
        entered.open();
        return wellBehaved.sleep(ctx);
      },
      echo(bytes) {
        entries.push(idOf(bytes));
        return bytes;
      },
    });
    return { ...(await server.listen()), entered };
  }

  it("row 28: because the peer has closed its side of the socket and reads no more: calls go to the next connection at once", async () => {
    const entries: number[] = [];
    const { port, entered } = await serve(entries);
    const between = keep(await relay(port));
    const never = Number.POSITIVE_INFINITY;
    const client: Client = keep(
      createClient(between.url, {
        // Nothing but the end of the stream may tell.
        heartbeat: { activeSuspectMs: never, activeTimeoutMs: never, idleSuspectMs: never, idleTimeoutMs: never },
        reconnect: { baseMs: 1, capMs: 1 },
      }),
    );
    const stub = client.service(Conformance);
    await client.ready();
    const early = failureOf(stub.sleep());
    await entered.opened;
    const [socket] = between.near as [Socket];
    between.goDeaf(socket);
    // More than the buffers of the system hold: the rest stays with the client.
    const calls = Array.from({ length: 400 }, (_, id) =>
      stub.echo(withId(id, 60_000)).then(
        (echoed) => `answered ${idOf(echoed)}`,
        ({ code, executed }) => `${code}, executed: ${executed}`,
      ),
    );
    await settle(50);
    socket.end();
    expect(await early).to.include({ code: "UNAVAILABLE", executed: "unknown" });
    const ends = await Promise.all(calls);
    const answered = [...ends.keys()].filter((id) => ends[id] === `answered ${id}`);
    const rest = new Set(ends.filter((end) => !end.startsWith("answered")));
    // What had left is in doubt, what had not was sent to the next, and ran once.
    expect([between.near.length, [...rest], entries]).to.deep.equal([2, ["UNAVAILABLE, executed: unknown"], answered]);
    expect(answered.length, "still with the client when the peer hung up").to.be.within(50, 399);
  });

  /** A client of two servers in memory; the transport to the first can be made to keep, or to lose, what is sent. */
  async function start() {
    const network = createMemoryNetwork();
    const entries: number[] = [];
    const transports: Transport[] = [];
    const server = keep(createServer({ listener: network.listener("server") }));
    server.implement(Conformance, {
      ...wellBehaved,
      echo(bytes) {
        entries.push(bytes[0] ?? -1);
        return bytes;
      },
    });
    await server.listen();
    const line = { isClosing: false, bufferedBytes: 0 };
    const connector: Connector = (url, events) => {
      const inner = network.connector(url, events);
      const isFirst = transports.push(inner) === 1;
      return {
        address: url,
        get bufferedBytes() {
          return isFirst ? line.bufferedBytes : 0;
        },
        get isClosing() {
          return isFirst && line.isClosing;
        },
        send: (bytes) => (isFirst && line.isClosing ? undefined : inner.send(bytes)),
        close: (code, reason) => inner.close(code, reason),
        terminate: () => inner.terminate(),
        ref() {},
        unref() {},
      };
    };
    const client = keep(createClient("memory://server", { connector, reconnect: { baseMs: 1, capMs: 1 } }));
    await client.ready();
    return { stub: client.service(Conformance), client, line, entries, lose: () => transports[0]?.terminate() };
  }

  it("row 28: because it closes: calls wait for the next one, as soon as it can be seen", async () => {
    const { stub, client, line, entries, lose } = await start();
    line.isClosing = true;
    const calls = [1, 2, 3].map((value) => stub.echo(new Uint8Array([value])));
    expect(client.queuedCalls).to.equal(3);
    lose();
    await Promise.all(calls);
    expect(entries).to.deep.equal([1, 2, 3]);
  });

  it("row 28: and closed between the call and the end of the turn: what was not handed over has not run, and is sent again", async () => {
    const { stub, line, entries, lose } = await start();
    const calls = [1, 2, 3].map((value) => stub.echo(new Uint8Array([value])));
    line.isClosing = true;
    await new Promise(setImmediate);
    expect(entries).to.deep.equal([]);
    lose();
    await Promise.all(calls);
    expect(entries).to.deep.equal([1, 2, 3]);
  });

  it("row 28: because it is full: what waits behind that has not left when it is lost, and is sent again", async () => {
    const { stub, line, entries, lose } = await start();
    await stub.echo(new Uint8Array([0]));
    line.bufferedBytes = 2_000_000;
    const calls = [1, 2, 3].map((value) => stub.echo(new Uint8Array([value])));
    await new Promise(setImmediate);
    const refused = failureOf(stub.echo(new Uint8Array([4]), { waitForReady: false, timeoutMs: 10 }));
    expect(await refused).to.include({ code: "DEADLINE_EXCEEDED" });
    lose();
    await Promise.all(calls);
    expect(entries).to.deep.equal([0, 1, 2, 3]);
  });

  it("row 28: closing a client drops what waits, and says so truly", async () => {
    const { stub, client, line, entries } = await start();
    await stub.echo(new Uint8Array([0]));
    const sent = failureOf(stub.sleep());
    await new Promise(setImmediate);
    line.bufferedBytes = 2_000_000;
    const waits = failureOf(stub.echo(new Uint8Array([1])));
    await new Promise(setImmediate);
    line.bufferedBytes = 0;
    const open = failureOf(stub.echo(new Uint8Array([2])));
    await client.close();
    expect(await sent).to.include({ code: "CANCELLED", executed: "unknown" });
    expect(await waits).to.include({ code: "CANCELLED", executed: "no" });
    expect(await open).to.include({ code: "CANCELLED" });
    expect(entries).to.not.include(1);
  });
});
