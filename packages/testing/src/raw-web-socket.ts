import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { subprotocol } from "@farcall/protocol";

/** One WebSocket frame (RFC 6455), with everything in it that can be wrong. */
export interface WebSocketFrame {
  readonly opcode: number;
  readonly payload?: Uint8Array;
  /** Default true. */
  readonly fin?: boolean;
  /** The three reserved bits, 0 to 7. Default 0. */
  readonly rsv?: number;
  /** Clients must mask. Default true. */
  readonly masked?: boolean;
}

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** A WebSocket client that keeps no rule it is not told to keep: for tests of what may come in over plain TCP. */
export class RawWebSocket {
  readonly socket: Socket;
  /** Status line and headers of the answer to the upgrade. */
  readonly head: string;
  #received: Buffer;
  #closeCode: number | undefined;
  #frames = 0;

  private constructor(socket: Socket, head: string, rest: Buffer) {
    this.socket = socket;
    this.head = head;
    this.#received = rest;
    socket.on("data", (data) => this.#read(data));
    this.#read(Buffer.alloc(0));
  }

  /** Dials and asks for the upgrade, with `headers` besides the usual ones. */
  static async connect(url: string, headers: Readonly<Record<string, string>> = {}): Promise<RawWebSocket> {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    socket.on("error", () => {});
    await once(socket, "connect");
    const usual = {
      Host: `${hostname}:${port}`,
      Connection: "Upgrade",
      Upgrade: "websocket",
      "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Key": randomBytes(16).toString("base64"),
      "Sec-WebSocket-Protocol": subprotocol,
    };
    const lines = Object.entries({ ...usual, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`GET / HTTP/1.1\r\n${lines.join("")}\r\n`);
    let received = Buffer.alloc(0);
    while (!received.includes("\r\n\r\n")) {
      const [data] = (await once(socket, "data")) as [Buffer];
      received = Buffer.concat([received, data]);
    }
    const end = received.indexOf("\r\n\r\n");
    return new RawWebSocket(socket, received.subarray(0, end).toString("latin1"), received.subarray(end + 4));
  }

  /** Frames received so far. */
  get frames(): number {
    return this.#frames;
  }

  /** Any bytes at all. */
  write(bytes: Uint8Array): void {
    this.socket.write(bytes);
  }

  send(...frames: readonly WebSocketFrame[]): void {
    this.write(Buffer.concat(frames.map(encodeWebSocketFrame)));
  }

  /** Reads no more, so that what the server sends piles up there. */
  stopReading(): void {
    this.socket.pause();
  }

  /** The code the server closed with, or 1006 when the connection broke without one; waits until it is over. */
  async closed(): Promise<number> {
    // Not `once` of node:events, which rejects where the connection breaks: that is an end like any other.
    if (!this.socket.destroyed && this.#closeCode === undefined) {
      await new Promise((resolve) => this.socket.once("close", resolve));
    }
    return this.#closeCode ?? 1006;
  }

  terminate(): void {
    this.socket.destroy();
  }

  #read(data: Buffer): void {
    this.#received = Buffer.concat([this.#received, data]);
    for (;;) {
      const bytes = this.#received;
      if (bytes.length < 2) return;
      const short = (bytes[1] as number) & 0x7f;
      const header = short === 126 ? 4 : short === 127 ? 10 : 2;
      if (bytes.length < header) return;
      const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
      if (bytes.length < header + length) return;
      this.#frames++;
      if (((bytes[0] as number) & 0x0f) === opcodes.close) {
        this.#closeCode = length >= 2 ? bytes.readUInt16BE(header) : 1005;
        this.socket.destroy();
      }
      this.#received = bytes.subarray(header + length);
    }
  }
}

/** The frame as it travels. */
export function encodeWebSocketFrame(frame: WebSocketFrame): Uint8Array {
  const { opcode, payload = new Uint8Array(0), fin = true, rsv = 0, masked = true } = frame;
  const first = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  const { length } = payload;
  const size = length < 126 ? [] : length < 0x10000 ? [length >> 8, length & 255] : [0, 0, 0, 0, ...uint32(length)];
  const short = length < 126 ? length : length < 0x10000 ? 126 : 127;
  // A mask of zeros is a mask, and leaves the payload as it is.
  return Buffer.concat([Buffer.from([first, (masked ? 0x80 : 0) | short, ...size, ...(masked ? [0, 0, 0, 0] : [])]), payload]);
}

function uint32(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}
