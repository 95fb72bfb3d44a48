import {
  type AttemptFailure,
  type CallOwner,
  type Clock,
  type Code,
  type Encoded,
  encodeHead,
  FarcallError,
  type Metadata,
  type MethodRef,
  type OutgoingCall,
  type Random,
} from "@farcall/protocol";
import type { BalancerEndpoint, PickRequest } from "./balancer/balancer.js";
import type { UsualLatency } from "./balancer/usual-latency.js";
import type { Channel } from "./channel.js";
import { type ClientEndpoint, Visit } from "./endpoint.js";
import type { AttemptNote, FailureNotes } from "./explain.js";
import type { RetryBudget } from "./retry/budget.js";
import { judge } from "./retry/ladder.js";
import type { RetryOptions } from "./retry/options.js";
import type { RecentLatency } from "./retry/recent-latency.js";
import { Rival } from "./rival.js";

/** What the calls of one client share on their way. */
export interface DispatchSetting {
  readonly channel: Channel;
  readonly clock: Clock;
  readonly random: Random;
  readonly retry: RetryOptions;
  readonly budget: RetryBudget;
  readonly usual: UsualLatency<MethodRef>;
  readonly notes: FailureNotes;
}

/** What one call brings along. */
export interface DispatchRequest {
  readonly call: OutgoingCall;
  /** Kept by this call: in memory of its own. */
  readonly args: Encoded;
  readonly metadata: Metadata;
  /** Value of the `@key` parameter. */
  readonly key: string | undefined;
  readonly waitForReady: boolean;
  /** Earlier attempts of the call it is made for: above 0, one layer further up tries again already. */
  readonly inheritedAttempts: number;
  /** How long calls of its method take; `undefined` for streams. */
  readonly latency: RecentLatency | undefined;
}

const nowhere: readonly ClientEndpoint[] = [];

/**
 * One call on its way: it is given to an endpoint, and when that fails the evidence decides whether another gets it. While
 * an idempotent call waits too long a rival attempt may race it. The deadline spans all of them.
 */
export class Dispatch implements CallOwner, PickRequest {
  readonly call: OutgoingCall;
  readonly args: Encoded;
  readonly key: string | undefined;
  readonly waitForReady: boolean;
  readonly metadata: Metadata;
  readonly #setting: DispatchSetting;
  readonly #inheritedAttempts: number;
  readonly #latency: RecentLatency | undefined;
  /** The attempt that is under way. */
  #visit: Visit | undefined;
  #tried = nowhere;
  #attempts = 0;
  #refusals = 0;
  #rival: Rival | undefined;
  /** How the last attempt failed that was not a rival. */
  #failure: AttemptFailure | undefined;
  /** Nothing but the rival is under way: what follows from the failure waits for it. */
  #isHeld = false;
  #pause: { cancel(): void } | undefined;
  /** What became of its attempts, should it fail. */
  #attemptNotes: AttemptNote[] | undefined;
  #whyNot: string | undefined;
  /** With nowhere else to go, an endpoint that was tried is better than none. */
  mayRepeat = false;

  constructor(setting: DispatchSetting, request: DispatchRequest) {
    this.#setting = setting;
    this.call = request.call;
    this.args = request.args;
    this.key = request.key;
    this.metadata = request.metadata;
    this.waitForReady = request.waitForReady;
    this.#inheritedAttempts = request.inheritedAttempts;
    this.#latency = request.latency;
    request.call.owner = this;
  }

  /** Has been somewhere already. */
  get hasTried(): boolean {
    return this.#tried.length > 0;
  }

  /** The earlier attempts of this call. */
  get attempts(): number {
    return this.#attempts;
  }

