import { isIP, type Socket } from "node:net";
import { type ConnectionOptions as TlsOptions, connect as tlsConnect } from "node:tls";
import { type CloseInfo, type Connector, closeCodes, subprotocol, WebSocketTransport } from "@farcall/protocol";
import { type ClientOptions, WebSocket } from "ws";
import { AddressRace, type Lookup } from "./address-race.js";

/** Limits that @types/ws does not know yet. */
const hardening = { maxFragments: 64, maxBufferedChunks: 4096, closeTimeout: 2_000 };

export interface NodeConnectorOptions {
  readonly maxPayloadBytes: number;
  /** Default: the system's. */
  readonly lookup?: Lookup;
  /** What `wss` addresses are held against besides the certificates that Node trusts. */
  readonly tls?: TlsOptions | undefined;
  /** Of the upgrade request, besides those that make it one. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What `ws` hands to `http.request`, as far as we need it. */
type Given = TlsOptions & { readonly host: string; readonly port: number | string };
type Created = (error: Error | null, socket?: Socket) => void;

/** Dials WebSockets with `ws`. */
export function nodeConnector(options: NodeConnectorOptions): Connector {
  return (url, events, { serverName } = {}) => {
    let race: AddressRace | undefined;
    // A peer that has closed its side without a farewell answers nothing any more, and may never read what is left here: `ws`
    // would wait for that. A turn later, so that what came before has been taken in.
    const hangingUp = (socket: Socket): Socket =>
      socket.once("end", () => {
        if (webSocket.readyState === WebSocket.OPEN) setImmediate(() => webSocket.terminate());
      });
    const isSecure = url.startsWith("wss:");
    // We open the socket ourselves, to try all addresses, and to be able to say whether it keeps the process alive.
    const createConnection = (given: Given, created: Created): undefined => {
      const { host } = given;
      const target = { host, port: Number(given.port), ...(options.lookup === undefined ? {} : { lookup: options.lookup }) };
      race = new AddressRace(target, (error, socket) => {
        if (socket === undefined || !isSecure) return created(error, socket && hangingUp(socket));
        const servername = serverName ?? given.servername ?? (isIP(host) > 0 ? "" : host);
        created(null, hangingUp(tlsConnect({ ...given, servername, ...options.tls, path: undefined, socket } as TlsOptions)));
      });
    };
    const clientOptions: ClientOptions = {
      perMessageDeflate: false,
      maxPayload: options.maxPayloadBytes,
      createConnection: createConnection as unknown as NonNullable<ClientOptions["createConnection"]>,
      headers: { ...options.headers, ...(serverName === undefined ? {} : { Host: hostHeader(url, serverName) }) },
      ...hardening,
    };
    const webSocket = new WebSocket(url, subprotocol, clientOptions);
    webSocket.on("close", () => race?.abort());
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
    return new WebSocketTransport(webSocket, url, events, { refable: () => race, refusal: () => refusal });
  };
}

/** As a URL with that name would have it. */
function hostHeader(url: string, serverName: string): string {
  const { port } = new URL(url);
  return port === "" ? serverName : `${serverName}:${port}`;
}

/** What a refused upgrade means; other answers (a proxy in trouble, no such path yet) may pass. */
const refusals: ReadonlyMap<number, number> = new Map([
  [400, closeCodes.versionMismatch],
  [401, closeCodes.unauthenticated],
  [403, closeCodes.forbidden],
]);
