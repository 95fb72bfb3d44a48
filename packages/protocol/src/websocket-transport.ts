import { closeCodes } from "./close-code.js";
import type { CloseInfo, Transport, TransportEvents } from "./transport.js";

/** What we need of a `ws` WebSocket, on either side. */
export interface NodeWebSocket {
  readonly bufferedAmount: number;
  readonly readyState: number;
  send(data: Uint8Array, options: { readonly binary: true; readonly compress: false }, done?: () => void): void;
  close(code: number, reason: string): void;
  terminate(): void;
  on(event: "open", listener: () => void): unknown;
  on(event: "message", listener: (data: Uint8Array, isBinary: boolean) => void): unknown;
  on(event: "ping" | "pong", listener: () => void): unknown;
  on(event: "close", listener: (code: number, reason: Uint8Array) => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
}

/** A socket that may or may not keep the process alive. */
export interface Refable {
  ref(): unknown;
  unref(): unknown;
}

export interface WebSocketTransportOptions {
  /** The socket below, once there is one: to say whether it keeps the process alive. */
  readonly refable?: () => Refable | undefined;
  /** How the upgrade was refused, when it was: tells more than the close event does. */
  readonly refusal?: () => CloseInfo | undefined;
}

/** While there is no more than this in the socket nobody waits for it to drain; less than any bound of the outbox. */
const quietBytes = 8 * 1024;

const isOpen = 1;
const sendOptions = { binary: true, compress: false } as const;

/** A `Transport` over a `ws` WebSocket. */
export class WebSocketTransport implements Transport {
  readonly address: string;
  readonly #socket: NodeWebSocket;
  readonly #refable: () => Refable | undefined;
  readonly #drained: () => void;
  #ended = false;

  constructor(socket: NodeWebSocket, address: string, events: TransportEvents, options: WebSocketTransportOptions = {}) {
    const { refable = () => undefined, refusal } = options;
    this.address = address;
    this.#socket = socket;
    this.#refable = refable;
    this.#drained = () => events.drained();
    let cause: unknown;
    const closed = (info: CloseInfo): void => {
      if (this.#ended) return;
      this.#ended = true;
      events.closed(info);
    };
    socket.on("open", () => events.open());
    socket.on("message", (data, isBinary) => {
      if (this.#ended) return;
      if (isBinary) events.message(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      else {
        const reason = "text messages are not part of the protocol";
        this.close(closeCodes.unsupportedData, reason);
        closed({ code: closeCodes.unsupportedData, reason });
      }
    });
    socket.on("ping", () => events.pinged?.());
    socket.on("pong", () => events.pinged?.());
    // Without a listener a single invalid byte from the peer would end the process; `close` follows by itself.
    socket.on("error", (error) => {
      cause = error;
    });
    socket.on("close", (code, reason) => {
      const text = new TextDecoder().decode(reason);
      closed(refusal?.() ?? (cause === undefined ? { code, reason: text } : { code, reason: text || messageOf(cause), cause }));
    });
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  get isClosing(): boolean {
    return this.#socket.readyState > isOpen;
  }

  send(bytes: Uint8Array): void {
    const socket = this.#socket;
    if (socket.readyState !== isOpen) return;
    if (socket.bufferedAmount + bytes.length > quietBytes) socket.send(bytes, sendOptions, this.#drained);
    else socket.send(bytes, sendOptions);
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, clip(reason));
  }

  terminate(): void {
    this.#socket.terminate();
  }

  ref(): void {
    this.#refable()?.ref();
  }

  unref(): void {
    this.#refable()?.unref();
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : "";
}

/** A close reason takes at most 123 bytes. */
function clip(reason: string): string {
  const encoder = new TextEncoder();
  let text = reason.slice(0, 123);
  while (encoder.encode(text).length > 123) text = text.slice(0, -1);
  return text;
}
