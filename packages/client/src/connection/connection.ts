import {
  type CloseInfo,
  type DrainFrame,
  type FarcallError,
  type Load,
  type Session,
  stopsReconnecting,
  type Timer,
} from "@farcall/protocol";
import { Comeback, type ComebackOptions } from "./comeback.js";
import { Dial, type DialOptions } from "./dial.js";
import type { ConnectionEvents } from "./events.js";
import type { Live, LiveOwner } from "./live.js";
import { lossOf, refusalOf } from "./loss.js";
import type { State } from "./state.js";
import { Waiting, type WaitingOptions } from "./waiting.js";

export interface ConnectionOptions extends DialOptions, ComebackOptions {
  readonly events: ConnectionEvents;
}

/** A server that has asked for our last call says what it accepted 10 s later at the latest; we do not wait for ever. */
const lastCallPatienceMs = 15_000;

/** One peer, and whatever sockets there are to it; `State` tells how they follow one another. */
export class Connection implements LiveOwner {
  readonly url: string;
  readonly #options: ConnectionOptions;
  #state: State = { name: "idle" };
  readonly #leaving = new Set<Live>();
  /** Sockets that are not gone yet, closing ones included. */
  readonly #sockets = new Set<Promise<void>>();
  readonly #comeback: Comeback;

  constructor(options: ConnectionOptions) {
    this.url = options.url;
    this.#options = options;
    this.#comeback = new Comeback(options);
  }

