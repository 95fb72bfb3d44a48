import type { Clock, Timer } from "./clock.js";

/** Something that expires at a moment. A call is its own entry: no allocation, no timer of its own. */
export interface WheelEntry {
  /** The moment, by the wheel's clock. Set before `add`, constant while inside. */
  expiresAt: number;
  wheelPrevious: WheelEntry | undefined;
  wheelNext: WheelEntry | undefined;
  /** Called once the moment has passed, after the entry has been taken out. */
  expired(): void;
}

const slotCount = 1024;
const tickMs = 8;
const maxSleepMs = 60_000;
/** A timer that comes later than this says that the process stood still: what has arrived meanwhile is read first. */
const lateMs = 100;

/** A list head is an entry that never expires. */
class Head implements WheelEntry {
  expiresAt = Number.POSITIVE_INFINITY;
  wheelPrevious: WheelEntry | undefined = this;
  wheelNext: WheelEntry | undefined = this;
  expired(): void {}
}

/**
 * Many deadlines, one timer: a hashed timing wheel (Varghese and Lauck, 1987). Adding and removing are a few pointer
 * writes; entries expire up to 8 ms late and never early. Its timer runs only while it holds something. After a stall of
 * the event loop it lets the loop read its sockets before it judges: the answer may be lying there.
 */
export class DeadlineWheel {
  readonly #clock: Clock;
  readonly #slots: Head[] = Array.from({ length: slotCount }, () => new Head());
  #size = 0;
  #timer: Timer | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #isTurning = false;
  /** The last tick whose slot has been looked through. */
  #tick: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#tick = Math.floor(clock.now() / tickMs);
  }

  get size(): number {
    return this.#size;
  }

  now(): number {
    return this.#clock.now();
  }

  add(entry: WheelEntry): void {
    const tick = Math.max(Math.ceil(entry.expiresAt / tickMs), this.#tick + 1);
    const head = this.#slots[tick % slotCount] as Head;
    const last = head.wheelPrevious as WheelEntry;
    entry.wheelPrevious = last;
    entry.wheelNext = head;
    last.wheelNext = entry;
    head.wheelPrevious = entry;
    this.#size++;
    if (tick * tickMs < this.#timerAt) this.#arm(tick * tickMs);
  }

  /** Takes the entry out; one that is not inside is left alone. */
  remove(entry: WheelEntry): void {
    const { wheelPrevious, wheelNext } = entry;
    if (wheelPrevious === undefined || wheelNext === undefined) return;
    wheelPrevious.wheelNext = wheelNext;
    wheelNext.wheelPrevious = wheelPrevious;
    entry.wheelPrevious = undefined;
    entry.wheelNext = undefined;
    // The timer stays armed: the next call will most likely want it, and it keeps no process alive.
    this.#size--;
  }

  /** Stops for good: its owner is closed, nothing expires any more, and no timer is left or made. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    // Nothing can come due earlier than that, so nothing arms a timer again.
    this.#timerAt = Number.NEGATIVE_INFINITY;
  }

  #arm(at: number): void {
    // While entries expire they may add others; the timer is set once all of that is done.
    if (this.#isTurning) return;
    this.#timer?.cancel();
    this.#timerAt = at;
    this.#timer = this.#clock.setTimeout(() => this.#turn(), Math.min(Math.ceil(at - this.#clock.now()), maxSleepMs));
    // Whoever waits for an answer holds a socket; a deadline alone keeps no process alive.
    this.#timer.unref();
  }

  #turn(): void {
    this.#timer = undefined;
    const isLate = this.#clock.now() - this.#timerAt > lateMs;
    this.#timerAt = Number.POSITIVE_INFINITY;
    if (!isLate) return this.#expireDue();
    // Nothing arms the timer meanwhile.
    this.#isTurning = true;
    void this.#clock.yield().then(() => {
      this.#isTurning = false;
      if (this.#timerAt !== Number.NEGATIVE_INFINITY) this.#expireDue();
    });
  }

  #expireDue(): void {
    const now = this.#clock.now();
    const nowTick = Math.floor(now / tickMs);
    // After a long sleep one look at every slot is enough.
    const from = Math.max(this.#tick + 1, nowTick - slotCount + 1);
    this.#tick = Math.max(this.#tick, nowTick);
    this.#isTurning = true;
    try {
      for (let tick = from; tick <= nowTick; tick++) this.#expire(this.#slots[tick % slotCount] as Head, now);
    } finally {
      this.#isTurning = false;
      if (this.#size > 0) this.#arm(this.#nextMoment());
    }
  }

  #expire(head: Head, now: number): void {
    let entry = head.wheelNext as WheelEntry;
    const due: WheelEntry[] = [];
    while (entry !== head) {
      if (entry.expiresAt <= now) due.push(entry);
      entry = entry.wheelNext as WheelEntry;
    }
    for (const one of due) {
      // One that expired before it may have taken it out, or put it off.
      if (one.wheelNext === undefined || one.expiresAt > now) continue;
      this.remove(one);
      one.expired();
    }
  }

  /** When the next slot that holds anything comes up; its entries may belong to a later round. */
  #nextMoment(): number {
    for (let tick = this.#tick + 1; tick <= this.#tick + slotCount; tick++) {
      const head = this.#slots[tick % slotCount] as Head;
      if (head.wheelNext !== head) return tick * tickMs;
    }
    return this.#clock.now() + slotCount * tickMs;
  }
}
