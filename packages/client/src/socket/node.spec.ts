import { once } from "node:events";
import { createServer as createHttpServer, type Server as HttpServer } from "node:http";
import { createServer as createHttpsServer, type Server as HttpsServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import type { CloseInfo, Transport, TransportEvents } from "@farcall/protocol";
import { expect } from "chai";
import { WebSocketServer } from "ws";
import type { Lookup } from "./address-race.js";
import { certificate, privateKey } from "./certificate.spec.support.js";
import { nodeConnector } from "./node.js";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const openHandles = (): number =>
  process.getActiveResourcesInfo().filter((name) => ["TCPSocketWrap", "TCPServerWrap", "Timeout"].includes(name)).length;

/** Loopback addresses: all of them reach this machine, only 127.0.0.1 is listened on. */
const addresses: Lookup = (_host, done) =>
  done(
    null,
    ["::1", "127.0.0.3", "127.0.0.1"].map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
  );

class Events implements TransportEvents {
  isOpen = false;
  readonly messages: string[] = [];
  info: CloseInfo | undefined;

  open(): void {
    this.isOpen = true;
  }
  message(bytes: Uint8Array): void {
    this.messages.push(new TextDecoder().decode(bytes));
  }
  drained(): void {}
  closed(info: CloseInfo): void {
    this.info = info;
  }
}

describe("the connector of Node", () => {
  let before: number;
  let server: Server | undefined;
  let accepted: Socket[];

  async function listen(one: Server): Promise<number> {
    server = one;
    accepted = [];
    one.on("connection", (socket) => accepted.push(socket));
    one.listen({ port: 0, host: "127.0.0.1" });
    await once(one, "listening");
    return (one.address() as AddressInfo).port;
  }

  function echo(one: HttpServer | HttpsServer): Promise<number> {
    new WebSocketServer({ server: one, handleProtocols: () => "farcall.1" }).on("connection", (socket) =>
      socket.on("message", (data) => socket.send(data)),
    );
    return listen(one);
  }

  /** Dials, has a message echoed, and ends. */
  async function roundTrip(
    url: string,
    { serverName, ...options }: Partial<Parameters<typeof nodeConnector>[0]> & { serverName?: string } = {},
  ): Promise<Events> {
    const events = new Events();
    const transport = nodeConnector({ maxPayloadBytes: 1_000, ...options })(url, events, { serverName });
    await until(() => events.isOpen || events.info !== undefined);
    transport.send(new TextEncoder().encode("over and back"));
    await until(() => events.messages.length > 0 || events.info !== undefined);
    transport.terminate();
    await until(() => events.info !== undefined);
    return events;
  }

  async function until(condition: () => boolean): Promise<void> {
    const latest = performance.now() + 3_000;
    while (!condition()) {
      if (performance.now() > latest) throw new Error("waited 3 s in vain");
      await turn();
    }
  }

  beforeEach(async () => {
    await turn();
    before = openHandles();
  });

  afterEach(async () => {
    for (const socket of accepted) socket.destroy();
    server?.close();
    await until(() => openHandles() <= before);
  });

  it("reaches a server that listens on one of several addresses", async () => {
    const port = await echo(createHttpServer());
    expect((await roundTrip(`ws://shop.test:${port}`, { lookup: addresses })).messages).to.deep.equal(["over and back"]);
    expect(accepted).to.have.lengthOf(1);
  });

  it("speaks TLS on the socket that was first, and holds the certificate against the name", async () => {
    const port = await echo(createHttpsServer({ cert: certificate, key: privateKey }));
    const tls = { ca: certificate };
    for (const host of ["farcall.test", "127.0.0.1"]) {
      const events = await roundTrip(
        `wss://${host}:${port}/some/path`,
        host === "127.0.0.1" ? { tls } : { tls, lookup: addresses },
      );
      expect([host, events.messages, events.info?.reason]).to.deep.equal([host, ["over and back"], ""]);
    }
    const other = await roundTrip(`wss://other.test:${port}`, { tls, lookup: addresses });
    expect(other.info?.reason).to.include("Host: other.test. is not in the cert's altnames");
    const stranger = await roundTrip(`wss://farcall.test:${port}`, { lookup: addresses });
    expect(stranger.info?.reason).to.include("self-signed certificate");
  });

  it("D1: holds a bare address against the name of its service, and asks for that name", async () => {
    const hosts: (string | undefined)[] = [];
    const https = createHttpsServer({ cert: certificate, key: privateKey });
    https.on("upgrade", ({ headers }) => hosts.push(headers.host));
    const port = await echo(https);
    const tls = { ca: certificate };
    const named = await roundTrip(`wss://127.0.0.1:${port}`, { tls, serverName: "farcall.test" });
    expect(named.messages).to.deep.equal(["over and back"]);
    const misnamed = await roundTrip(`wss://127.0.0.1:${port}`, { tls, serverName: "other.test" });
    expect(misnamed.info?.reason).to.include("Host: other.test. is not in the cert's altnames");
    expect(hosts).to.deep.equal([`farcall.test:${port}`]);
  });

  it("tells what was wrong with each address", async () => {
    const port = await listen(createTcpServer());
    server?.close();
    const { info } = await roundTrip(`ws://shop.test:${port}`, { lookup: addresses });
    expect(info?.code).to.equal(1006);
    expect(info?.reason).to.equal(
      `no address of shop.test can be reached: connect ECONNREFUSED ::1:${port}; ` +
        `connect ECONNREFUSED 127.0.0.3:${port}; connect ECONNREFUSED 127.0.0.1:${port}`,
    );
  });

  const late: ((error: Error | null, addresses: never[]) => void)[] = [];
  const moments: Record<string, (events: Events, transport: Transport) => Promise<void> | void> = {
    "at once": () => {},
    "while addresses are tried": () => turn(),
    "while the upgrade waits": () => until(() => accepted.length > 0),
  };
  for (const [moment, reach] of Object.entries(moments)) {
    for (const scheme of ["ws", "wss"]) {
      for (const how of ["terminate", "close"] as const) {
        it(`leaves nothing behind when ${how} comes ${moment} (${scheme})`, async () => {
          // Accepts and says nothing.
          const port = await listen(createTcpServer());
          const events = new Events();
          const transport = nodeConnector({ maxPayloadBytes: 1_000, lookup: addresses })(`${scheme}://shop.test:${port}`, events);
          await reach(events, transport);
          transport[how](1000, "");
          await until(() => events.info !== undefined);
          expect(events.isOpen).to.equal(false);
        });
      }
    }
  }

  it("leaves nothing behind when it is terminated while the host is looked up", async () => {
    await listen(createTcpServer());
    const events = new Events();
    const lookup: Lookup = (_host, done) => void late.push(done as never);
    nodeConnector({ maxPayloadBytes: 1_000, lookup })("ws://shop.test:7070", events).terminate();
    await until(() => events.info !== undefined);
    late.pop()?.(null, [{ address: "127.0.0.1", family: 4 }] as never);
    await turn();
    expect([events.isOpen, accepted]).to.deep.equal([false, []]);
  });
});
