import { FarcallError } from "@farcall/client";
import { type CallRecord, deadlineMs, type Method } from "../records.js";
import type { Asker } from "./asker.js";

export const callsPerSecond = 520;

/** Calls at a fixed rate, whatever becomes of those before: servers in trouble do not get less to do. */
export class Load {
  readonly #asker: Asker;
  readonly #ended: (record: CallRecord, server: string | undefined) => void;
  readonly #pending = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #began = 0;
  #made = 0;

  /** @param ended is told of every call, and who answered it. */
  constructor(asker: Asker, ended: (record: CallRecord, server: string | undefined) => void) {
    this.#asker = asker;
    this.#ended = ended;
  }

  get made(): number {
    return this.#made;
  }

  start(): void {
    this.#began = performance.now();
    this.#timer = setInterval(() => this.#catchUp(), 1);
  }

  /** Resolves once every call has ended, which their deadlines bound. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#pending);
  }

  /** Makes every call that is due by now. */
  #catchUp(): void {
    const now = performance.now();
    for (;;) {
      const due = this.#began + (this.#made * 1_000) / callsPerSecond;
      if (due > now) return;
      const call = this.#call(++this.#made, this.#asker.nextMethod(), due).finally(() => this.#pending.delete(call));
      this.#pending.add(call);
    }
  }

  async #call(call: number, method: Method, due: number): Promise<void> {
    let server: string | undefined;
    const started = Date.now();
    const end = (how: Pick<CallRecord, "code" | "executed" | "message" | "wrong">): void =>
      this.#ended({ call, method, started, ms: performance.now() - due, ...how }, server);
    try {
      const wrong = await this.#asker.ask(method, call, {
        timeoutMs: deadlineMs,
        metadata: { call: String(call) },
        onTrailers: (trailers) => (server = String(trailers.get("server"))),
      });
      end({ code: "OK", ...(wrong === undefined ? {} : { wrong }) });
    } catch (error) {
      if (!FarcallError.is(error)) throw error;
      end({ code: error.code, executed: error.executed, message: error.message });
    }
  }
}
