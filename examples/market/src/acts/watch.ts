import { EventEmitter, once } from "node:events";
import { type Child, within } from "../child.js";
import { dim } from "../report.js";
import type { FromTraffic } from "../traffic/messages.js";
import type { Fleet, MarketServer } from "./fleet.js";
import type { Screen } from "./screen.js";

/** Longest wait, in milliseconds: clients pause longer and longer between their attempts to come back. */
const backMs = 20_000;

/** Hears what the client tells of its servers, and shows it. */
export class Watch {
  readonly #changes = new EventEmitter<{ change: [] }>();
  readonly #states = new Map<string, string>();

  /** @param traffic is connected to every server. */
  constructor(traffic: Child, fleet: Fleet, screen: Screen) {
    for (const { url } of fleet.servers) this.#states.set(url, "ready");
    traffic.listen((message) => {
      const told = message as FromTraffic;
      if ("figures" in told) screen.show(told.figures);
      if (!("event" in told)) return;
      const { url, state } = told.event;
      // It says so at every attempt to come back; once is enough.
      if (this.#states.get(url) !== state) screen.say(dim(`the client: ${fleet.named(url)} is ${state}`));
      this.#states.set(url, state);
      this.#changes.emit("change");
    });
  }

  /** Resolves once the client is connected to that server, as a deploy waits before it goes on. */
  async ready({ name, url }: MarketServer): Promise<void> {
    const until = async (): Promise<void> => {
      while (this.#states.get(url) !== "ready") await once(this.#changes, "change");
    };
    await within(backMs, until(), `the client did not come back to ${name}`);
  }
}
