/** Offsets are remembered for one to two of these, so that clocks may run a little apart. */
const windowMs = 600_000;
/** What takes no longer than this longer than usual is the noise of networks and event loops, and of how seldom time is told. */
const noiseMs = 250;

/**
 * How long what arrives was on its way, beyond the usual. The peer says now and then what its clock shows; how far that is
 * from ours means nothing, but it stays the same: what suddenly looks older has waited somewhere, in a network that was
 * down or in the buffers of a process that stood still.
 */
export class Transit {
  #earlierMin = Number.POSITIVE_INFINITY;
  #min = Number.POSITIVE_INFINITY;
  #windowEndsAt = Number.NEGATIVE_INFINITY;
  #sentAt = 0;
  /** What comes now was sent after this moment of our clock: the peer has answered a ping of then. */
  #notBefore = Number.NEGATIVE_INFINITY;

  /** Whether the peer tells its time. */
  get isKnown(): boolean {
    return this.#min !== Number.POSITIVE_INFINITY;
  }

  /**
   * How many milliseconds what arrives at `now` may have been delayed; 0 for what is usual. It was sent after the last word
   * on the time, and not long after it.
   */
  lateMs(now: number): number {
    const lateMs = now - this.#sentAt - Math.min(this.#min, this.#earlierMin);
    return lateMs > noiseMs ? lateMs : 0;
  }

  /** The peer has answered the ping that was sent at `pingedAt`: what it sends from now on is younger than that. */
  ponged(pingedAt: number): void {
    this.#notBefore = pingedAt;
  }

  /** The peer's clock showed `sentAt` when ours shows `now`. */
  heard(sentAt: number, now: number): void {
    if (now >= this.#windowEndsAt) {
      this.#windowEndsAt = now + windowMs;
      this.#earlierMin = this.#min;
      this.#min = Number.POSITIVE_INFINITY;
    }
    const offset = now - sentAt;
    if (offset < this.#min) this.#min = offset;
    this.#sentAt = sentAt;
    // A clock that stood still while its machine was suspended would look late for ever.
    const mostLateMs = now - this.#notBefore;
    const lateMs = offset - Math.min(this.#min, this.#earlierMin);
    if (lateMs > noiseMs && lateMs > mostLateMs) {
      this.#min = offset - mostLateMs;
      this.#earlierMin = this.#min;
    }
  }
}
