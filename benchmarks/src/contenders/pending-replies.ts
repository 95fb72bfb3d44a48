interface Waiting<Reply> {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
}

/** Calls of a raw floor that wait for their reply, by id. */
export class PendingReplies<Reply> {
  readonly #waiting = new Map<number, Waiting<Reply>>();
  #nextId = 0;

  /** @returns the id to send. */
  add(resolve: (reply: Reply) => void, reject: (error: Error) => void): number {
    const id = this.#nextId++;
    this.#waiting.set(id, { resolve, reject });
    return id;
  }

  settle(id: number, reply: Reply): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) throw new Error(`a reply came for call ${id}, which waits for none`);
    this.#waiting.delete(id);
    waiting.resolve(reply);
  }

  failAll(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
