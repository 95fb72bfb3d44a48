import { encode, type Frame, FrameReader, subprotocol } from "@farcall/protocol";
import { WebSocket } from "ws";

/** A peer that speaks bytes: for tests of what a stranger, or an attacker, may send. */
export class RawPeer {
  readonly socket: WebSocket;
  readonly #frames: Frame[] = [];
  readonly #waiters: ((frame: Frame | undefined) => void)[] = [];
  #closed: { code: number; reason: string } | undefined;
  #messages = 0;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on("error", () => {});
    socket.on("message", (data: Buffer) => {
      this.#messages++;
      const reader = new FrameReader(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
        const waiter = this.#waiters.shift();
        if (waiter === undefined) this.#frames.push(frame);
        else waiter(frame);
      }
    });
    socket.on("close", (code, reason) => {
      this.#closed = { code, reason: reason.toString() };
      for (const waiter of this.#waiters.splice(0)) waiter(undefined);
    });
  }

  /** Over a socket that is open already; nothing is sent. */
  static over(socket: WebSocket): RawPeer {
    return new RawPeer(socket);
  }

  /** WebSocket messages received so far; each holds one or more frames. */
  get messages(): number {
    return this.#messages;
  }

  /** Dials without saying hello. */
  static async connect(
    url: string,
    options: { readonly headers?: Record<string, string>; readonly protocol?: string } = {},
  ): Promise<RawPeer> {
    const socket = new WebSocket(url, options.protocol ?? subprotocol, {
      headers: options.headers ?? {},
      perMessageDeflate: false,
    });
    const peer = new RawPeer(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", reject);
    });
    return peer;
  }

  /** Dials, says hello and waits for the welcome. */
  static async welcomed(url: string, hello: Record<string, unknown> = {}): Promise<RawPeer> {
    const peer = await RawPeer.connect(url);
    peer.sendFrames([1, { minor: 0, agent: "raw", ...hello }]);
    const frame = await peer.frame();
    if (frame?.kind !== 2) throw new Error(`expected welcome, got ${frame === undefined ? "the end" : `kind ${frame.kind}`}`);
    return peer;
  }

  /** Sends bytes as one message. */
  sendBytes(bytes: Uint8Array): void {
    this.socket.send(bytes);
  }

  /** Sends values as the frames of one message. */
  sendFrames(...frames: readonly (readonly unknown[])[]): void {
    const parts = frames.map((frame) => {
      const { bytes, start, end } = encode(frame);
      return Buffer.from(bytes.subarray(start, end));
    });
    this.socket.send(Buffer.concat(parts));
  }

  /** The next frame, or `undefined` once the connection has ended. */
  frame(): Promise<Frame | undefined> {
    const frame = this.#frames.shift();
    if (frame !== undefined) return Promise.resolve(frame);
    if (this.#closed !== undefined) return Promise.resolve(undefined);
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  /** How the connection ended; waits until it has. */
  async closed(): Promise<{ readonly code: number; readonly reason: string }> {
    if (this.#closed === undefined) await new Promise((resolve) => this.socket.once("close", resolve));
    return this.#closed as { code: number; reason: string };
  }

  /** Drops the connection. */
  terminate(): void {
    this.socket.terminate();
  }
}
