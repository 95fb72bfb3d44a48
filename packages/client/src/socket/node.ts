import { isIP, type NetConnectOpts, connect as netConnect, type Socket } from "node:net";
import { type ConnectionOptions as TlsOptions, connect as tlsConnect } from "node:tls";
import { type CloseInfo, type Connector, closeCodes, subprotocol, WebSocketTransport } from "@farcall/protocol";
import { type ClientOptions, WebSocket } from "ws";

/** Limits that @types/ws does not know yet. */
const hardening = { maxFragments: 64, maxBufferedChunks: 4096, closeTimeout: 2_000 };

/** Dials WebSockets with `ws`. */
export function nodeConnector(options: { readonly maxPayloadBytes: number }): Connector {
  return (url, events) => {
    let socket: Socket | undefined;
    const isSecure = url.startsWith("wss:");
    // We open the socket ourselves, to be able to say whether it keeps the process alive.
    const createConnection = (given: NetConnectOpts): Socket => {
      const host = "host" in given ? given.host : undefined;
      socket = isSecure
        ? tlsConnect({ servername: host === undefined || isIP(host) > 0 ? "" : host, ...given } as TlsOptions)
        : netConnect({ ...given, path: undefined } as unknown as NetConnectOpts);
      socket.setNoDelay(true);
      return socket;
    };
    const clientOptions: ClientOptions = {
      perMessageDeflate: false,
      maxPayload: options.maxPayloadBytes,
      createConnection: createConnection as unknown as NonNullable<ClientOptions["createConnection"]>,
      ...hardening,
    };
    const webSocket = new WebSocket(url, subprotocol, clientOptions);
    let refusal: CloseInfo | undefined;
    webSocket.on("unexpected-response", (request, response) => {
      const status = response.statusCode ?? 0;
      refusal = {
        code: refusals.get(status) ?? 1006,
        reason: `the upgrade was answered with HTTP ${status} ${response.statusMessage ?? ""}`,
      };
      request.destroy();
      webSocket.terminate();
    });
    return new WebSocketTransport(webSocket, url, events, { refable: () => socket, refusal: () => refusal });
  };
}

/** What a refused upgrade means; other answers (a proxy in trouble, no such path yet) may pass. */
const refusals: ReadonlyMap<number, number> = new Map([
  [400, closeCodes.versionMismatch],
  [401, closeCodes.unauthenticated],
  [403, closeCodes.forbidden],
]);
