/** A call as the table sees it. */
export interface TableEntry {
  readonly id: number;
}

const leastSlots = 16;

/**
 * Calls by id. Ids of one side grow, so a ring of slots finds a call with one mask and one comparison; no hashing, no
 * garbage. Ids of our own are chosen so that they never collide (`nextId`); a peer that chooses colliding ids makes
 * the ring grow while it is sparse, and ends up in a `Map`: slower for that peer only.
 */
export class CallTable<T extends TableEntry> {
  #slots: (T | undefined)[] = emptySlots(leastSlots);
  readonly #overflow = new Map<number, T>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(id: number): T | undefined {
    const entry = this.#slots[this.#index(id)];
    if (entry !== undefined && entry.id === id) return entry;
    return this.#overflow.size === 0 ? undefined : this.#overflow.get(id);
  }

  /** The next free id after `last` that needs no overflow. Ids move in steps of two: parity says who opened the call. */
  nextId(last: number): number {
    if (this.#size * 2 >= this.#slots.length) this.#grow();
    let id = last + 2;
    while (this.#slots[this.#index(id)] !== undefined) id += 2;
    return id;
  }

  add(entry: T): void {
    if (this.#size * 2 >= this.#slots.length) this.#grow();
    const index = this.#index(entry.id);
    if (this.#slots[index] === undefined) this.#slots[index] = entry;
    else this.#overflow.set(entry.id, entry);
    this.#size++;
  }

  delete(id: number): boolean {
    const index = this.#index(id);
    const entry = this.#slots[index];
    if (entry !== undefined && entry.id === id) this.#slots[index] = undefined;
    else if (!this.#overflow.delete(id)) return false;
    this.#size--;
    return true;
  }

  /** Every call, oldest or not. A copy: calls may leave while it is read. */
  values(): T[] {
    const all = this.#slots.filter((entry) => entry !== undefined);
    return this.#overflow.size === 0 ? all : [...all, ...this.#overflow.values()];
  }

  #index(id: number): number {
    return (id >>> 1) & (this.#slots.length - 1);
  }

  #grow(): void {
    const entries = this.values();
    this.#slots = emptySlots(this.#slots.length * 2);
    this.#overflow.clear();
    this.#size = 0;
    for (const entry of entries) {
      const index = this.#index(entry.id);
      if (this.#slots[index] === undefined) this.#slots[index] = entry;
      else this.#overflow.set(entry.id, entry);
      this.#size++;
    }
  }
}

function emptySlots(count: number): undefined[] {
  return Array.from({ length: count }, () => undefined);
}