  get state(): Exclude<State["name"], "idle"> | "draining" {
    const { name } = this.#state;
    if ((name === "connecting" || name === "backoff") && this.#leaving.size > 0) return "draining";
    return name === "idle" ? "connecting" : name;
  }

  /** The session that takes calls now, if there is one. */
  get session(): Session | undefined {
    return this.#current?.session;
  }

  /** Fingerprints of the services that the server serves, by wire name, as far as it says. */
  get contracts(): Readonly<Record<string, string>> {
    return this.#current?.welcome.contracts ?? {};
  }

  get isSuspect(): boolean {
    return this.#state.name === "suspect";
  }

  /** Whether a call of `service` may go out now: there is room, the server is well, was heard not long ago, and still listens. */
  takes(service: string): boolean {
    const live = this.#current;
    return live?.session.hasRoom === true && live.link.isOpen && live.isWell(service) && live.isVerified;
  }

  /** Why there is no connection, as far as known. */
  get cause(): FarcallError | undefined {
    if (this.#state.name === "backoff") return this.#state.waiting.cause;
    return this.#state.name === "closed" ? this.#state.cause : undefined;
  }

  get #current(): Live | undefined {
    return this.#state.name === "ready" || this.#state.name === "suspect" ? this.#state.live : undefined;
  }

  start(): void {
    if (this.#state.name === "idle") this.#connect(0);
  }

  /** Calls that wait for an answer settle with `cause`; no further attempt is made. Resolves when every socket is gone. */
  async close(cause: FarcallError): Promise<void> {
    const live = this.#current;
    this.#stop(cause);
    live?.hangUp(cause);
    for (const one of this.#leaving) one.hangUp(cause);
    this.#leaving.clear();
    await Promise.all(this.#sockets);
  }

  /** No further attempt is made and no new call is taken; those under way go on. Resolves when every socket is gone. */
  async retire(cause: FarcallError): Promise<void> {
    const live = this.#current;
    this.#stop(cause);
    if (live !== undefined) this.#leaving.add(live);
    for (const one of this.#leaving) one.hangUpWhenIdle(cause);
    await Promise.all(this.#sockets);
  }

  /** No endpoint takes calls any more: a pause that was long because others did is cut short. */
  hurry(): void {
    if (this.#state.name !== "backoff" || !this.#state.waiting.isPatient) return;
    const { waiting } = this.#state;
    const pause = this.#comeback.pause(waiting.attempt);
    if (pause.isPatient) return;
    if (waiting.leftMs <= pause.delayMs) waiting.isPatient = false;
    else this.#waitAndTell({ attempt: waiting.attempt, pause, cause: waiting.cause });
  }

  // From the welcomed sockets.

  goodbye(live: Live, lastCallId: number, reason: string): void {
    const why = { code: 1001, reason: reason === "" ? "the server is leaving" : reason };
    if (live === this.#current) {
      const attempt = this.#comeback.sentAway(live.ageMs);
      this.#abandonNext();
      this.#leaving.add(live);
      this.#retry(why, attempt);
      this.#options.events.draining(reason);
    } else this.#stopAwaiting(live, why);
    // After a drain this has been said already.
    if (!live.hasLastCall) live.session.refusedAbove(lastCallId, refusalOf(this.url));
  }

  draining(live: Live, frame: DrainFrame): void {
    const state = this.#state;
    const { events } = this.#options;
    if (frame.phase === 1) {
      if (live === this.#current) {
        const attempt = this.#comeback.sentAway(live.ageMs);
        this.#abandonNext();
        this.#leaving.add(live);
        const cause = lossOf(this.url, { code: 1001, reason: "the server is leaving" });
        this.#wait({ attempt, pause: { delayMs: lastCallPatienceMs, isPatient: false }, cause, awaits: live });
        events.draining("the server is leaving");
      }
      live.answerDrain(refusalOf(this.url));
      return;
    }
    if (state.name === "backoff" && state.waiting.awaits === live) {
      const { cause, attempt } = state.waiting;
      this.#waitAndTell({ attempt, pause: this.#comeback.pauseWithin(frame, attempt), cause });
    }
    live.session.refusedAbove(frame.lastCallId, refusalOf(this.url));
  }

  healthChanged(live: Live): void {
    if (live === this.#current) this.#options.events.changed();
  }

  suspect(live: Live, isSuspect: boolean): void {
    const state = this.#state;
    const { events } = this.#options;
    if (state.name === "ready" && state.live === live && isSuspect) {
      const dial = this.#dial(0);
      this.#state = { ...state, name: "suspect", next: dial };
      events.changed();
      events.suspect(live.link.silenceMs);
      dial.start();
    } else if (state.name === "suspect" && state.live === live && !isSuspect) {
      this.#abandonNext();
      this.#state = { name: "ready", live, attempt: state.attempt };
      events.changed();
      events.ready();
    }
  }

  reported(live: Live, load: Load): void {
    if (load.reconnectMs !== undefined) this.#comeback.told(load.reconnectMs);
    if (live === this.#current) this.#options.events.reported(load);
  }

  released(): void {
    this.#options.events.released();
  }

  closed(live: Live, info: CloseInfo): void {
    const { events } = this.#options;
    const state = this.#state;
    const cause = lossOf(this.url, info);
    if (this.#leaving.delete(live)) {
      this.#stopAwaiting(live, info);
      live.session.end(cause);
      events.changed();
      return;
    }
    if (live !== this.#current) return;
    if (state.name === "suspect" && state.next instanceof Dial) {
      // The next attempt is under way already.
      this.#state = { name: "connecting", dial: state.next, attempt: 0 };
      events.changed();
      events.reconnecting({ delayMs: 0, attempt: 0, cause });
    } else {
      this.#abandonNext();
      const { attempt } = state as { readonly attempt: number };
      this.#failed(info, cause, this.#comeback.lost(attempt, live.ageMs));
    }
    live.session.end(cause);
  }

  #connect(attempt: number): void {
    const { events } = this.#options;
    const dial = this.#dial(attempt);
    this.#state = { name: "connecting", dial, attempt };
    events.changed();
    events.connecting(attempt);
    dial.start();
  }

  #dial(attempt: number): Dial {
    const dial = new Dial(
      this.#options,
      {
        welcomed: (live) => this.#welcomed(dial, live),
        lost: (info) => this.#dialLost(dial, attempt, info),
        fault: (error) => this.#options.events.fault(error),
      },
      this,
    );
    const gone = dial.gone.then(() => {
      this.#sockets.delete(gone);
    });
    this.#sockets.add(gone);
    return dial;
  }

  #welcomed(dial: Dial, live: Live): void {
    const state = this.#state;
    const replaced = state.name === "suspect" && state.next === dial ? state.live : undefined;
    if (replaced !== undefined) this.#leaving.add(replaced);
    this.#state = { name: "ready", live, attempt: state.name === "connecting" ? state.attempt : 0 };
    this.#comeback.welcomed(live.welcome.reconnectMs);
    // The server is well and the old socket is not: its calls may still be answered, or time out.
    replaced?.hangUpWhenIdle(lossOf(this.url, { code: 1006, reason: "replaced" }));
    this.#options.events.changed();
    this.#options.events.ready();
  }

  #dialLost(dial: Dial, attempt: number, info: CloseInfo): void {
    const state = this.#state;
    const cause = lossOf(this.url, info, "could not connect to");
    if (state.name === "suspect" && state.next === dial) {
      this.#state = { ...state, next: this.#pauseRace(attempt + 1) };
    } else if (state.name === "connecting" && state.dial === dial) this.#failed(info, cause, attempt + 1);
  }

  #pauseRace(attempt: number): Timer {
    const timer = this.#options.clock.setTimeout(() => this.#raceAgain(attempt), this.#comeback.pause(attempt).delayMs);
    timer.unref();
    return timer;
  }

  #raceAgain(attempt: number): void {
    if (this.#state.name !== "suspect") return;
    const next = this.#dial(attempt);
    this.#state = { ...this.#state, next };
    next.start();
  }

  /** The socket or the attempt is gone: try again, unless that is pointless. */
  #failed(info: CloseInfo, cause: FarcallError, attempt: number): void {
    if (!stopsReconnecting(info.code)) return this.#retry(info, attempt);
    this.#stop(cause);
    this.#options.events.closed(cause);
  }

  #retry(info: CloseInfo, attempt: number): void {
    const state = this.#state;
    const had = this.#current !== undefined || (state.name === "backoff" && state.waiting.awaits !== undefined);
    const cause = lossOf(this.url, info, had ? "lost the connection to" : "could not connect to");
    this.#waitAndTell({ attempt, pause: this.#comeback.pause(attempt), cause });
  }

  #waitAndTell(options: WaitingOptions): void {
    const { attempt, pause, cause } = options;
    this.#wait(options);
    this.#options.events.reconnecting({ delayMs: pause.delayMs, attempt, cause });
  }

  /** No socket for new calls until the pause is over. */
  #wait(options: WaitingOptions): void {
    if (this.#state.name === "backoff") this.#state.waiting.cancel();
    this.#state = { name: "backoff", waiting: new Waiting(options, this.#options.clock, () => this.#connect(options.attempt)) };
    this.#options.events.changed();
  }

  /** Whatever the server of `live` meant to say about coming back, it will not. */
  #stopAwaiting(live: Live, info: CloseInfo): void {
    if (this.#state.name !== "backoff") return;
    const { awaits, attempt } = this.#state.waiting;
    if (awaits === live) this.#retry(info, attempt);
  }

  /** Gives up whatever would lead to another socket. */
  #abandonNext(): void {
    const state = this.#state;
    if (state.name === "connecting") state.dial.cancel();
    else if (state.name === "backoff") state.waiting.cancel();
    else if (state.name === "suspect") state.next.cancel();
  }

  #stop(cause: FarcallError): void {
    if (this.#state.name === "closed") return;
    this.#abandonNext();
    this.#state = { name: "closed", cause };
    this.#options.events.changed();
  }
}
