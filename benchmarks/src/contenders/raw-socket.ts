import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { WebSocket, WebSocketServer } from "ws";
import type { Served } from "../harness/contender.js";

/** A bare ws server; `accept` gets every connection. */
export async function listen(accept: (socket: WebSocket) => void): Promise<Served> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
  server.on("connection", accept);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `ws://127.0.0.1:${port}`,
    async close() {
      for (const socket of server.clients) socket.terminate();
      server.close();
      await once(server, "close");
    },
  };
}

/** A bare ws client, once it is open. */
export async function open(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  await once(socket, "open");
  return socket;
}

export async function shut(socket: WebSocket): Promise<void> {
  socket.close();
  if (socket.readyState !== WebSocket.CLOSED) await once(socket, "close");
}
