/** Echoes bytes of any size. @service */
export interface Bulk {
  /** @timeout none */
  echo(bytes: Uint8Array): Promise<Uint8Array>;
}
