/** What a balancer may choose: anything that can take a call now. */
export interface Pickable {
  readonly url: string;
}

/** Chooses an endpoint for one call. Immutable: it is replaced whenever the set of ready endpoints changes. */
export interface Picker<T extends Pickable> {
  /** `undefined` when there is none. */
  pick(): T | undefined;
}

/** Makes a picker for the endpoints that are ready now. Called on every change; its own state lives on between. */
export interface Balancer {
  picker<T extends Pickable>(ready: readonly T[]): Picker<T>;
}
