// What the harness tells its processes, one message at a time; each is answered by one message.

/** Work takes this many times as long from now on. */
export interface ServerMessage {
  readonly slowness: number;
}

/** The answer to every message, and the first thing every process says; a server says its port with it. */
export type Answer = { readonly done: true; readonly port?: number } | { readonly error: string };

export type ClientMessage =
  /** Connect; answered once every server has answered a call. */
  | { readonly connect: readonly number[]; readonly mayGrow: boolean }
  /** Begin the load. */
  | { readonly load: { readonly callsPerSecond: number; readonly timeoutMs: number; readonly seed: number } }
  /** These servers are all there are now. */
  | { readonly ports: readonly number[] }
  /** Processes to wake should the harness be gone: what is frozen cannot see that for itself. */
  | { readonly frozen: readonly number[] }
  /** End the load; answered when every call has settled and is written down. */
  | { readonly stop: true };
