import type { FarcallError } from "../error.js";

/** What a stream asks of the call it belongs to. */
export interface ReceiveStreamOwner {
  /** The consumer has taken items: raise the sender's credit to `total`. */
  grant(total: number): void;
  /** The consumer wants no more. Called at most once, and not after the stream has ended. */
  abandoned(): void;
}

interface Waiter {
  resolve(result: IteratorResult<unknown, undefined>): void;
  reject(error: unknown): void;
}

/** At the latest after this the sender hears that something has been read. */
const slowGrantMs = 100;

const done: IteratorReturnResult<undefined> = { done: true, value: undefined };

/**
 * The items of one direction of one call, as an async iterator. Holds at most the window plus one message: credit goes
 * back as the consumer takes items, not as they arrive.
 */
export class ReceiveStream implements AsyncIterator<unknown, undefined> {
  readonly #owner: ReceiveStreamOwner;
  readonly #window: number;
  readonly #now: () => number;
  #grantedAt: number;
  #items: unknown[] = [];
  #costs: number[] = [];
  #head = 0;
  #waiters: Waiter[] = [];
  #received = 0;
  #granted: number;
  #consumed = 0;
  #finished = false;
  /** The sender has ended, or the call has: credit means nothing any more. */
  #isEnded = false;
  #error: FarcallError | undefined;

  constructor(window: number, owner: ReceiveStreamOwner, now: () => number) {
    this.#now = now;
    this.#grantedAt = now();
    this.#window = window;
    this.#granted = window;
    this.#owner = owner;
  }

  /** No further item will be accepted. */
  get finished(): boolean {
    return this.#finished;
  }

  /** Items received so far have used up the credit: one more would be a violation. */
  get exhausted(): boolean {
    return this.#received >= this.#granted;
  }

  push(value: unknown, cost: number): void {
    if (this.#finished) return;
    this.#received += cost;
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) {
      this.#took(cost);
      waiter.resolve({ done: false, value });
      return;
    }
    this.#items.push(value);
    this.#costs.push(cost);
  }

  /** An item that nobody will read: the sender may go on, so that it comes to its end. */
  discard(cost: number): void {
    this.#received += cost;
    this.#took(cost);
  }

  /** The sender has finished; what is queued can still be read. */
  end(): void {
    this.#isEnded = true;
    this.#finish();
  }

  #finish(): void {
    if (this.#finished) return;
    this.#finished = true;
    for (const waiter of this.#waiters.splice(0)) waiter.resolve(done);
  }

  /** The stream is broken. Items already here are still handed out, then the error, once; then it is over. */
  fail(error: FarcallError): void {
    this.#isEnded = true;
    if (this.#finished) return;
    this.#finished = true;
    this.#error = error;
    const waiters = this.#waiters.splice(0);
    const first = waiters.shift();
    if (first === undefined) return;
    this.#error = undefined;
    first.reject(error);
    for (const waiter of waiters) waiter.resolve(done);
  }

  next(): Promise<IteratorResult<unknown, undefined>> {
    if (this.#head < this.#items.length) {
      const value = this.#items[this.#head];
      const cost = this.#costs[this.#head] as number;
      this.#items[this.#head++] = undefined;
      if (this.#head === this.#items.length || (this.#head >= 1024 && this.#head * 2 > this.#items.length)) {
        this.#items = this.#items.slice(this.#head);
        this.#costs = this.#costs.slice(this.#head);
        this.#head = 0;
      }
      this.#took(cost);
      return Promise.resolve({ done: false, value });
    }
    if (this.#error !== undefined) {
      const error = this.#error;
      this.#error = undefined;
      return Promise.reject(error);
    }
    if (this.#finished) return Promise.resolve(done);
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  /** `break`, or a consumer that gives up. What is queued is dropped. */
  return(): Promise<IteratorResult<unknown, undefined>> {
    this.#items = [];
    this.#costs = [];
    this.#head = 0;
    this.#error = undefined;
    if (!this.#finished) {
      // What is queued was received and is dropped: the sender gets its credit back.
      this.#finish();
      this.#owner.abandoned();
      this.#took(this.#received - this.#consumed);
    }
    return Promise.resolve(done);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  #took(cost: number): void {
    this.#consumed += cost;
    // A quarter of the window per credit frame: rare enough to be cheap, early enough that the sender never stops.
    if (this.#isEnded) return;
    // ... and soon enough that a slow but steady reader is never taken for one that has stopped.
    if (this.#consumed + this.#window - this.#granted >= this.#window / 4 || this.#now() - this.#grantedAt >= slowGrantMs) {
      this.#grantedAt = this.#now();
      this.#granted = this.#consumed + this.#window;
      this.#owner.grant(this.#granted);
    }
  }
}
