import type { FarcallError, Load } from "@farcall/protocol";

/** What the owner of a connection hears. */
export interface ConnectionEvents {
  /** The state has changed; `connection.state` says to what. */
  changed(): void;
  /** An attempt is being made, the first being 0. */
  connecting(attempt: number): void;
  ready(): void;
  /** The server does not answer: it is asked last, and another connection is tried. */
  suspect(silenceMs: number): void;
  /** The connection or an attempt was lost; the next attempt comes after `delayMs`. */
  reconnecting(info: { readonly delayMs: number; readonly attempt: number; readonly cause: FarcallError }): void;
  /** The server takes no more calls on this connection. */
  draining(reason: string): void;
  /** No further attempt will be made. */
  closed(cause: FarcallError): void;
  /** What the server says of its load. */
  reported(load: Load): void;
  /** A call has been settled: there may be room for another. */
  released(): void;
  /** Our own code threw while it handled a frame. */
  fault(error: unknown): void;
}
