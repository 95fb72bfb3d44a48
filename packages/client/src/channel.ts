import { type Clock, FarcallError } from "@farcall/protocol";
import type { Balancer, Picker } from "./balancer/balancer.js";
import { isBuiltIn } from "./balancer/registry.js";
import { safePicker } from "./balancer/safe-picker.js";
import { subset } from "./balancer/subset.js";
import type { Connection } from "./connection/connection.js";
import type { ResolvedEndpoint } from "./discovery/endpoints.js";
import type { Dispatch } from "./dispatch.js";
import { ClientEndpoint } from "./endpoint.js";
import { Patience } from "./patience.js";
import { WaitingCalls } from "./waiting-calls.js";

export interface ChannelOptions {
  readonly balancer: Balancer;
  /** Calls that may wait for a connection. */
  readonly maxQueuedCalls: number;
  /** Endpoints that are connected to, out of a longer list. */
  readonly subsetSize: number;
  /** Decides, with the endpoint's id, which ones these are. */
  readonly clientId: string;
  readonly clock: Clock;
  /** Makes the connection of an endpoint that has become known. */
  readonly connect: (endpoint: ResolvedEndpoint) => Connection;
  /** A fault of the balancer. */
  readonly report: (fault: Error) => void;
  /** What the people who run this should know. */
  readonly warn: (text: string) => void;
  readonly events: {
    added(endpoint: ClientEndpoint): void;
    removed(endpoint: ClientEndpoint): void;
  };
}

/** Who has taken calls for so long carries the load, as opposed to a list that starts all at once. */
const carryingMs = 1_000;

const nobody: Picker = { pick: () => undefined };

/** Joins resolver, balancer and connections: where a call gets its endpoint, or waits for one. */
export class Channel {
  readonly #options: ChannelOptions;
  readonly #endpoints = new Map<string, ClientEndpoint>();
  /** Endpoints that are not wanted any more and still have calls. */
  readonly #leaving = new Set<Connection>();
  readonly #waiting = new WaitingCalls();
  /** Calls that come back by themselves, after a pause. */
  readonly #pausing = new Set<Dispatch>();
  #isUpdating = false;
  /** A list that came from inside the last one, from somebody who listens. */
  #nextList: readonly ResolvedEndpoint[] | undefined;
  #picker: Picker;
  /** Endpoints have changed since the picker was made: whoever needs one makes another, and at the end of this turn somebody does. */
  #isStale = false;
  #closed: FarcallError | undefined;
  #maxMessageBytes = Number.POSITIVE_INFINITY;
  #resolverCause: FarcallError | undefined;
  /** There has been a list, be it an empty one. */
  #isListed = false;
  #wantReady = 0;
  readonly #patience: Patience;

  constructor(options: ChannelOptions) {
    this.#options = options;
    this.#picker = nobody;
    const { clock, warn } = options;
    this.#patience = new Patience({ clock, warn, why: () => (this.#isDown ? this.whyWaiting.message : undefined) });
  }

