/** What the owner of a transport hears. Each is called from a turn of its own, never from inside a call into the transport. */
export interface TransportEvents {
  /** The socket is open: messages may be sent. At most once. */
  open(): void;
  /** One whole binary message. The receiver owns the bytes. */
  message(bytes: Uint8Array): void;
  /** The carrier's own ping or pong has come, where it has such: a sign of life that carries nothing. */
  pinged?(): void;
  /** A message has gone out: time to send what waits. Called in a later turn than the `send`; may be left out
   * while only a few KiB are buffered. */
  drained(): void;
  /** The end, exactly once, whatever led to it. Nothing follows. */
  closed(info: CloseInfo): void;
}

export interface CloseInfo {
  /** WebSocket close code; 1006 when the connection broke without one. */
  readonly code: number;
  readonly reason: string;
  /** What the platform said, for local logs. */
  readonly cause?: unknown;
}

/**
 * The waist of Farcall: whole binary messages to and from one peer. A WebSocket, or two of them joined in memory.
 * Nothing above it knows what carries the bytes.
 */
export interface Transport {
  /** For people and logs. */
  readonly address: string;
  /** Bytes handed over and not yet taken by the network. */
  readonly bufferedBytes: number;
  /** The connection is about to end, as `closed` will say: what is sent does not leave any more. Absent: not known. */
  readonly isClosing?: boolean;
  /** Takes ownership of `bytes`: the caller must not change them afterwards. After close it does nothing. */
  send(bytes: Uint8Array): void;
  /** Closes politely: what was sent still goes out. `closed` follows, at the latest after the platform's own bound. */
  close(code: number, reason: string): void;
  /** Drops the connection at once. `closed` follows. */
  terminate(): void;
  /** Whether this socket keeps the process alive. It does until told otherwise. */
  ref(): void;
  unref(): void;
}

/** What is known of an address besides its URL. */
export interface ConnectorOptions {
  /** Name of the service where the URL has a bare address: the host name to send, and what a certificate must be made out to. */
  readonly serverName?: string | undefined;
}

/** Dials. Returns at once; `open` or `closed` follows. @throws TypeError for an address it cannot understand. */
export type Connector = (url: string, events: TransportEvents, options?: ConnectorOptions) => Transport;

/** How many strangers a server deals with at once. */
export interface Admission {
  /** Connections that may be open without having said hello. */
  readonly maxPending: number;
  /** How many there are. */
  pending(): number;
}

/** Takes incoming connections. */
export interface Listener {
  /**
   * Starts. `accept` is called for each connection that is already open and returns what hears of it; a listener that can
   * turn strangers away before that asks `admission`.
   */
  listen(
    accept: (transport: Transport) => TransportEvents,
    admission?: Admission,
  ): Promise<{ readonly url: string; readonly port: number }>;
  /** Takes no new connections. Open ones stay. */
  stop(): Promise<void>;
}