  excludes(endpoint: BalancerEndpoint): boolean {
    const one = endpoint as ClientEndpoint;
    return (!this.mayRepeat && this.#tried.includes(one)) || !one.takes(this.call.method.service);
  }

  /** The channel has an endpoint for this call. */
  sendTo(endpoint: ClientEndpoint, now: number): void {
    const { call, args } = this;
    const session = endpoint.session;
    if (session === undefined) return this.#setting.channel.submit(this, now);
    const length = args.end - args.start;
    if (length > session.peer.maxMessageBytes) return call.fail(tooLarge(length, session.peer.maxMessageBytes));
    if (this.#attempts > 0) call.head = encodeHead(this.metadata, this.#inheritedAttempts + this.#attempts);
    this.#attempts++;
    this.#visit = new Visit(endpoint, now, call.method, this.#setting.usual);
    session.open(call, args);
  }

  // From the call.

  attemptFailed(call: OutgoingCall, failure: AttemptFailure): void {
    const { error, wasSent } = failure;
    const endpoint = this.#visit?.endpoint;
    if (wasSent) this.#leave(error.code, error);
    else this.#leave(undefined);
    if (!wasSent) this.#attempts--;
    else {
      if (error.executed === "no") this.#refusals++;
      if (endpoint !== undefined && !this.#tried.includes(endpoint)) this.#tried = [...this.#tried, endpoint];
    }
    this.#failure = failure;
    // What the handler says ends the race.
    if (this.#rival !== undefined && isAnswer(error)) return call.fail(error);
    // The rival may still bring the answer; only where neither of them has been another attempt makes sense meanwhile.
    this.#isHeld = this.#rival !== undefined && this.#setting.channel.pick(this) === undefined;
    if (this.#isHeld || this.#tryAgain(failure)) return;
    if (this.#rival === undefined) call.fail(error);
    else this.#isHeld = true;
  }

  /** Sends the call once more, now or later, if evidence, deadline and budget allow it. */
  #tryAgain(failure: AttemptFailure): boolean {
    const { clock, random, retry, budget, channel } = this.#setting;
    const verdict = judge(
      failure,
      {
        isRepeatable: this.#isRepeatable,
        attempts: this.#attempts,
        refusals: this.#refusals,
        isNested: this.#inheritedAttempts > 0,
      },
      retry,
      random,
    );
    if (!verdict.again) this.#whyNot = verdict.why;
    else if (clock.now() + verdict.delayMs >= this.call.deadline) this.#whyNot = "its deadline would have been over";
    else if (!verdict.isFree && !budget.withdraw()) this.#whyNot = "the retry budget is used up";
    else this.#whyNot = undefined;
    if (!verdict.again || this.#whyNot !== undefined) return false;
    if (verdict.delayMs === 0) channel.submit(this, clock.now());
    else {
      this.#pause = clock.setTimeout(() => {
        this.#pause = undefined;
        channel.submit(this, clock.now());
      }, verdict.delayMs);
      channel.pausing(this);
    }
    return true;
  }

  slow(call: OutgoingCall): void {
    const { retry, budget, channel } = this.#setting;
    const endpoint = this.#visit?.endpoint;
    if (endpoint === undefined || this.#rival !== undefined || call.isAnswered || this.#attempts >= retry.maxAttempts) return;
    if (!this.#isRepeatable || this.#inheritedAttempts > 0) return;
    const tried = this.#tried;
    this.#tried = [...tried, endpoint];
    const other = channel.pick(this);
    const most = other?.session?.peer.maxMessageBytes ?? 0;
    if (other === undefined || this.args.end - this.args.start > most || !budget.withdraw()) {
      this.#tried = tried;
      return;
    }
    this.#tried = [...this.#tried, other];
    this.#attempts++;
    this.#rival = new Rival(this, other, this.#setting);
    this.#rival.send();
  }

  settled(call: OutgoingCall, error: FarcallError | undefined): void {
    const rival = this.#rival;
    this.#rival = undefined;
    this.#pause?.cancel();
    // One that was given up has had no answer; any other has been answered by something that this side will not take.
    this.#leave(error?.code ?? "OK", error !== undefined && isGivenUp(error) ? undefined : error);
    this.#setting.channel.withdraw(this);
    rival?.cancel();
    if (error === undefined) return;
    const { service, name } = call.method;
    const attempts = this.#attemptNotes ?? [];
    this.#setting.notes.add(error, { service, method: `${service}.${name}`, attempts, why: this.#whyNot });
  }

  whyWaiting(): Error {
    return this.#failure?.error ?? this.#setting.channel.whyWaiting;
  }

  // From the rival.

  note(note: AttemptNote): void {
    this.#attemptNotes ??= [];
    this.#attemptNotes.push(note);
  }

  /** The rival has been answered first. */
  won(value: unknown): void {
    const rival = this.#rival;
    this.#rival = undefined;
    // How long the method takes is what the answer took, not how long the silent one was waited for: or a few calls to it
    // would make all later ones wait longer before they are tried elsewhere.
    this.#leave("CANCELLED");
    if (rival !== undefined) this.#latency?.add(this.#setting.clock.now() - rival.sentAt);
    this.call.resolve(value);
  }

  /** The rival has failed. What the handler says is an answer; anything else changes nothing for the other attempt, if there is one. */
  lost(error: FarcallError): void {
    this.#rival = undefined;
    this.call.rivalFailed(error.executed);
    // Called off because the call has been settled.
    if (this.call.isDone) return;
    if (isAnswer(error)) return this.call.refuse(error);
    if (!this.#isHeld || this.#failure === undefined) return;
    this.#isHeld = false;
    const isLast = error.code === "DEADLINE_EXCEEDED" || error.retryAfterMs !== undefined;
    const failure = isLast ? { ...this.#failure, error } : this.#failure;
    if (!this.#tryAgain(failure)) this.call.fail(failure.error);
  }

  get #isRepeatable(): boolean {
    return this.call.method.descriptor.repeatability === "idempotent";
  }

  /** The attempt has left its endpoint, one way or another. */
  #leave(code: Code | "OK" | undefined, error?: FarcallError): void {
    const visit = this.#visit;
    if (visit === undefined) return;
    this.#visit = undefined;
    const now = this.#setting.clock.now();
    visit.end(now, code);
    const tookMs = now - visit.startedAt;
    const { url, connection } = visit.endpoint;
    if (code === "OK") this.#latency?.add(tookMs);
    else if (code !== undefined) this.note({ url, tookMs, error, isRival: false, contracts: connection.contracts });
  }
}

/** The handler has spoken: no other attempt would say more. */
function isAnswer({ executed, code }: FarcallError): boolean {
  return executed === "yes" && code !== "UNAVAILABLE";
}

function isGivenUp({ code }: FarcallError): boolean {
  return code === "CANCELLED" || code === "DEADLINE_EXCEEDED";
}

function tooLarge(length: number, most: number): FarcallError {
  return new FarcallError("RESOURCE_EXHAUSTED", `the arguments take ${length} bytes; the peer accepts ${most}`, {
    executed: "no",
    reason: "MESSAGE_TOO_LARGE",
  });
}
