/** What every framework serves here: something to read and something to do. @service */
export interface Market {
  /** May run more than once. @idempotent */
  quote(ask: Ask): Promise<Answer>;
  /** Must not run twice. */
  order(ask: Ask): Promise<Answer>;
}

/** Says of itself when it was made and when nobody wants it any more, so that a server's log can tell. */
export interface Ask {
  /** Unique within a run. */
  id: number;
  /** When the call began, in milliseconds since 1970. */
  started: number;
  /** When its deadline passes, in the same. */
  deadline: number;
}

export interface Answer {
  /** Who answers. */
  server: string;
}
