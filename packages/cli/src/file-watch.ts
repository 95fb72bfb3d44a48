import { stat } from "node:fs/promises";
import { dirname, sep } from "node:path";
import { type FSWatcher, watch } from "chokidar";

/** Notices changes of files, also of such that are not there yet. */
export class FileWatch {
  readonly #changed: (path: string) => void;
  readonly #failed: (error: unknown) => void;
  #watcher: FSWatcher | undefined;
  #files: ReadonlySet<string> = new Set();
  /** What the watcher looks at: the files, and for one that is missing the folder in which something has to appear. */
  #places: readonly string[] = [];

  constructor(changed: (path: string) => void, failed: (error: unknown) => void) {
    this.#changed = changed;
    this.#failed = failed;
  }

  /** Resolves when no change of these files can go unnoticed any more. Those of before are let go. */
  async on(files: ReadonlySet<string>): Promise<void> {
    const places = [...new Set(await Promise.all([...files].map(nearest)))].sort();
    this.#files = files;
    if (places.join("\n") === this.#places.join("\n")) return;
    const before = this.#watcher;
    this.#places = places;
    // A folder is looked at for the sake of what is to appear in it, and not of all that is there.
    const ignored = (path: string): boolean => !places.includes(path) && !this.#concerns(path);
    const watcher = watch([...places], { ignoreInitial: true, depth: 0, ignored });
    this.#watcher = watcher;
    watcher.on("all", (_event, path) => {
      if (this.#concerns(path)) this.#changed(path);
    });
    watcher.on("error", this.#failed);
    await new Promise<void>((resolve) => watcher.once("ready", resolve));
    await before?.close();
  }

  async close(): Promise<void> {
    await this.#watcher?.close();
  }

  #concerns(path: string): boolean {
    return this.#files.has(path) || [...this.#files].some((file) => file.startsWith(path + sep));
  }
}

/** The path itself, or the folder above it that is there. */
async function nearest(path: string): Promise<string> {
  for (let place = path; ; place = dirname(place)) if (place === dirname(place) || (await exists(place))) return place;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
