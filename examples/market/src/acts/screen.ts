import logUpdate from "log-update";
import { methods, nouns } from "../records.js";
import { bold, count, dim, red } from "../report.js";
import type { Figures } from "../traffic/messages.js";
import type { Fleet, MarketServer } from "./fleet.js";

const redrawMs = 200;
const barCells = 20;

/** What happens, line by line; on a terminal, the servers and the traffic as they are now stand below. */
export class Screen {
  readonly #fleet: Fleet;
  readonly #began = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #figures: Figures | undefined;
  #next = { what: "", at: 0 };

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
    if (isTerminal()) this.#timer = setInterval(() => logUpdate(this.#frame()), redrawMs);
  }

  /** A line that stays. */
  say(line: string, isLoud = false): void {
    const seconds = ((performance.now() - this.#began) / 1_000).toFixed(1).padStart(5);
    const text = `${dim(`${seconds} s`)}  ${isLoud ? bold(line) : line}`;
    if (this.#timer === undefined) console.log(text);
    else logUpdate.persist(text);
  }

  /** What comes next, and when. */
  await(what: string, ms: number): void {
    this.#next = { what, at: performance.now() + ms };
  }

  show(figures: Figures): void {
    this.#figures = figures;
  }

  /** Takes down what does not stay. */
  end(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    logUpdate.clear();
    logUpdate.done();
  }

  #frame(): string {
    const figures = this.#figures;
    if (figures === undefined) return "";
    const { calls, failed, recent } = figures;
    const failures = methods.flatMap((method) => (failed[method] === 0 ? [] : count(failed[method], nouns[method])));
    const left = Math.ceil((this.#next.at - performance.now()) / 1_000);
    return [
      "",
      dim("  server  process  is            to the client  pending  answers/s"),
      ...this.#fleet.servers.map((server) => describe(server, figures)),
      "",
      `  ${count(calls, "call")}, ${recent.calls} in the last second; failed: ${failures.join(", ") || "none"}`,
      `  quotes took ${recent.p50.toFixed(0)} ms (p50), ${recent.p99.toFixed(0)} ms (p99)`,
      left > 0 ? dim(`  ${this.#next.what} in ${left} s`) : "",
    ].join("\n");
  }
}

function describe({ name, pid, url, condition }: MarketServer, { endpoints, recent }: Figures): string {
  const { state = "", pending = 0 } = endpoints[url] ?? {};
  const answers = recent.answers[name] ?? 0;
  const bar = "█".repeat(Math.round((answers / Math.max(1, recent.calls)) * barCells));
  const columns = [name.padEnd(6), String(pid).padEnd(7), condition.padEnd(12), state.padEnd(13), String(pending).padStart(7)];
  const line = `  ${columns.join("  ")}  ${bar} ${answers}`;
  return condition === "runs" ? line : red(line);
}

function isTerminal(): boolean {
  return process.stdout.isTTY === true && process.env.TERM !== "dumb";
}
