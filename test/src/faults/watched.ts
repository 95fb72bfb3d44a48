import type { Clock, CloseInfo, Connector, Transport, TransportEvents } from "@farcall/protocol";

/** One transport that a client has dialled, in the hands of a case. */
export interface Watched {
  /** Its owner's ears: a case may say what a socket says late, or twice. */
  readonly events: TransportEvents;
  /** The owner has heard that it is gone. */
  readonly isOver: boolean;
  /** The peer has said that it closes: what is sent is lost, and the end takes its time to be noticed. */
  peerCloses(info: CloseInfo): void;
}

export interface Watch {
  readonly connector: Connector;
  /** All transports, in the order in which they were dialled. */
  readonly dialled: readonly Watched[];
  /** Those whose end their owner has not heard of. */
  readonly open: number;
}

/**
 * A connector that a case looks through. Each transport of `dial(number)` says that it is gone `closingMs` after either side
 * has closed it; until then it is what `ws` is while it closes: it loses what is sent, and still delivers what comes.
 */
export function watch(dial: (attempt: number) => Connector, clock: Clock, closingMs = 0): Watch {
  const dialled: Watched[] = [];
  return {
    dialled,
    get open() {
      return dialled.filter(({ isOver }) => !isOver).length;
    },
    connector: (url, events) => {
      let isClosing = false;
      let isOver = false;
      const end = (info: CloseInfo): void => {
        if (isClosing) return;
        isClosing = true;
        clock.setTimeout(() => {
          isOver = true;
          events.closed(info);
          inner.terminate();
        }, closingMs);
      };
      const inner: Transport = dial(dialled.length)(url, { ...bound(events), closed: end });
      const one: Watched = {
        events,
        get isOver() {
          return isOver;
        },
        peerCloses: end,
      };
      dialled.push(one);
      return {
        address: inner.address,
        get bufferedBytes() {
          return inner.bufferedBytes;
        },
        get isClosing() {
          return isClosing;
        },
        send: (bytes) => {
          if (!isClosing) inner.send(bytes);
        },
        close: (code, reason) => end({ code, reason }),
        terminate: () => end({ code: 1006, reason: "" }),
        ref: () => inner.ref(),
        unref: () => inner.unref(),
      };
    },
  };
}

function bound(events: TransportEvents): TransportEvents {
  return {
    open: () => events.open(),
    message: (bytes) => events.message(bytes),
    pinged: () => events.pinged?.(),
    drained: () => events.drained(),
    closed: (info) => events.closed(info),
  };
}
