import type { Clock } from "./clock.js";
import type { DeadlineWheel, WheelEntry } from "./deadline-wheel.js";
import { assertDuration, assertKnownKeys } from "./options.js";

/**
 * When a silent peer is asked for a sign of life, when it is suspected, and when it is given up. All in milliseconds.
 *
 * To suspect costs a preference: a client sends its new calls elsewhere, and takes the peer back at its next byte. To give
 * up costs the connection, so it waits much longer: a peer that is merely busy must not lose its calls.
 */
export interface HeartbeatOptions {
  /** Silence before a ping while no call waits. Default 15 000: below the 60 s at which proxies cut idle connections. */
  readonly idleIntervalMs: number;
  /** How long after that ping, still in silence, the peer is suspected. Default 5 000. `Infinity` for never. */
  readonly idleSuspectMs: number;
  /** Silence that ends the connection while no call waits. Default 25 000. `Infinity` never ends it. */
  readonly idleTimeoutMs: number;
  /** Silence before a ping while a call waits for its answer. Default 300. */
  readonly activeIntervalMs: number;
  /**
   * How long after that ping, still in silence, the peer is suspected; a connection whose answers to pings usually take
   * longer, or vary more, is given more time. Default 700. `Infinity` for never.
   */
  readonly activeSuspectMs: number;
  /** Silence that ends the connection while a call waits for its answer. Default 10 000. `Infinity` never ends it. */
  readonly activeTimeoutMs: number;
}

export const defaultHeartbeat: HeartbeatOptions = {
  idleIntervalMs: 15_000,
  idleSuspectMs: 5_000,
  idleTimeoutMs: 25_000,
  activeIntervalMs: 300,
  activeSuspectMs: 700,
  activeTimeoutMs: 10_000,
};

/** Fills in the defaults. @throws TypeError or RangeError that names the field. */
export function parseHeartbeat(given: Partial<HeartbeatOptions> | undefined, where: string): HeartbeatOptions {
  if (given === undefined) return defaultHeartbeat;
  if (typeof given !== "object" || given === null) throw new TypeError(`${where} must be an object, got ${typeof given}`);
  assertKnownKeys(given, where, Object.keys(defaultHeartbeat));
  const options = { ...defaultHeartbeat, ...given };
  for (const key of Object.keys(defaultHeartbeat) as (keyof HeartbeatOptions)[]) {
    assertDuration(options[key], `${where}.${key}`, { infinite: true });
  }
  for (const speed of ["idle", "active"] as const) {
    const suspectMs = options[`${speed}IntervalMs`] + options[`${speed}SuspectMs`];
    const isOff = options[`${speed}TimeoutMs`] === Number.POSITIVE_INFINITY;
    if (!isOff && suspectMs !== Number.POSITIVE_INFINITY && options[`${speed}TimeoutMs`] <= suspectMs) {
      throw new RangeError(
        `${where}.${speed}TimeoutMs (${options[`${speed}TimeoutMs`]}) must be greater than ${speed}IntervalMs and ${speed}SuspectMs together (${suspectMs})`,
      );
    }
    if (!isOff && options[`${speed}TimeoutMs`] <= options[`${speed}IntervalMs`]) {
      throw new RangeError(
        `${where}.${speed}TimeoutMs (${options[`${speed}TimeoutMs`]}) must be greater than ${speed}IntervalMs (${options[`${speed}IntervalMs`]})`,
      );
    }
  }
  return options;
}

/** What a heartbeat knows of its owner. */
export interface HeartbeatOwner {
  /** Wants to hear from time to time what pongs say of the peer, however much else comes from it. */
  readonly isCurious?: boolean;
  /** Whether a call waits for the peer. */
  waiting(): boolean;
  ping(): void;
  /** The peer does not answer (`true`), or has been heard again. It is not given up yet. */
  suspect(isSuspect: boolean): void;
  /** Nothing came for `silenceMs`: the peer is presumed dead. */
  dead(silenceMs: number): void;
}

