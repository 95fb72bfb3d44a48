import { type AttemptFailure, type CallOwner, encodeHead, type FarcallError, type OutgoingCall } from "@farcall/protocol";
import type { Dispatch, DispatchSetting } from "./dispatch.js";
import { type ClientEndpoint, Visit } from "./endpoint.js";

/** A second attempt of a call, on another endpoint, while the first still waits. The first answer counts. */
export class Rival implements CallOwner {
  readonly #dispatch: Dispatch;
  readonly #endpoint: ClientEndpoint;
  readonly #setting: DispatchSetting;
  readonly #call: OutgoingCall;
  #visit: Visit | undefined;
  #sentAt = 0;

  constructor(dispatch: Dispatch, endpoint: ClientEndpoint, setting: DispatchSetting) {
    const { call, metadata, attempts } = dispatch;
    this.#dispatch = dispatch;
    this.#endpoint = endpoint;
    this.#setting = setting;
    this.#call = call.rival({
      head: encodeHead(metadata, attempts - 1),
      resolve: (value) => dispatch.won(value),
      reject: (error) => dispatch.lost(error),
    });
    this.#call.owner = this;
  }

  send(): void {
    const { session } = this.#endpoint;
    const { clock, usual } = this.#setting;
    this.#sentAt = clock.now();
    this.#visit = new Visit(this.#endpoint, this.#sentAt, this.#call.method, usual);
    session?.open(this.#call, this.#dispatch.args);
  }

  get sentAt(): number {
    return this.#sentAt;
  }

  /** Its answer is not wanted any more. */
  cancel(): void {
    this.#call.cancel("the other attempt was answered first");
  }

  attemptFailed(call: OutgoingCall, { error }: AttemptFailure): void {
    this.#leave(error);
    call.fail(error);
  }

  slow(): void {}

  settled(_call: OutgoingCall, error: FarcallError | undefined): void {
    this.#leave(error);
  }

  whyWaiting(): undefined {
    return undefined;
  }

  #leave(error: FarcallError | undefined): void {
    const visit = this.#visit;
    if (visit === undefined) return;
    this.#visit = undefined;
    const now = this.#setting.clock.now();
    visit.end(now, error?.code ?? "OK");
    if (error !== undefined) {
      this.#dispatch.note({
        url: this.#endpoint.url,
        tookMs: now - visit.startedAt,
        error: error.code === "CANCELLED" ? undefined : error,
        isRival: true,
        contracts: this.#endpoint.connection.contracts,
      });
    }
  }
}
