import type { CloseInfo, Connector, Listener, Transport, TransportEvents } from "@farcall/protocol";

/** Runs `deliver` in a turn of its own: what carries bytes never calls back into its caller. */
function later(deliver: () => void): void {
  queueMicrotask(deliver);
}

/** One end of a connection that never leaves the process. */
class MemoryTransport implements Transport {
  readonly address: string;
  readonly bufferedBytes = 0;
  events: TransportEvents | undefined;
  peer: MemoryTransport | undefined;
  #closed = false;

  constructor(address: string) {
    this.address = address;
  }

  send(bytes: Uint8Array): void {
    if (this.#closed) return;
    const { peer } = this;
    // A copy, as from a network: the receiver may keep and change what it gets.
    const message = bytes.slice();
    later(() => {
      if (peer !== undefined && !peer.#closed) peer.events?.message(message);
      if (!this.#closed) this.events?.drained();
    });
  }

  close(code: number, reason: string): void {
    this.#end({ code, reason }, { code, reason });
  }

  terminate(): void {
    this.#end({ code: 1006, reason: "" }, { code: 1006, reason: "" });
  }

  ref(): void {}

  unref(): void {}

  #end(mine: CloseInfo, theirs: CloseInfo): void {
    if (this.#closed) return;
    const { peer } = this;
    later(() => {
      if (this.#closed) return;
      this.#closed = true;
      this.events?.closed(mine);
    });
    later(() => {
      if (peer === undefined || peer.#closed) return;
      peer.#closed = true;
      peer.events?.closed(theirs);
    });
  }
}

/** A network of one process: `listener` for servers, `connector` for clients. No sockets, no ports, same behaviour. */
export interface MemoryNetwork {
  /** A listener for `createServer({ listener })`; clients reach it at `memory://<name>`. */
  listener(name: string): Listener;
  /** A connector for `createClient("memory://<name>", { connector })`. */
  readonly connector: Connector;
}

export function createMemoryNetwork(): MemoryNetwork {
  const listening = new Map<string, (transport: Transport) => TransportEvents>();
  let dialled = 0;
  return {
    listener: (name) => ({
      async listen(accept) {
        if (listening.has(name)) throw new Error(`memory://${name} is taken`);
        listening.set(name, accept);
        return { url: `memory://${name}`, port: 0 };
      },
      async stop() {
        listening.delete(name);
      },
    }),
    connector: (url, events) => {
      const accept = listening.get(new URL(url).host);
      const near = new MemoryTransport(url);
      near.events = events;
      if (accept === undefined) {
        later(() => events.closed({ code: 1006, reason: "nobody listens there" }));
        return near;
      }
      const far = new MemoryTransport(`memory:${++dialled}`);
      near.peer = far;
      far.peer = near;
      later(() => {
        far.events = accept(far);
        events.open();
      });
      return near;
    },
  };
}
