import type { Method } from "../records.js";

// What the traffic process tells the one that started it, and the other way round.

export type FromTraffic =
  /** Connected to every server; calls are being made from now on. */
  | { readonly ready: true }
  /** Several times a second. */
  | { readonly figures: Figures }
  /** What the client told of one of its servers. */
  | { readonly event: { readonly url: string; readonly state: string } };

export type ToTraffic =
  /** Process that is frozen, to be woken should the one that froze it be gone: it would stand still for ever. */
  | { readonly frozen: number | null }
  /** Make no more calls, wait for those under way, write all of them down, end. */
  | { readonly stop: true };

/** The traffic as it is now. */
export interface Figures {
  readonly calls: number;
  /** By what was called. */
  readonly failed: Readonly<Record<Method, number>>;
  /** Of the last second. */
  readonly recent: {
    readonly calls: number;
    /** Answers by server. */
    readonly answers: Readonly<Record<string, number>>;
    /** Of quotes, in milliseconds. */
    readonly p50: number;
    readonly p99: number;
  };
  /** By URL: how the client sees its servers. */
  readonly endpoints: Readonly<Record<string, { readonly state: string; readonly pending: number }>>;
}
