import type { Clock } from "./clock.js";
import type { DeadlineWheel, WheelEntry } from "./deadline-wheel.js";
import { assertDuration, assertKnownKeys } from "./options.js";

/** When a silent peer is asked for a sign of life, and when it is given up. All in milliseconds. */
export interface HeartbeatOptions {
  /** Silence before a ping while no call waits. Default 15 000: below the 60 s at which proxies cut idle connections. */
  readonly idleIntervalMs: number;
  /** Silence that ends the connection while no call waits. Default 25 000. `Infinity` never ends it. */
  readonly idleTimeoutMs: number;
  /** Silence before a ping while a call waits for its answer. Default 1 000. */
  readonly activeIntervalMs: number;
  /** Silence that ends the connection while a call waits for its answer. Default 10 000. `Infinity` never ends it. */
  readonly activeTimeoutMs: number;
}

export const defaultHeartbeat: HeartbeatOptions = {
  idleIntervalMs: 15_000,
  idleTimeoutMs: 25_000,
  activeIntervalMs: 1_000,
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
    const isOff = options[`${speed}TimeoutMs`] === Number.POSITIVE_INFINITY;
    if (!isOff && options[`${speed}TimeoutMs`] <= options[`${speed}IntervalMs`]) {
      throw new RangeError(
        `${where}.${speed}TimeoutMs (${options[`${speed}TimeoutMs`]}) must be greater than ${speed}IntervalMs (${options[`${speed}IntervalMs`]})`,
      );
    }
  }
  return options;
}

/** The three things a heartbeat knows of its owner. */
export interface HeartbeatOwner {
  /** Whether a call waits for the peer. */
  waiting(): boolean;
  ping(): void;
  /** Nothing came for `silenceMs`: the peer is presumed dead. */
  dead(silenceMs: number): void;
}

/** A check that comes later than this says that our own process stood still, not that the peer was silent. */
const stallMs = 2_000;

/**
 * Pings when quiet, gives up when silent. Any byte is a sign of life, not only a pong. A process that stood still never
 * judges its peer on waking: it pings, lets the event loop read what has arrived meanwhile, and looks again.
 */
export class Heartbeat implements WheelEntry {
  expiresAt = Number.POSITIVE_INFINITY;
  wheelPrevious: WheelEntry | undefined;
  wheelNext: WheelEntry | undefined;
  readonly #options: HeartbeatOptions;
  readonly #owner: HeartbeatOwner;
  readonly #clock: Clock;
  readonly #wheel: DeadlineWheel;
  #lastHeardAt: number;
  /** When the oldest ping was sent that nothing has come after. */
  #unansweredSince: number | undefined;
  #waitingSince = Number.NEGATIVE_INFINITY;
  #stopped = false;

  constructor(options: HeartbeatOptions, owner: HeartbeatOwner, clock: Clock, wheel: DeadlineWheel) {
    this.#options = options;
    this.#owner = owner;
    this.#clock = clock;
    this.#wheel = wheel;
    this.#lastHeardAt = clock.now();
    this.#checkIn(options.idleIntervalMs);
  }

  /** Bytes have come. */
  heard(): void {
    this.#lastHeardAt = this.#clock.now();
    this.#unansweredSince = undefined;
  }

  /** A call has begun to wait, and none did before: look more often, and count its silence from here. */
  hurry(): void {
    if (this.#stopped) return;
    const now = this.#clock.now();
    this.#waitingSince = now;
    const { activeIntervalMs } = this.#options;
    if (activeIntervalMs === Number.POSITIVE_INFINITY || this.expiresAt <= now + 2 * activeIntervalMs) return;
    this.#wheel.remove(this);
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
    const isActive = this.#owner.waiting();
    const silenceMs = now - this.#lastHeardAt;
    // What was silent before the call began to wait says nothing about how long the call has been let down.
    const activeSilenceMs = isActive ? now - Math.max(this.#lastHeardAt, this.#waitingSince) : 0;
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
    if (hasStalled || silenceMs >= idleIntervalMs || (isActive && activeSilenceMs >= activeIntervalMs)) {
      this.#unansweredSince ??= now;
      this.#owner.ping();
    }
    this.#checkIn(isActive ? Math.min(activeIntervalMs, idleIntervalMs) : this.#idleCheckMs(silenceMs));
  }

  /** A ping has been out for about as long as there is between asking and giving up. */
  #hasWaitedForPong(now: number, ms: number): boolean {
    return this.#unansweredSince !== undefined && now - this.#unansweredSince >= ms / 2;
  }

  /** The next moment of an idle connection: when to ask, or, having asked, when to give up. */
  #idleCheckMs(silenceMs: number): number {
    const { idleIntervalMs, idleTimeoutMs } = this.#options;
    const next = silenceMs < idleIntervalMs ? idleIntervalMs - silenceMs : idleTimeoutMs - silenceMs;
    return next > 0 ? Math.min(next, idleIntervalMs) : Math.min(idleIntervalMs, stallMs);
  }

  #checkIn(delayMs: number): void {
    this.expiresAt = this.#clock.now() + delayMs;
    if (delayMs !== Number.POSITIVE_INFINITY) this.#wheel.add(this);
  }
}
