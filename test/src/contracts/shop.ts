/**
 * What the tests of availability call: one method that may run twice, one that must not.
 * @service farcall.test.Shop
 */
export interface Shop {
  /** Works for `ms`, and answers with the server's name. @idempotent */
  quote(call: number, ms: number): Promise<string>;
  /** The same, and must not run twice. */
  order(call: number, ms: number): Promise<string>;
  /** A number every `ms`. */
  ticks(ms: number): AsyncIterable<number>;
}
