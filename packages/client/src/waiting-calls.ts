import type { Dispatch } from "./dispatch.js";

/** Calls that wait for an endpoint, oldest first. */
export class WaitingCalls {
  readonly #calls = new Set<Dispatch>();
  /** How many of them there are of each service. */
  readonly #ofService = new Map<string, number>();

  get size(): number {
    return this.#calls.size;
  }

  /** How many services their methods are of. */
  get services(): number {
    return this.#ofService.size;
  }

  /** Whether others of its service wait already: that may be unwell where another is not. */
  isBehind(call: Dispatch): boolean {
    return this.#calls.size > 0 && this.#ofService.has(serviceOf(call));
  }

  add(call: Dispatch): void {
    this.#calls.add(call);
    const service = serviceOf(call);
    this.#ofService.set(service, (this.#ofService.get(service) ?? 0) + 1);
  }

  /** @returns whether it waited. */
  delete(call: Dispatch): boolean {
    if (!this.#calls.delete(call)) return false;
    const service = serviceOf(call);
    const left = (this.#ofService.get(service) ?? 1) - 1;
    if (left === 0) this.#ofService.delete(service);
    else this.#ofService.set(service, left);
    return true;
  }

  /** Those that leave while it goes on are passed over. */
  [Symbol.iterator](): IterableIterator<Dispatch> {
    return this.#calls.values();
  }
}

function serviceOf({ call }: Dispatch): string {
  return call.method.service;
}
