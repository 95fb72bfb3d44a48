/** One address of a service. */
export interface Endpoint {
  /** `ws://host:port/path` or `wss://…`. */
  readonly url: string;
}
