import type { HelloReply, HelloRequest } from "../contract.js";

/**
 * One way to carry the workloads. A contender is one file under `contenders/`, listed in `contenders/index.ts`;
 * nothing else in the harness knows its name. Each of its two halves runs in a process of its own.
 */
export interface Contender {
  /** Short and unique; what `--only` takes and what errors quote. */
  readonly name: string;
  /** One line for the table. */
  readonly title: string;
  /** npm packages whose versions belong beside the figures. */
  readonly packages: readonly string[];
  /** Runs in the server process: listens on 127.0.0.1, on a port the system picks. */
  serve(handlers: Handlers): Promise<Served>;
  /** Runs in the client process: opens one connection, ready for calls when the promise resolves. */
  connect(url: string): Promise<Caller>;
}

/** What every server does with a request, whoever carries it. Synchronous: the carrying is measured, not the work. */
export interface Handlers {
  hello(request: HelloRequest): HelloReply;
}

export interface Served {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * The client's end of one connection. A call settles once; a broken connection rejects what is outstanding.
 * A workload that needs another operation adds it here as an optional method and refuses contenders without it.
 */
export interface Caller {
  hello(request: HelloRequest): Promise<HelloReply>;
  close(): Promise<void>;
}
