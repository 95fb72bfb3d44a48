import type { FarcallError } from "@farcall/protocol";

/** What a client tells while it lives. Each event names the endpoint it is about. */
export interface ClientEvents {
  /** An endpoint has become known. */
  endpointAdded: [{ readonly id: string; readonly url: string }];
  /** An endpoint is not listed any more: it gets no new calls, those it has go on. */
  endpointRemoved: [{ readonly id: string; readonly url: string }];
  /** An attempt to connect begins; `attempt` is 0 for the first one. */
  connecting: [{ readonly url: string; readonly attempt: number }];
  /** An endpoint takes calls, for the first time or again. */
  ready: [{ readonly url: string }];
  /** A server keeps silent where it should have answered: new calls go elsewhere while they can. `ready` follows if it wakes. */
  suspect: [{ readonly url: string; readonly silenceMs: number }];
  /** A connection or an attempt was lost; the next attempt comes after `delayMs`. */
  reconnecting: [{ readonly url: string; readonly attempt: number; readonly delayMs: number; readonly cause: FarcallError }];
  /** A server takes no more calls on this connection; those under way go on. */
  draining: [{ readonly url: string; readonly reason: string }];
  /** The client is closed, or an endpoint has refused us for good. */
  closed: [{ readonly url: string; readonly cause: FarcallError }];
}

/** How an endpoint stands; of a client, the best state of all its endpoints. */
export type ClientState = "connecting" | "ready" | "suspect" | "draining" | "reconnecting" | "closed";

/** One endpoint and how it stands. */
export interface EndpointInfo {
  /** Names the instance behind the address; the URL unless the resolver says otherwise. */
  readonly id: string;
  readonly url: string;
  readonly zone: string | undefined;
  readonly weight: number;
  readonly state: ClientState;
  /** Calls sent there that have no answer yet. */
  readonly pending: number;
  /** What a call there takes now, in milliseconds: follows rises at once, fades in ten seconds. 0 while nothing is known. */
  readonly latencyMs: number;
}
