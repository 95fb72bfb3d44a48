import { type AttemptFailure, type CallOwner, type Clock, type Code, encodeHead, type OutgoingCall } from "@farcall/protocol";
import type { Dispatch } from "./dispatch.js";
import { type ClientEndpoint, Visit } from "./endpoint.js";

/** A second attempt of a call, on another endpoint, while the first still waits. The first answer counts. */
export class Rival implements CallOwner {
  readonly #dispatch: Dispatch;
  readonly #endpoint: ClientEndpoint;
  readonly #clock: Clock;
  readonly #call: OutgoingCall;
  #visit: Visit | undefined;

  constructor(dispatch: Dispatch, endpoint: ClientEndpoint, clock: Clock) {
    const { call, metadata, attempts } = dispatch;
    this.#dispatch = dispatch;
    this.#endpoint = endpoint;
    this.#clock = clock;
    this.#call = call.rival({
      head: encodeHead(metadata, attempts - 1),
      resolve: (value) => dispatch.won(value),
      reject: (error) => dispatch.lost(error),
    });
    this.#call.owner = this;
  }

  send(): void {
    const { session } = this.#endpoint;
    this.#visit = new Visit(this.#endpoint, this.#clock.now(), true);
    session?.open(this.#call, this.#dispatch.args);
  }

  /** Its answer is not wanted any more. */
  cancel(): void {
    this.#call.cancel("the other attempt was answered first");
  }

  attemptFailed(call: OutgoingCall, { error }: AttemptFailure): void {
    this.#leave(error.code);
    call.fail(error);
  }

  slow(): void {}

  settled(_call: OutgoingCall, code: Code | "OK"): void {
    this.#leave(code);
  }

  whyWaiting(): undefined {
    return undefined;
  }

  #leave(code: Code | "OK"): void {
    this.#visit?.end(this.#clock.now(), code);
    this.#visit = undefined;
  }
}
