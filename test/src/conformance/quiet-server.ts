import { type Connector, FrameReader, kinds, type TransportEvents } from "@farcall/protocol";
import { createMemoryNetwork } from "@farcall/testing";
import { frame } from "./malformed.js";

/** A server in memory that accepts and then says nothing, ever. */
export function silent(): { readonly connector: Connector; readonly dialled: () => number } {
  let dialled = 0;
  return {
    connector: accepting(() => {
      dialled++;
      return () => {};
    }),
    dialled: () => dialled,
  };
}

/**
 * A server in memory that welcomes and then swallows everything, until it is told to speak or to hang up. With `once` the
 * first connection alone is welcomed.
 */
export function welcoming(options: { readonly once?: boolean } = {}) {
  let welcomed = 0;
  let current: { send(bytes: Uint8Array): void; terminate(): void } | undefined;
  const heard: number[] = [];
  const connector = accepting((transport) => {
    current = transport;
    return (bytes) => {
      const reader = new FrameReader(bytes);
      for (let one = reader.next(); one !== undefined; one = reader.next()) {
        heard.push(one.kind);
        if (one.kind === kinds.hello && (options.once !== true || welcomed++ === 0))
          transport.send(frame(2, { minor: 0, instanceId: "quiet", connectionId: "quiet" }));
      }
    };
  });
  return {
    connector,
    /** Kinds of the frames that came. */
    heard,
    send: (bytes: Uint8Array) => current?.send(bytes),
    hangUp: () => current?.terminate(),
  };
}

type Far = { send(bytes: Uint8Array): void; terminate(): void };

/** A connector to a listener that hands each transport to `accept`. Addresses do not matter. */
function accepting(accept: (transport: Far) => (bytes: Uint8Array) => void): Connector {
  const network = createMemoryNetwork();
  void network.listener("quiet").listen((transport): TransportEvents => {
    const message = accept(transport);
    return { open() {}, message, drained() {}, closed() {} };
  });
  return (_url, events) => network.connector("memory://quiet", events);
}
