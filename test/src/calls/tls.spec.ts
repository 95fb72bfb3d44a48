import { readFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { connect } from "node:net";
import { type Client, type ClientOptions, createClient, FarcallError } from "@farcall/client";
import { createServer, type Server, type ServerOptions } from "@farcall/server";
import { expect } from "chai";
import { wellBehaved } from "../conformance/implementation.js";
import { collect, until } from "../conformance/settlement.js";
import { Conformance } from "../contracts/gen/conformance.js";

const pem = (name: string): string => readFileSync(new URL(`../../fixtures/tls/${name}.pem`, import.meta.url), "utf8");
const cert = pem("certificate");
const key = pem("key");
const quiet = { error() {}, warn() {} };

describe("Q1: TLS", () => {
  const servers: Server[] = [];
  const clients: Client[] = [];

  async function serve(options: ServerOptions): Promise<string> {
    const server = createServer({ logger: quiet, ...options });
    servers.push(server);
    server.implement(Conformance, wellBehaved);
    return (await server.listen()).url;
  }

  function stub(url: string, options: ClientOptions) {
    const client = createClient(url, { logger: quiet, ...options });
    clients.push(client);
    return client.service(Conformance);
  }

  /** What a call is told when the first attempt to connect has failed. */
  async function refusal(url: string, options: ClientOptions): Promise<FarcallError> {
    const conformance = stub(url, options);
    await new Promise((resolve) => clients.at(-1)?.once("reconnecting", resolve));
    const error: unknown = await conformance.echo(new Uint8Array(1), { waitForReady: false }).catch((thrown: unknown) => thrown);
    if (!FarcallError.is(error)) throw new Error(`expected a FarcallError, got ${String(error)}`);
    expect(error).to.include({ code: "UNAVAILABLE", executed: "no" });
    return error;
  }

  afterEach(async () => {
    for (const client of clients.splice(0)) await client.close();
    for (const server of servers.splice(0)) await server.close();
  });

  it("carries calls and streams between a server with a certificate and a client that trusts it", async () => {
    const url = await serve({ tls: { cert, key } });
    expect(url).to.match(/^wss:\/\/127\.0\.0\.1:\d+$/);
    const conformance = stub(url, { tls: { ca: cert } });
    const bytes = new Uint8Array(200_000).fill(7);
    expect(await conformance.echo(bytes)).to.deep.equal(bytes);
    expect(await collect(conformance.download([10, 20, 30]))).to.have.lengthOf(3);
  });

  it("attaches to an https server, beside others, and leaves it to its owner", async () => {
    const https = createHttpsServer({ cert, key }, (_request, response) => response.end("a page"));
    await new Promise<void>((resolve) => void https.listen(0, "127.0.0.1", resolve));
    const url = await serve({ server: https, path: "/rpc" });
    expect(url).to.match(/^wss:.*\/rpc$/);
    expect(await stub(url, { tls: { ca: cert } }).echo(new Uint8Array([1]))).to.deep.equal(new Uint8Array([1]));
    await clients.pop()?.close();
    await servers.pop()?.close();
    expect(https.listening).to.equal(true);
    await new Promise((resolve) => https.close(resolve));
  });

  it("refuses a certificate that nobody vouches for, and says why", async () => {
    const url = await serve({ tls: { cert, key } });
    for (const options of [{}, { tls: {} }]) {
      expect((await refusal(url, options)).message).to.include("self-signed certificate");
    }
  });

  it("asks clients for a certificate (mutual TLS): one without is told so, and calls nothing", async () => {
    const url = await serve({ tls: { cert, key, ca: cert, requestCert: true, rejectUnauthorized: true } });
    expect((await refusal(url, { tls: { ca: cert } })).message).to.include("certificate required");
    expect(await stub(url, { tls: { ca: cert, cert, key } }).echo(new Uint8Array([2]))).to.deep.equal(new Uint8Array([2]));
  });

  it("O6: a connection whose handshake is over is no stranger any more", async () => {
    const url = await serve({ tls: { cert, key }, limits: { maxPendingConnections: 1 } });
    for (let i = 0; i < 4; i++) await stub(url, { tls: { ca: cert } }).echo(new Uint8Array(1));
    expect(servers[0]?.connections()).to.have.lengthOf(4);
  });

  it("O6: sockets that never shake hands are strangers like any other, and the server goes on", async () => {
    const url = await serve({ tls: { cert, key }, limits: { maxPendingConnections: 2 } });
    const port = Number(new URL(url).port);
    let closed = 0;
    const sockets = Array.from({ length: 4 }, () =>
      connect(port, "127.0.0.1")
        .on("error", () => {})
        .on("close", () => closed++),
    );
    await until(() => closed === 2, "those beyond the limit are closed");
    for (const socket of sockets) socket.end("GET / HTTP/1.1\r\n\r\n");
    await until(() => closed === 4, "what is no TLS is closed");
    expect(await stub(url, { tls: { ca: cert } }).echo(new Uint8Array(1))).to.have.lengthOf(1);
  });

  it("is not mixed up with its absence: the client says what it met", async () => {
    const secure = await serve({ tls: { cert, key } });
    const plain = await serve({});
    expect((await refusal(secure.replace("wss", "ws"), {})).message).to.include("socket hang up");
    const { message } = await refusal(plain.replace("ws", "wss"), { tls: { ca: cert } });
    expect(message).to.include("no TLS is spoken there; did you mean ws:// and not wss://?");
  });

  const wrong: readonly (readonly [what: string, make: () => unknown, says: string])[] = [
    [
      "tls for an address in the clear",
      () => createClient("ws://a:1", { tls: {} }),
      "tls is given, and ws://a:1 would not use it",
    ],
    ["a certificate that is none", () => createClient("wss://a:1", { tls: { ca: "nonsense" } }), "createClient: tls: "],
    ["an option of tls that is none", () => createClient("wss://a:1", { tls: { caa: cert } as never }), "createClient: tls.caa"],
    [
      "tls that is no object",
      () => createClient("wss://a:1", { tls: true as never }),
      "createClient: tls must be an object, got true",
    ],
    [
      "tls beside a connector",
      () => createClient("wss://a:1", { tls: {}, connector: () => ({}) as never }),
      "createClient: tls has no effect on a connector of your own",
    ],
    ["a header of the upgrade itself", () => createClient("ws://a:1", { headers: { Host: "b" } }), "Host belongs to the upgrade"],
    [
      "a header that is no text",
      () => createClient("ws://a:1", { headers: { a: 1 as never } }),
      "headers.a must be a text, got number",
    ],
    ["a header with a line break", () => createClient("ws://a:1", { headers: { a: "b\nc: d" } }), "createClient: headers: "],
    ["a server without a key", () => createServer({ tls: { cert } }), "createServer: tls needs key and cert, in PEM, or pfx"],
    ["a server with an authority that is none", () => createServer({ tls: { cert, key, ca: "?" } }), "createServer: tls: "],
    ["a server with the wrong key", () => createServer({ tls: { cert, key: "nonsense" } }), "createServer: tls: "],
    [
      "tls for an attached server",
      () => createServer({ server: createHttpServer(), tls: { cert, key } }),
      "createServer: give either server or tls",
    ],
  ];
  for (const [what, make, says] of wrong) {
    it(`refuses ${what}`, () => {
      expect(make).to.throw(TypeError, says);
    });
  }

  it("headers of the client reach what stands in between", async () => {
    const http = createHttpServer();
    let seen: unknown;
    http.on("upgrade", ({ headers }) => {
      seen = headers["x-tenant"];
    });
    await new Promise<void>((resolve) => void http.listen(0, "127.0.0.1", resolve));
    const url = await serve({ server: http });
    await stub(url, { headers: { "X-Tenant": "a" } }).echo(new Uint8Array(1));
    expect(seen).to.equal("a");
    await clients.pop()?.close();
    await new Promise((resolve) => http.close(resolve));
  });
});
