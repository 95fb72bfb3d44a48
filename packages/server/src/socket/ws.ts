import {
  createServer as createHttpServer,
  type Server as HttpServer,
  type IncomingMessage,
  type RequestListener,
} from "node:http";
import { createServer as createHttpsServer, type Server as HttpsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { TlsOptions } from "node:tls";
import {
  type Admission,
  type Listener,
  subprotocol,
  type Transport,
  type TransportEvents,
  WebSocketTransport,
} from "@farcall/protocol";
import { type ServerOptions, WebSocketServer } from "ws";
import { isAllowedOrigin } from "./origin.js";

export interface WsListenerOptions {
  readonly host: string;
  readonly port: number;
  /** Attach to this server instead of making one. */
  readonly server: HttpServer | HttpsServer | undefined;
  /** Without `server`: speak TLS. */
  readonly tls: TlsOptions | undefined;
  /** Only upgrades of this path are ours; the rest is left to others. */
  readonly path: string | undefined;
  readonly allowedOrigins: readonly string[];
  readonly maxPayloadBytes: number;
}

/** A request must be complete this soon: nothing but a short upgrade is expected here. */
const slowRequests = { headersTimeout: 10_000, requestTimeout: 10_000, connectionsCheckingInterval: 2_000 };
const slowHandshakes = { handshakeTimeout: 10_000 };

/** Limits that @types/ws does not know yet. */
const hardening = { maxFragments: 64, maxBufferedChunks: 4096, closeTimeout: 2_000 };

/** The listeners of ours on each server: several may share one, each with a path of its own. */
const attached = new WeakMap<HttpServer | HttpsServer, Set<WsListener>>();

const onlyUpgrades: RequestListener = (_request, response) =>
  response.writeHead(426).end("This port speaks the Farcall protocol over WebSocket.\n");

function ownServer(tls: TlsOptions | undefined): HttpServer | HttpsServer {
  if (tls === undefined) return createHttpServer(slowRequests, onlyUpgrades);
  return createHttpsServer({ ...slowRequests, ...slowHandshakes, ...tls }, onlyUpgrades);
}

/** Of a connection, whether it is looked at below or above TLS. */
function peerOf({ remoteAddress, remotePort }: Partial<Socket>): string {
  return `${remoteAddress ?? "unknown"}:${remotePort ?? 0}`;
}

function pathOf(request: IncomingMessage): string | undefined {
  return request.url?.split("?", 1)[0];
}

/** Accepts Farcall connections over WebSocket, on a server of its own or attached to one. */
export class WsListener implements Listener {
  readonly #options: WsListenerOptions;
  readonly #server: HttpServer | HttpsServer;
  readonly #sockets: WebSocketServer;
  #starting: Promise<void> | undefined;
  /** On a server of our own: peers that have not asked for an upgrade. */
  readonly #strangers = new Set<string>();
  #onUpgrade: ((request: IncomingMessage, socket: Duplex, head: Buffer) => void) | undefined;

  constructor(options: WsListenerOptions) {
    this.#options = options;
    this.#server = options.server ?? ownServer(options.tls);
    const wsOptions: ServerOptions = {
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: options.maxPayloadBytes,
      handleProtocols: () => subprotocol,
      ...hardening,
    };
    this.#sockets = new WebSocketServer(wsOptions);
  }

  async listen(accept: (transport: Transport) => TransportEvents, admission: Admission): Promise<{ url: string; port: number }> {
    this.#onUpgrade = (request, socket, head) => {
      this.#strangers.delete(peerOf(socket as Socket));
      this.#upgrade(request, socket, head, accept, admission);
    };
    this.#server.on("upgrade", this.#onUpgrade);
    if (this.#options.server === undefined) {
      this.#server.on("connection", (socket) => {
        // With no word from it yet there is nothing to answer.
        if (this.#strangers.size >= admission.maxPending) return socket.destroy();
        const peer = peerOf(socket);
        this.#strangers.add(peer);
        socket.once("close", () => this.#strangers.delete(peer));
      });
    }
    attached.set(this.#server, (attached.get(this.#server) ?? new Set()).add(this));
    const { host, port, path } = this.#options;
    if (!this.#server.listening) {
      this.#starting = new Promise<void>((resolve, reject) => {
        const failed = (error: Error) => {
          this.#detach();
          reject(error);
        };
        this.#server.once("error", failed);
        this.#server.listen(port, host, () => {
          this.#server.off("error", failed);
          resolve();
        });
      });
      await this.#starting;
    }
    const address = this.#server.address() as AddressInfo;
    const scheme = "setSecureContext" in this.#server ? "wss" : "ws";
    const shown = address.family === "IPv6" ? `[${address.address}]` : address.address;
    return { url: `${scheme}://${shown}:${address.port}${path ?? ""}`, port: address.port };
  }

  async stop(): Promise<void> {
    this.#detach();
    await this.#starting?.catch(() => {});
    // An attached server is not ours to close.
    if (this.#options.server === undefined && this.#server.listening) {
      await new Promise<void>((resolve) => {
        this.#server.close(() => resolve());
        (this.#server as HttpServer).closeIdleConnections();
      });
    }
  }

  /** Whether every upgrade listener is one of ours, none has this path, and this one is to say so. */
  #isLeftToNobody(request: IncomingMessage): boolean {
    const ours = attached.get(this.#server) ?? new Set();
    if (this.#server.listenerCount("upgrade") > ours.size) return false;
    const all = [...ours];
    return all[0] === this && !all.some(({ path }) => path === undefined || path === pathOf(request));
  }

  get path(): string | undefined {
    return this.#options.path;
  }

  #detach(): void {
    if (this.#onUpgrade !== undefined) this.#server.off("upgrade", this.#onUpgrade);
    attached.get(this.#server)?.delete(this);
    this.#onUpgrade = undefined;
  }

  #upgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    accept: (transport: Transport) => TransportEvents,
    admission: Admission,
  ): void {
    const { path, allowedOrigins } = this.#options;
    if (path !== undefined && pathOf(request) !== path) {
      if (this.#isLeftToNobody(request)) refuse(socket, "404 Not Found", "no Farcall server at this path");
      return;
    }
    if (!isAllowedOrigin(request.headers.origin, request.headers.host, allowedOrigins)) {
      return refuse(socket, "403 Forbidden", "this origin is not in allowedOrigins");
    }
    if (admission.pending() >= admission.maxPending) {
      return refuse(socket, "503 Service Unavailable", "too many connections that have not said hello");
    }
    const offered = (request.headers["sec-websocket-protocol"] ?? "").split(",").map((one) => one.trim());
    if (!offered.includes(subprotocol))
      return refuse(socket, "400 Bad Request", `this server speaks the subprotocol ${subprotocol}`);
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const peer = socket as Socket;
      peer.setNoDelay?.(true);
      let events: TransportEvents | undefined;
      // The connection needs its transport and the transport its listener: frames come in a later turn.
      const transport = new WebSocketTransport(webSocket, peerOf(peer), {
        open() {},
        message: (bytes) => events?.message(bytes),
        pinged: () => events?.pinged?.(),
        drained: () => events?.drained(),
        closed: (info) => events?.closed(info),
      });
      events = accept(transport);
    });
  }
}

function refuse(socket: Duplex, status: string, text: string): void {
  socket.on("error", () => {});
  // Whoever was refused does not get to keep the socket by not closing its side.
  socket.once("finish", () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
}
