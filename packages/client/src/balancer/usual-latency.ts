/** Answers over which the means are taken, at least: soon enough to follow a change, late enough for single calls not to matter. */
const window = 64;

interface Mean {
  ms: number;
  answers: number;
}

/**
 * What calls usually take, by method and over all endpoints of a client. A report takes a hundred times as long as a look-up:
 * without this, whichever endpoint was last asked for a report would look a hundred times slower than the others, and calls
 * would run from one to the next.
 */
export class UsualLatency<Method> {
  readonly #ofMethod = new Map<Method, Mean>();
  readonly #ofAll: Mean = { ms: 0, answers: 0 };

  /** A call of `method` was answered after `latencyMs`, wherever. */
  note(method: Method, latencyMs: number): void {
    let mean = this.#ofMethod.get(method);
    if (mean === undefined) {
      mean = { ms: 0, answers: 0 };
      this.#ofMethod.set(method, mean);
    }
    follow(mean, latencyMs);
    follow(this.#ofAll, latencyMs);
  }

  /** What a call of `method` usually takes, in milliseconds; 0 before the first answer. */
  of(method: Method): number {
    return this.#ofMethod.get(method)?.ms ?? 0;
  }

  /**
   * How long a call of any method would have taken where one of `method` took `latencyMs`, so that an endpoint can be judged
   * by both. `latencyMs` itself while nothing is known of the method.
   */
  level(method: Method, latencyMs: number): number {
    const usualMs = this.of(method);
    return usualMs === 0 ? latencyMs : (latencyMs / usualMs) * this.#ofAll.ms;
  }
}

function follow(mean: Mean, ms: number): void {
  if (mean.answers < window) mean.answers++;
  mean.ms += (ms - mean.ms) / mean.answers;
}
