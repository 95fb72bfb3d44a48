import { copyEncoded, type Encoded, FarcallError, type OutgoingCall, type Session } from "@farcall/protocol";
import type { Balancer, Picker, PickRequest } from "./balancer/balancer.js";
import type { Connection } from "./connection/connection.js";
import { ClientEndpoint } from "./endpoint.js";

/** A call that has no connection yet, with its encoded arguments. */
interface Waiting {
  readonly call: OutgoingCall;
  readonly args: Uint8Array;
}

export interface ChannelOptions {
  readonly balancer: Balancer;
  /** Calls that may wait for a connection. */
  readonly maxQueuedCalls: number;
}

/** Joins endpoints, balancer and connections: where a call gets its connection, or waits for one. */
export class Channel {
  readonly #options: ChannelOptions;
  readonly #connections: Connection[] = [];
  readonly #waiting = new Set<Waiting>();
  readonly #endpoints: ClientEndpoint[] = [];
  #picker: Picker;
  #closed: FarcallError | undefined;
  #maxMessageBytes = Number.POSITIVE_INFINITY;

  constructor(options: ChannelOptions) {
    this.#options = options;
    this.#picker = options.balancer.picker([]);
  }

  get connections(): readonly Connection[] {
    return this.#connections;
  }

  get queuedCalls(): number {
    return this.#waiting.size;
  }

  /** The least that any connected peer accepts: a call that fits goes through wherever it is sent. */
  get maxMessageBytes(): number {
    return this.#maxMessageBytes;
  }

  add(connection: Connection): void {
    this.#connections.push(connection);
    this.#endpoints.push(new ClientEndpoint(connection));
  }

  /** Sends `call`, or keeps it until a connection can take it. `args` are copied before they are kept. */
  send(call: OutgoingCall, args: Encoded, waitForReady: boolean): void {
    if (this.#closed !== undefined) return call.fail(this.#closed);
    const session = this.#waiting.size === 0 ? this.#pick() : undefined;
    if (session !== undefined) return session.open(call, args);
    if (!waitForReady && this.#isDown()) return call.fail(this.unavailable());
    if (this.#waiting.size >= this.#options.maxQueuedCalls) {
      const message = `${this.#waiting.size} calls are waiting for a connection already (limits.maxQueuedCalls)`;
      return call.fail(new FarcallError("RESOURCE_EXHAUSTED", message, { executed: "no" }));
    }
    if (this.#connections.every((connection) => connection.state === "closed")) return call.fail(this.unavailable());
    const entry: Waiting = { call, args: copyEncoded(args) };
    this.#waiting.add(entry);
    call.whyWaiting = () => this.#cause();
    call.onSettled = () => {
      this.#waiting.delete(entry);
      if (this.#waiting.size === 0) this.#want(false);
    };
    if (this.#waiting.size === 1) this.#want(true);
  }

  /** The set of ready connections may have changed. */
  changed(): void {
    const ready = this.#endpoints.filter((endpoint) => endpoint.session !== undefined);
    this.#maxMessageBytes = Math.min(...ready.map((endpoint) => (endpoint.session as Session).peer.maxMessageBytes));
    this.#picker = this.#options.balancer.picker(ready);
    if (this.#connections.every((connection) => connection.state === "closed")) {
      for (const { call } of Array.from(this.#waiting)) call.fail(this.unavailable());
    }
    this.flush();
  }

  /** There may be room: sends what waits, oldest first. */
  flush(): void {
    if (this.#waiting.size === 0) return;
    for (const entry of this.#waiting) {
      const session = this.#pick();
      if (session === undefined) return;
      this.#waiting.delete(entry);
      entry.call.onSettled = undefined;
      if (entry.args.length > session.peer.maxMessageBytes) {
        const message = `the arguments take ${entry.args.length} bytes; the peer accepts ${session.peer.maxMessageBytes}`;
        entry.call.fail(new FarcallError("RESOURCE_EXHAUSTED", message, { executed: "no", reason: "MESSAGE_TOO_LARGE" }));
      } else session.open(entry.call, { bytes: entry.args, start: 0, end: entry.args.length });
    }
    this.#want(false);
  }

  /** Everything settles; nothing more is sent. Resolves when all sockets are gone. */
  async close(cause: FarcallError): Promise<void> {
    this.#closed ??= cause;
    for (const { call } of Array.from(this.#waiting)) call.fail(cause);
    await Promise.all(this.#connections.map((connection) => connection.close(cause)));
  }

  #pick(): Session | undefined {
    return (this.#picker.pick(anyCall) as ClientEndpoint | undefined)?.session;
  }

  #isDown(): boolean {
    return !this.#connections.some((connection) => connection.session !== undefined);
  }

  /** That there is no connection, and why as far as known. */
  unavailable(): FarcallError {
    const cause = this.#cause();
    return new FarcallError("UNAVAILABLE", cause?.message ?? "no endpoint is ready", { executed: "no", cause });
  }

  /** Why there is no connection, as far as known. */
  #cause(): FarcallError | undefined {
    return this.#connections.map((connection) => connection.cause).find((one) => one !== undefined);
  }

  #want(wanted: boolean): void {
    for (const connection of this.#connections) connection.want(wanted);
  }
}

/** A call that may go anywhere where there is room. */
const anyCall: PickRequest = {
  key: undefined,
  excludes: (endpoint) => (endpoint as ClientEndpoint).session?.hasRoom !== true,
};
