import type { Balancer, Pickable, Picker } from "./balancer.js";

/** Each ready endpoint in turn. The turn goes on when endpoints come and go. */
export class RoundRobin implements Balancer {
  #turn = 0;

  picker<T extends Pickable>(ready: readonly T[]): Picker<T> {
    return {
      pick: () => (ready.length === 0 ? undefined : ready[this.#turn++ % ready.length]),
    };
  }
}
