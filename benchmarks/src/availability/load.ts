import type { Framework, Kind, MarketClient } from "./framework.js";
import { orderPart } from "./plan.js";
import { seededRandom } from "./random.js";
import type { CallRecord } from "./records.js";

export interface LoadOptions {
  readonly callsPerSecond: number;
  readonly timeoutMs: number;
  readonly seed: number;
}

/** Calls at a fixed rate, whatever becomes of those before: servers in trouble do not get less to do. */
export class Load {
  readonly #framework: Framework;
  readonly #market: MarketClient;
  readonly #options: LoadOptions;
  readonly #random: () => number;
  readonly #records: CallRecord[] = [];
  readonly #pending = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #began = 0;
  #made = 0;

  constructor(framework: Framework, market: MarketClient, options: LoadOptions) {
    this.#framework = framework;
    this.#market = market;
    this.#options = options;
    this.#random = seededRandom(options.seed);
  }

  start(): void {
    this.#began = performance.now();
    this.#timer = setInterval(() => this.#catchUp(), 1);
  }

  /** Resolves with every call once all have settled, which their deadlines bound. */
  async stop(): Promise<readonly CallRecord[]> {
    clearInterval(this.#timer);
    await Promise.all(this.#pending);
    return this.#records;
  }

  /** Makes every call that is due by now. */
  #catchUp(): void {
    const now = performance.now();
    for (;;) {
      const due = this.#began + (this.#made * 1_000) / this.#options.callsPerSecond;
      if (due > now) return;
      const kind = this.#random() < orderPart ? "order" : "quote";
      const call = this.#call(this.#made++, kind, due).finally(() => this.#pending.delete(call));
      this.#pending.add(call);
    }
  }

  async #call(id: number, kind: Kind, due: number): Promise<void> {
    const { timeoutMs } = this.#options;
    const started = Date.now();
    const about = { id, kind, started };
    try {
      const { server } = await this.#market.call(kind, { id, started, deadline: started + timeoutMs }, timeoutMs);
      this.#records.push({ ...about, latencyMs: performance.now() - due, code: "OK", server });
    } catch (error) {
      const latencyMs = performance.now() - due;
      const { code, executed, message } = this.#framework.describe(error);
      this.#records.push({ ...about, latencyMs, code, ...(executed === undefined ? {} : { executed }), message });
    }
  }
}
