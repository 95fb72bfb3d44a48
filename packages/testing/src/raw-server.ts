import type { AddressInfo } from "node:net";
import { subprotocol } from "@farcall/protocol";
import { WebSocketServer } from "ws";
import { RawPeer } from "./raw-peer.js";

/** A server that speaks bytes: for tests of what a client does when its server breaks the rules, or says nothing. */
export class RawServer {
  readonly url: string;
  readonly #server: WebSocketServer;
  readonly #peers: RawPeer[] = [];
  readonly #waiters: ((peer: RawPeer) => void)[] = [];
  #accepted = 0;

  private constructor(server: WebSocketServer) {
    this.#server = server;
    this.url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on("connection", (socket) => {
      this.#accepted++;
      const peer = RawPeer.over(socket);
      const waiter = this.#waiters.shift();
      if (waiter === undefined) this.#peers.push(peer);
      else waiter(peer);
    });
  }

  /** Listens on a port of the system's choice. */
  static async listen(): Promise<RawServer> {
    const server = new WebSocketServer({
      host: "127.0.0.1",
      port: 0,
      perMessageDeflate: false,
      handleProtocols: () => subprotocol,
    });
    await new Promise<void>((resolve, reject) => {
      server.once("listening", resolve);
      server.once("error", reject);
    });
    return new RawServer(server);
  }

  /** Connections accepted so far. */
  get accepted(): number {
    return this.#accepted;
  }

  /** The next client that has connected; nothing has been said to it. */
  connection(): Promise<RawPeer> {
    const peer = this.#peers.shift();
    if (peer !== undefined) return Promise.resolve(peer);
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  /** The next client, after its hello has been answered with a welcome. */
  async welcomed(welcome: Record<string, unknown> = {}): Promise<RawPeer> {
    const peer = await this.connection();
    const frame = await peer.frame();
    if (frame?.kind !== 1) throw new Error(`expected hello, got ${frame === undefined ? "the end" : `kind ${frame.kind}`}`);
    peer.sendFrames([2, { minor: 0, agent: "raw", instanceId: "raw", connectionId: "raw", ...welcome }]);
    return peer;
  }

  /** Drops every connection and stops to listen. */
  async close(): Promise<void> {
    for (const socket of this.#server.clients) socket.terminate();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
