import type { CallContext } from "@farcall/server";
import { type JournalEntry, RecordFile } from "./records.js";

/** Writes down every call that a server carries out, before it does: what is not in here was not done. */
export class Journal {
  readonly #server: string;
  readonly #file: RecordFile<JournalEntry>;

  /** @param path goes on where the server's last process ended. */
  constructor(server: string, path: string) {
    this.#server = server;
    this.#file = new RecordFile(path);
  }

  /** The same handler, kept book of. Callers say which call it is, and learn who answered, by metadata. */
  of<Handler extends object>(handler: Handler): Handler {
    const methods = Object.entries(handler) as [string, (...args: unknown[]) => unknown][];
    const kept = methods.map(([method, run]) => [
      method,
      (...args: unknown[]) => {
        this.#enter(method, args.at(-1) as CallContext);
        return run(...args);
      },
    ]);
    return Object.fromEntries(kept) as Handler;
  }

  #enter(method: string, ctx: CallContext): void {
    ctx.setTrailer("server", this.#server);
    this.#file.append({
      server: this.#server,
      call: Number(ctx.metadata.get("call")),
      method,
      attempt: ctx.attempt,
      at: Date.now(),
    });
  }
}
