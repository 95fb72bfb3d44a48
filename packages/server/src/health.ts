/** Which services of a server are not well. The empty name stands for all of them. */
export class Health {
  readonly #unwell = new Set<string>();

  /** What a peer has to know at first: nothing, or what is not well. */
  get exceptions(): Readonly<Record<string, boolean>> | undefined {
    if (this.#unwell.size === 0) return undefined;
    return Object.fromEntries([...this.#unwell].map((name) => [name, false]));
  }

  /** @returns whether that is news. */
  set(name: string, isWell: boolean): boolean {
    if (isWell !== this.#unwell.has(name)) return false;
    if (isWell) this.#unwell.delete(name);
    else this.#unwell.add(name);
    return true;
  }
}