/** A check that comes later than this says that our own process stood still, not that the peer was silent. */
const stallMs = 2_000;
/** A peer that keeps silent is asked again after so long. */
const askAgainMs = 2_000;
/** A call that is given up after so long a silence was not answered in passing. */
const owingMs = 100;
/** Checks are at least so far apart. */
const leastCheckMs = 8;

/**
 * Pings when quiet, suspects, gives up when silent. Any byte is a sign of life, not only a pong. A process that stood
 * still never judges its peer on waking: it pings, lets the event loop read what has arrived meanwhile, and looks again.
 */
export class Heartbeat implements WheelEntry {
  expiresAt = Number.POSITIVE_INFINITY;
  wheelPrevious: WheelEntry | undefined;
  wheelNext: WheelEntry | undefined;
  readonly #options: HeartbeatOptions;
  readonly #owner: HeartbeatOwner;
  readonly #clock: Clock;
  readonly #wheel: DeadlineWheel;
  readonly #roundTrip = new RoundTrip();
  #lastHeardAt: number;
  #lastPingAt: number;
  /** When the oldest ping was sent that nothing has come after. */
  #unansweredSince: number | undefined;
  #isSuspect = false;
  /** Calls were given up in silence: the peer has to answer for it as if they still waited. */
  #isOwing = false;
  #waitingSince = Number.NEGATIVE_INFINITY;
  #stopped = false;

  constructor(options: HeartbeatOptions, owner: HeartbeatOwner, clock: Clock, wheel: DeadlineWheel) {
    this.#options = options;
    this.#owner = owner;
    this.#clock = clock;
    this.#wheel = wheel;
    this.#lastHeardAt = clock.now();
    this.#lastPingAt = this.#lastHeardAt;
    this.#checkIn(options.idleIntervalMs);
  }

  /** How long ago the peer was last heard, in milliseconds. */
  get silenceMs(): number {
    return this.#clock.now() - this.#lastHeardAt;
  }

