import type { Endpoint, ResolverListener } from "@farcall/client";

/** Writes down what a resolver says, and lets a test wait for it. */
export class Listener implements ResolverListener {
  readonly lists: (readonly Endpoint[])[] = [];
  readonly failures: unknown[] = [];
  #said = 0;
  #awaited = 0;
  #wake: (() => void) | undefined;

  update(endpoints: readonly Endpoint[]): void {
    this.lists.push(endpoints);
    this.#say();
  }

  failed(error: unknown): void {
    this.failures.push(error);
    this.#say();
  }

  /** Resolves when something has been said that nobody has waited for yet. */
  async next(): Promise<void> {
    while (this.#said <= this.#awaited)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    this.#awaited++;
  }

  /** The URLs of the last list. */
  get urls(): readonly string[] {
    return (this.lists.at(-1) ?? []).map(({ url }) => url);
  }

  get reasons(): readonly string[] {
    return this.failures.map((failure) => (failure as Error).message);
  }

  #say(): void {
    this.#said++;
    this.#wake?.();
  }
}
