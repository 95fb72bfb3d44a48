import { join } from "node:path";
import { Child } from "../child.js";
import { logs } from "../records.js";

/** Longest waits, in milliseconds. */
const readyMs = 10_000;
const leaveMs = 8_000;

/** What a server process is at, as far as whoever strikes it knows. */
export type Condition = "starts" | "runs" | "is dead" | "stands still" | "leaves";

/** One server through all its restarts: the name, the port and the journal stay. */
export class MarketServer {
  readonly name: string;
  readonly #journal: string;
  readonly #onLost: (error: Error) => void;
  #child: Child | undefined;
  #port = 0;
  #url = "";
  #condition: Condition = "starts";

  constructor(name: string, folder: string, onLost: (error: Error) => void) {
    this.name = name;
    this.#journal = join(folder, logs.journal(name));
    this.#onLost = onLost;
  }

  get url(): string {
    return this.#url;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get condition(): Condition {
    return this.#condition;
  }

  /** Listens where it listened before, or on any port the first time. */
  async start(): Promise<void> {
    this.#condition = "starts";
    const child = new Child("server", [this.name, String(this.#port), this.#journal], `server ${this.name}`);
    this.#child = child;
    const { url, port } = (await child.message(readyMs)) as { url: string; port: number };
    this.#url = url;
    this.#port = port;
    this.#condition = "runs";
    void child.ended.then((how) => {
      if (this.#condition === "runs") this.#onLost(new Error(`server ${this.name} ended by itself (${how})`));
    });
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    this.#condition = "is dead";
    this.#child?.signal("SIGKILL");
    await this.#child?.ended;
  }

  /** SIGSTOP: its connections stay open, and nobody answers. */
  freeze(): void {
    this.#condition = "stands still";
    this.#child?.signal("SIGSTOP");
  }

  /** SIGCONT. */
  thaw(): void {
    this.#condition = "runs";
    this.#child?.signal("SIGCONT");
  }

  /** SIGTERM: it finishes what it has begun. @throws Error when it does not leave in order. */
  async leave(): Promise<void> {
    this.#condition = "leaves";
    const how = await this.#child?.stop(leaveMs);
    if (how !== 0) throw new Error(`server ${this.name} did not leave in order (${how})`);
  }
}

/** Three servers that serve the same. */
export class Fleet {
  readonly servers: readonly MarketServer[];
  /** Rejects when one of them ends without being told to. */
  readonly lost: Promise<never>;

  constructor(folder: string) {
    let onLost!: (error: Error) => void;
    this.lost = new Promise<never>((_, reject) => {
      onLost = reject;
    });
    this.lost.catch(() => {});
    this.servers = ["a", "b", "c"].map((name) => new MarketServer(name, folder, onLost));
  }

  async start(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.start()));
  }

  async leave(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.leave()));
  }

  named(url: string): string {
    return this.servers.find((server) => server.url === url)?.name ?? url;
  }
}
