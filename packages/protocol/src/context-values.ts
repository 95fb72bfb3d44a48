/** A typed place in the values of a call; made once, shared by whoever sets and reads it. */
export interface ContextKey<T> {
  readonly id: symbol;
  /** What `get` answers when nobody has set it. */
  readonly defaultValue: T;
}

/** `description` is for people who debug. */
export function createContextKey<T>(description: string, defaultValue: T): ContextKey<T> {
  return { id: Symbol(description), defaultValue };
}

/** What interceptors leave for handlers: `ctx.values.set(user, ...)`, `ctx.values.get(user)`. Never sent. */
export class ContextValues {
  readonly #values = new Map<symbol, unknown>();

  get<T>(key: ContextKey<T>): T {
    return this.#values.has(key.id) ? (this.#values.get(key.id) as T) : key.defaultValue;
  }

  set<T>(key: ContextKey<T>, value: T): this {
    this.#values.set(key.id, value);
    return this;
  }

  delete(key: ContextKey<unknown>): boolean {
    return this.#values.delete(key.id);
  }
}
