import {
  type CallContext,
  type Clock,
  ContextValues,
  type IncomingCall,
  type Metadata,
  type MetadataValue,
  type Peer,
} from "@farcall/protocol";

/** What a handler sees of its call. Nothing is computed before it is asked for. */
export class HandlerContext implements CallContext {
  readonly peer: Peer;
  readonly #call: IncomingCall;
  readonly #clock: Clock;
  #values: ContextValues | undefined;

  constructor(call: IncomingCall, peer: Peer, clock: Clock) {
    this.#call = call;
    this.peer = peer;
    this.#clock = clock;
  }

  get signal(): AbortSignal {
    return this.#call.abort.signal;
  }

  get deadline(): number {
    return this.#call.expiresAt;
  }

  timeoutMs(): number {
    return Math.max(0, this.#call.expiresAt - this.#clock.now());
  }

  get metadata(): Metadata {
    return this.#call.metadata;
  }

  get attempt(): number {
    return this.#call.attempt;
  }

  get values(): ContextValues {
    this.#values ??= new ContextValues();
    return this.#values;
  }

  setHeader(key: string, value: MetadataValue): void {
    this.#call.setHeader(key, value);
  }

  setTrailer(key: string, value: MetadataValue): void {
    this.#call.setTrailer(key, value);
  }

  get service(): string {
    return this.#call.method.service;
  }

  get method(): string {
    return this.#call.method.name;
  }
}
