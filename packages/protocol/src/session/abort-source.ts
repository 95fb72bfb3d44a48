import type { FarcallError } from "../error.js";

/**
 * The one place where a call is told to stop, with an error that already says why. The `AbortSignal` is made when
 * somebody first asks for it: most calls never pay for one.
 */
export class AbortSource {
  #reason: FarcallError | undefined;
  #controller: AbortController | undefined;

  get reason(): FarcallError | undefined {
    return this.#reason;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** The first reason stays. */
  abort(reason: FarcallError): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#controller?.abort(reason);
  }
}