  /** All endpoints, in the order they became known. */
  get endpoints(): readonly ClientEndpoint[] {
    return [...this.#endpoints.values()];
  }

  endpoint(id: string): ClientEndpoint | undefined {
    return this.#endpoints.get(id);
  }

  get queuedCalls(): number {
    return this.#waiting.size;
  }

  /** The least that any connected peer accepts: a call that fits goes through wherever it is sent. */
  get maxMessageBytes(): number {
    this.#refresh();
    return this.#maxMessageBytes;
  }

  /** The whole list of endpoints as it is now. */
  update(endpoints: readonly ResolvedEndpoint[]): void {
    if (this.#closed !== undefined) return;
    this.#nextList = endpoints;
    if (this.#isUpdating) return;
    for (let list = this.#takeList(); list !== undefined; list = this.#takeList()) this.#apply(list);
    this.changed();
  }

  #takeList(): readonly ResolvedEndpoint[] | undefined {
    const list = this.#nextList;
    this.#nextList = undefined;
    return list;
  }

  #apply(endpoints: readonly ResolvedEndpoint[]): void {
    this.#resolverCause = undefined;
    this.#isListed = true;
    const { subsetSize, clientId } = this.#options;
    const listed = new Map(subset(endpoints, subsetSize, clientId).map((endpoint) => [endpoint.id, endpoint]));
    // Half of a list says nothing: that what is left is hopeless, for example.
    this.#isUpdating = true;
    try {
      for (const [id, known] of this.#endpoints) {
        if (listed.get(id)?.url !== known.url) this.#remove(known);
      }
      for (const [id, endpoint] of listed) {
        const known = this.#endpoints.get(id);
        if (known === undefined) this.#add(endpoint);
        else known.describe(endpoint);
      }
    } finally {
      this.#isUpdating = false;
    }
  }

  /** The resolver could not look. What is known stays. */
  resolverFailed(cause: FarcallError): void {
    this.#resolverCause = cause;
    if (this.#endpoints.size > 0) return;
    for (const dispatch of Array.from(this.#waiting)) if (!dispatch.waitForReady) dispatch.call.fail(this.unavailable());
  }

  #add(endpoint: ResolvedEndpoint): void {
    const added = new ClientEndpoint(endpoint, this.#options.connect(endpoint), this.#options.clock);
    this.#endpoints.set(added.id, added);
    // In a later turn, so that whoever made this client can listen first.
    this.#options.clock.defer(() => {
      if (this.#closed !== undefined) return;
      this.#options.events.added(added);
      added.connection.start();
    });
  }

  #remove(endpoint: ClientEndpoint): void {
    this.#endpoints.delete(endpoint.id);
    const cause = new FarcallError("UNAVAILABLE", `${endpoint.url} is not an endpoint any more`, { executed: "no" });
    const { connection } = endpoint;
    this.#leaving.add(connection);
    void connection.retire(cause).then(() => this.#leaving.delete(connection));
    this.#options.events.removed(endpoint);
  }

  /** Sends a call, or keeps it until an endpoint can take it. */
  submit(dispatch: Dispatch, now: number): void {
    const { call, waitForReady } = dispatch;
    this.#pausing.delete(dispatch);
    if (this.#closed !== undefined) return call.fail(this.#closed);
    // Behind those who wait already, but for those of another service: that may be unwell where this one is not.
    const endpoint = this.#waiting.isBehind(dispatch) ? undefined : this.pick(dispatch, true);
    if (endpoint !== undefined) return dispatch.sendTo(endpoint, now);
    if (!waitForReady && this.#isDown) return call.fail(this.unavailable());
    if (this.#waiting.size >= this.#options.maxQueuedCalls) {
      const message = `limits.maxQueuedCalls is reached: ${this.#waiting.size} wait for a connection or for room`;
      return call.fail(new FarcallError("RESOURCE_EXHAUSTED", message, { executed: "no" }));
    }
    if (this.#isHopeless) return call.fail(this.unavailable());
    this.#waiting.add(dispatch);
    this.#hold();
  }

  /** The call comes back by itself, unless it is settled before. */
  pausing(dispatch: Dispatch): void {
    if (this.#closed !== undefined) return dispatch.call.fail(this.#closed);
    this.#pausing.add(dispatch);
  }

  /** The call has been settled: it needs no endpoint any more. */
  withdraw(dispatch: Dispatch): void {
    this.#pausing.delete(dispatch);
    if (this.#waiting.delete(dispatch)) this.#hold();
  }

  /** An endpoint for the call. One where it has been already is taken only with `mayRepeat`, and only when there is no other. */
  pick(dispatch: Dispatch, mayRepeat = false): ClientEndpoint | undefined {
    this.#refresh();
    const endpoint = this.#picker.pick(dispatch);
    if (endpoint !== undefined || !mayRepeat || !dispatch.hasTried) return endpoint as ClientEndpoint | undefined;
    dispatch.mayRepeat = true;
    const again = this.#picker.pick(dispatch);
    dispatch.mayRepeat = false;
    return again as ClientEndpoint | undefined;
  }

  /** The set of endpoints that take calls may have changed. However often that is in one turn, it is looked at once. */
  changed(): void {
    if (this.#isStale || this.#closed !== undefined) return;
    this.#isStale = true;
    this.#options.clock.defer(() => this.#settle());
  }

  /** The end of a turn in which something has changed. */
  #settle(): void {
    if (this.#closed !== undefined) return;
    this.#refresh();
    if (this.#isHopeless) for (const { call } of Array.from(this.#waiting)) call.fail(this.unavailable());
    if (this.#isDown) for (const { connection } of this.#endpoints.values()) connection.hurry();
    this.flush();
  }

  /** Makes a picker for the endpoints as they are now, if they have changed. */
  #refresh(): void {
    if (!this.#isStale || this.#closed !== undefined || this.#isUpdating) return;
    this.#isStale = false;
    if (!this.#isDown) this.#patience.rewarded();
    const ready = this.endpoints.filter((endpoint) => endpoint.session !== undefined);
    const trusted = ready.filter((endpoint) => !endpoint.connection.isSuspect);
    this.#maxMessageBytes = ready.reduce(
      (least, { session }) => Math.min(least, session?.peer.maxMessageBytes ?? least),
      Number.POSITIVE_INFINITY,
    );
    this.#warmUp(ready);
    const { balancer, report } = this.#options;
    const candidates = trusted.length > 0 ? trusted : ready;
    this.#picker = isBuiltIn(balancer) ? balancer.picker(candidates) : safePicker(balancer, candidates, report);
  }

  /** Who joins while others carry the load gets its share little by little. */
  #warmUp(ready: readonly ClientEndpoint[]): void {
    const isCarried = ready.some(({ readyMs }) => readyMs >= carryingMs);
    for (const endpoint of this.#endpoints.values()) {
      if (!ready.includes(endpoint)) endpoint.wentAway();
      else if (endpoint.readySince === undefined) endpoint.becameReady(isCarried);
    }
  }

  /** There may be room: sends what waits, oldest first. */
  flush(): void {
    if (this.#waiting.size === 0) return;
    // A service may be unwell everywhere while others are not: none of its calls is looked at twice.
    const stuck = new Set<string>();
    for (const dispatch of this.#waiting) {
      const { service } = dispatch.call.method;
      if (stuck.has(service)) continue;
      const endpoint = this.pick(dispatch, true);
      if (endpoint !== undefined) {
        this.#waiting.delete(dispatch);
        dispatch.sendTo(endpoint, this.#options.clock.now());
        continue;
      }
      // Without room, there is none for anybody.
      if (!this.#hasRoom) break;
      stuck.add(service);
      if (stuck.size === this.#waiting.services) break;
    }
    this.#hold();
  }

  /** While somebody waits for an endpoint, the process stays alive. */
  want(delta: 1 | -1): void {
    this.#wantReady += delta;
    this.#hold();
  }

  /** Everything settles; nothing more is sent. Resolves when all sockets are gone. */
  async close(cause: FarcallError): Promise<void> {
    this.#closed ??= cause;
    for (const { call } of [...this.#waiting, ...this.#pausing]) call.fail(cause);
    this.#hold();
    const connections = [...this.endpoints.map(({ connection }) => connection), ...this.#leaving];
    await Promise.all(connections.map((connection) => connection.close(cause)));
  }

  /** That there is no connection, and why as far as known. */
  unavailable(): FarcallError {
    const { cause } = this;
    return new FarcallError("UNAVAILABLE", cause?.message ?? "no endpoint is ready", { executed: "no", cause });
  }

  /** Why there is no connection, as far as known. */
  get cause(): FarcallError | undefined {
    const failed = this.endpoints.map(({ connection }) => connection.cause).find((one) => one !== undefined);
    return failed ?? this.#resolverCause ?? (this.#endpoints.size === 0 ? this.#noEndpoints() : undefined);
  }

  /** What a call waits for that has no endpoint yet. */
  get whyWaiting(): Error {
    if (!this.#isDown) return new Error("no endpoint that is well takes one more call");
    const urls = this.endpoints.slice(0, 3).map(({ url }) => url);
    return this.cause ?? new Error(`no endpoint is ready yet; still connecting to ${urls.join(", ")}`);
  }

  #noEndpoints(): FarcallError {
    const message = this.#isListed ? "the resolver lists no endpoints" : "the resolver has told no endpoints yet";
    return new FarcallError("UNAVAILABLE", message, { executed: "no" });
  }

  /** Whether no other endpoint takes calls now. */
  isAlone(id: string): boolean {
    return !this.endpoints.some((endpoint) => endpoint.id !== id && endpoint.connection.state === "ready");
  }

  get #isDown(): boolean {
    return !this.endpoints.some((endpoint) => endpoint.session !== undefined);
  }

  get #hasRoom(): boolean {
    return this.endpoints.some((endpoint) => endpoint.session?.hasRoom === true);
  }

  /** Every endpoint has refused us for good. */
  get #isHopeless(): boolean {
    return this.#endpoints.size > 0 && this.endpoints.every(({ connection }) => connection.state === "closed");
  }

  #hold(): void {
    this.#patience.isWanted = this.#closed === undefined && (this.#waiting.size > 0 || this.#wantReady > 0);
  }
}
