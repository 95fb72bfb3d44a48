import type { Answer, Ask } from "./contract.js";

/** Unary calls of two kinds: `quote` may be repeated by the framework, `order` may not. */
export type Kind = "quote" | "order";

/** What a framework says of a failed call. */
export interface Failure {
  /** The name of its code: `UNAVAILABLE`, ... */
  readonly code: string;
  /** Whether the handler was entered, as far as the framework tells; `undefined` when it never does. */
  readonly executed: "no" | "yes" | "unknown" | undefined;
  readonly message: string;
}

/** Carries out a call on the server. */
export type Handler = (kind: Kind, ask: Ask) => Promise<Answer>;

/** A client in this process, connected or about to be. */
export interface MarketClient {
  /** Rejects with whatever the framework rejects with. */
  call(kind: Kind, ask: Ask, timeoutMs: number): Promise<Answer>;
  /** Tells the client of all servers there are now. Only after `connect` with `mayGrow`. */
  setPorts(ports: readonly number[]): void;
  close(): Promise<void>;
}

export interface ConnectOptions {
  /** Whether servers will be added: as few frameworks as possible are made to use what they need for it otherwise. */
  readonly mayGrow: boolean;
  /** Told whatever the client says of its connections, for whoever investigates a run. */
  readonly note: (text: string) => void;
}

/** One of those that are compared, set up for availability by its own documentation. */
export interface Framework {
  readonly name: string;
  readonly title: string;
  /** Packages whose versions belong beside the figures. */
  readonly packages: readonly string[];
  /** `undefined`, or why its clients cannot learn of a new server. */
  readonly cannotGrow?: string;
  /**
   * Listens on 127.0.0.1; port 0 means any that is free. At SIGTERM the process leaves as the framework's guide says.
   * @returns the port.
   */
  serve(handler: Handler, port: number): Promise<number>;
  connect(ports: readonly number[], options: ConnectOptions): MarketClient;
  describe(error: unknown): Failure;
}
