/** A stream that is still on its way through interceptors. Letting go of it before it is here lets go of it once it is. */
export class DeferredStream implements AsyncIterator<unknown, undefined> {
  readonly #iterator: Promise<AsyncIterator<unknown>>;
  #finished = false;

  constructor(stream: Promise<unknown>) {
    this.#iterator = stream.then((source) => (source as AsyncIterable<unknown>)[Symbol.asyncIterator]());
    // Whoever reads will see it; nobody has to read.
    this.#iterator.catch(() => {});
  }

  async next(): Promise<IteratorResult<unknown, undefined>> {
    if (this.#finished) return { done: true, value: undefined };
    return (await (await this.#iterator).next()) as IteratorResult<unknown, undefined>;
  }

  async return(): Promise<IteratorResult<unknown, undefined>> {
    this.#finished = true;
    const iterator = await this.#iterator.catch(() => undefined);
    await iterator?.return?.();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}
