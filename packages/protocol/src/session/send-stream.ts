import type { Clock } from "../clock.js";
import type { DeadlineWheel, WheelEntry } from "../deadline-wheel.js";
import type { FarcallError } from "../error.js";
import { fixedLimits } from "../limits.js";
import type { Outbox } from "../outbox.js";

/** What a sending stream asks of the call it belongs to. */
export interface SendStreamOwner {
  /** Puts one item on the wire and says what it cost, or throws the error that the call ends with. */
  sendItem(value: unknown): number;
  /** The source is exhausted and everything has been handed over. */
  sourceEnded(): void;
  /** The source threw, an item was refused, or the consumer took nothing for too long. */
  sourceFailed(thrown: unknown): void;
  /** The consumer took nothing for `idleMs`. */
  stalled(idleMs: number): FarcallError;
}

/** Hears of an item that is too large to leave at once. */
export interface LargeItem {
  started(): void;
  /** Nothing of it is left here. */
  sent(): void;
}

/**
 * Pulls one async iterable and sends its items, as far as the receiver's credit goes: the next item is asked for only
 * when it could be sent, so a stopped consumer stops the producer.
 */
export class SendStream implements WheelEntry, LargeItem {
  expiresAt = 0;
  wheelPrevious: WheelEntry | undefined;
  wheelNext: WheelEntry | undefined;
  readonly #owner: SendStreamOwner;
  readonly #outbox: Outbox;
  readonly #clock: Clock;
  readonly #wheel: DeadlineWheel;
  readonly #idleMs: number;
  #sent = 0;
  #credit: number;
  #stopped = false;
  /** An item is leaving in chunks: what follows in this call waits for it. */
  #largeItem = false;
  /** Chunks that had left when this began to wait. */
  #chunksBefore = 0;
  #wake: (() => void) | undefined;
  #iterator: AsyncIterator<unknown> | undefined;
  #released: Promise<void> | undefined;

  constructor(options: {
    window: number;
    idleMs: number;
    owner: SendStreamOwner;
    outbox: Outbox;
    clock: Clock;
    wheel: DeadlineWheel;
  }) {
    this.#outbox = options.outbox;
    this.#credit = options.window;
    this.#idleMs = options.idleMs;
    this.#owner = options.owner;
    this.#clock = options.clock;
    this.#wheel = options.wheel;
  }

  /** Raises what may be sent; totals that are not higher are repeats. */
  grant(total: number): void {
    if (total <= this.#credit) return;
    this.#credit = total;
    this.#resume();
  }

  started(): void {
    this.#largeItem = true;
  }

  sent(): void {
    this.#largeItem = false;
    this.#resume();
  }

  /** Sends everything `source` yields. Settles when the source has been let go; never rejects. */
  async run(source: AsyncIterable<unknown>): Promise<void> {
    let thrown: { readonly error: unknown } | undefined;
    try {
      // What begins a stream may stand in the middle of a frame of another call, and the source may make calls itself.
      await Promise.resolve();
      const iterator = source[Symbol.asyncIterator]();
      this.#iterator = iterator;
      let unyielded = 0;
      while (!this.#stopped) {
        if (this.#largeItem) {
          await this.#waitForCredit();
          continue;
        }
        if (this.#outbox.isCongested) {
          await this.#outbox.room();
          continue;
        }
        if (this.#sent >= this.#credit) {
          await this.#waitForCredit();
          continue;
        }
        const result = await iterator.next();
        // Many streams may have waited for their sources at the same time.
        while (this.#outbox.isCongested && !this.#stopped) await this.#outbox.room();
        if (this.#stopped) break;
        if (result.done === true) {
          this.#stopped = true;
          this.#owner.sourceEnded();
          return;
        }
        const cost = this.#owner.sendItem(result.value);
        this.#sent += cost;
        unyielded += cost;
        if (unyielded >= fixedLimits.batchBytes) {
          unyielded = 0;
          await this.#clock.yield();
        }
      }
    } catch (error) {
      thrown = { error };
    }
    const stoppedBefore = this.#stopped;
    this.#stopped = true;
    if (thrown !== undefined && !stoppedBefore) this.#owner.sourceFailed(thrown.error);
    await this.#release();
  }

  /** The call is over or nobody listens: the source's `finally` runs, nothing more is sent. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#resume();
    void this.#release();
  }

  expired(): void {
    if (this.#stopped) return;
    // The large messages of a connection leave in turn: while chunks of any of them leave, this one comes nearer.
    if (this.#largeItem && this.#outbox.bulk.sentChunks > this.#chunksBefore) return this.#watch();
    this.#stopped = true;
    this.#owner.sourceFailed(this.#owner.stalled(this.#idleMs));
    this.#resume();
  }

  /** Lets the source go, once, and waits until it has gone. */
  #release(): Promise<void> {
    // Nothing to let go of yet: `run` comes back here once it has.
    if (this.#iterator === undefined) return Promise.resolve();
    this.#released ??= letGo(this.#iterator);
    return this.#released;
  }

  /** Until there is credit for the next item, or the last chunk of a large one has left. */
  #waitForCredit(): Promise<void> {
    this.#watch();
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #watch(): void {
    this.#chunksBefore = this.#outbox.bulk.sentChunks;
    this.expiresAt = this.#clock.now() + this.#idleMs;
    if (this.#idleMs !== Number.POSITIVE_INFINITY) this.#wheel.add(this);
  }

  #resume(): void {
    this.#wheel.remove(this);
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}

/** A source whose `return` throws has nobody left to tell: its call has been settled. */
async function letGo(iterator: AsyncIterator<unknown> | undefined): Promise<void> {
  try {
    await iterator?.return?.();
  } catch {}
}