  /** Bytes have come. */
  heard(): void {
    this.#lastHeardAt = this.#clock.now();
    this.#unansweredSince = undefined;
    this.#isOwing = false;
    if (this.#isSuspect) this.#suspect(false);
  }

  /** No call waits any more: the last was answered, or given up. */
  relax(): void {
    this.#isOwing = this.silenceMs >= owingMs;
  }

  /** The newest ping has been answered. */
  ponged(): void {
    this.#roundTrip.add(this.#clock.now() - this.#lastPingAt);
  }

  /** Asks for a sign of life now. */
  ask(): void {
    if (this.#stopped) return;
    this.#ping(this.#clock.now());
    this.#checkIn(this.#nextCheckMs(this.#clock.now(), this.#isOwing || this.#owner.waiting()));
  }

  /** A call has begun to wait, and none did before: look more often, and count its silence from here. */
  hurry(): void {
    if (this.#stopped) return;
    const now = this.#clock.now();
    // With calls given up in silence, the silence goes on: each new one would begin it anew, and nobody would ever ask.
    if (!this.#isOwing) this.#waitingSince = now;
    const { activeIntervalMs } = this.#options;
    if (activeIntervalMs === Number.POSITIVE_INFINITY || this.expiresAt <= now + 2 * activeIntervalMs) return;
    this.#checkIn(activeIntervalMs);
  }

  stop(): void {
    this.#stopped = true;
    this.#wheel.remove(this);
  }

  expired(): void {
    if (this.#stopped) return;
    const now = this.#clock.now();
    const { idleIntervalMs, idleTimeoutMs, activeIntervalMs, activeTimeoutMs } = this.#options;
    const isActive = this.#isOwing || this.#owner.waiting();
    const silenceMs = now - this.#lastHeardAt;
    const activeSilenceMs = isActive ? this.#activeSilenceMs(now) : 0;
    const hasStalled = now - this.expiresAt > stallMs;
    if (hasStalled) this.#unansweredSince = undefined;
    const isDead =
      (silenceMs >= idleTimeoutMs && this.#hasWaitedForPong(now, idleTimeoutMs - idleIntervalMs)) ||
      (isActive && activeSilenceMs >= activeTimeoutMs && this.#hasWaitedForPong(now, activeTimeoutMs - activeIntervalMs));
    if (isDead) {
      this.stop();
      this.#owner.dead(silenceMs);
      return;
    }
    const isQuiet = silenceMs >= idleIntervalMs || (isActive && activeSilenceMs >= activeIntervalMs);
    const isUninformed = this.#owner.isCurious === true && now - this.#lastPingAt >= idleIntervalMs;
    if (hasStalled || ((isQuiet || isUninformed) && this.#mayPing(now))) this.#ping(now);
    if (!this.#isSuspect && this.#unansweredSince !== undefined && now - this.#unansweredSince >= this.#suspectMs(isActive)) {
      this.#suspect(true);
    }
    this.#checkIn(this.#nextCheckMs(now, isActive));
  }

  /** What was silent before the call began to wait says nothing about how long the call has been let down. */
  #activeSilenceMs(now: number): number {
    return now - Math.max(this.#lastHeardAt, this.#waitingSince);
  }

  #suspectMs(isActive: boolean): number {
    const { idleSuspectMs, activeSuspectMs } = this.#options;
    return Math.max(isActive ? activeSuspectMs : idleSuspectMs, this.#roundTrip.longMs);
  }

  #suspect(isSuspect: boolean): void {
    this.#isSuspect = isSuspect;
    this.#owner.suspect(isSuspect);
  }

  /** A peer that has not answered will find the ping when it wakes: many of them would only look like a flood then. */
  #mayPing(now: number): boolean {
    return this.#unansweredSince === undefined || now - this.#lastPingAt >= askAgainMs;
  }

  #ping(now: number): void {
    this.#unansweredSince ??= now;
    this.#lastPingAt = now;
    this.#owner.ping();
  }

  /** A ping has been out for about as long as there is between asking and giving up. */
  #hasWaitedForPong(now: number, ms: number): boolean {
    return this.#unansweredSince !== undefined && now - this.#unansweredSince >= ms / 2;
  }

  /** The next moment that changes anything: when to ask, to suspect, or to give up. */
  #nextCheckMs(now: number, isActive: boolean): number {
    const { idleIntervalMs, idleTimeoutMs, activeIntervalMs, activeTimeoutMs } = this.#options;
    const idleMs = now - this.#lastHeardAt;
    const unanswered = this.#unansweredSince;
    const moments = [
      idleMs < idleIntervalMs ? idleIntervalMs - idleMs : idleTimeoutMs > idleMs ? idleTimeoutMs - idleMs : stallMs,
    ];
    if (unanswered !== undefined && !this.#isSuspect) moments.push(unanswered + this.#suspectMs(isActive) - now);
    if (isActive) {
      const activeMs = this.#activeSilenceMs(now);
      moments.push(activeMs < activeIntervalMs ? activeIntervalMs - activeMs : activeIntervalMs);
      if (activeMs < activeTimeoutMs) moments.push(activeTimeoutMs - activeMs);
    }
    return Math.max(leastCheckMs, Math.min(idleIntervalMs, ...moments));
  }

  #checkIn(delayMs: number): void {
    // Whoever heard of a suspicion may have called: then the next check has been set already, or none follows.
    this.#wheel.remove(this);
    if (this.#stopped) return;
    this.expiresAt = this.#clock.now() + delayMs;
    if (delayMs !== Number.POSITIVE_INFINITY) this.#wheel.add(this);
  }
}

/** What answers to pings usually take: mean and deviation, as TCP keeps them for its own timer (RFC 6298). */
class RoundTrip {
  #meanMs = 0;
  #deviationMs = 0;
  #isKnown = false;

  add(ms: number): void {
    if (!this.#isKnown) {
      this.#isKnown = true;
      this.#meanMs = ms;
      this.#deviationMs = ms / 2;
      return;
    }
    this.#deviationMs += (Math.abs(ms - this.#meanMs) - this.#deviationMs) / 4;
    this.#meanMs += (ms - this.#meanMs) / 8;
  }

  /** Longer than this it hardly ever takes. */
  get longMs(): number {
    return Math.max(4 * this.#meanMs, this.#meanMs + 4 * this.#deviationMs);
  }
}
