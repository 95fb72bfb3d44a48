import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Client, type ClientOptions, createClient } from "@farcall/client";
import { Shop, type ShopClient } from "../contracts/gen/shop.js";
import { connected } from "./fleet.js";

/** What a server in another process wrote down when it entered a handler; `at` by `Date.now()`. */
export interface Record {
  readonly method: "quote" | "order";
  readonly call: number;
  readonly at: number;
}

/** The server of `shop-child.ts`, in a process of its own. */
export class ShopProcess {
  readonly name: string;
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(options: {
    readonly name: string;
    readonly url: string;
    readonly child: ChildProcess;
    readonly folder: string;
  }) {
    this.name = options.name;
    this.url = options.url;
    this.#child = options.child;
    this.#folder = options.folder;
  }

  static async start(name: string): Promise<ShopProcess> {
    const folder = await mkdtemp(join(tmpdir(), "farcall-shop-"));
    const file = fileURLToPath(new URL("./shop-child.js", import.meta.url));
    const child = fork(file, [name, join(folder, "record")]);
    const [{ url }] = (await once(child, "message")) as [{ readonly url: string }];
    return new ShopProcess({ name, url, child, folder });
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Keeps its event loop from turning for so long. */
  stand(standMs: number): void {
    this.#child.send({ standMs });
  }

  /** From now on its work takes so many times longer. */
  slow(slowness: number): void {
    this.#child.send({ slowness });
  }

  /** Every handler it has entered. */
  records(): readonly Record[] {
    const file = join(this.#folder, "record");
    if (!existsSync(file)) return [];
    // The last line of a process that was killed may be cut off.
    const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
    return lines.map((line) => JSON.parse(line) as Record);
  }

  /** Leaves nothing behind, whatever became of it. */
  async dispose(): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode === null && signalCode === null) {
      this.#child.kill("SIGKILL");
      await once(this.#child, "exit");
    }
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Three shops in processes of their own, and a client that is connected to all of them. */
export async function withShops(
  options: ClientOptions,
  run: (shops: {
    readonly client: Client;
    readonly stub: ShopClient;
    readonly shops: readonly [ShopProcess, ShopProcess, ShopProcess];
  }) => Promise<void>,
): Promise<void> {
  const shops = await Promise.all([ShopProcess.start("a"), ShopProcess.start("b"), ShopProcess.start("c")]);
  const client = createClient(
    shops.map(({ name, url }) => ({ id: name, url })),
    options,
  );
  try {
    await connected(client);
    await run({ client, stub: client.service(Shop), shops });
  } finally {
    await client.close();
    await Promise.all(shops.map((one) => one.dispose()));
  }
}
