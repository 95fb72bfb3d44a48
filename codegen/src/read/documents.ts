import { statSync } from "node:fs";
import { ts } from "ts-morph";
import { isLibraryFile, libraryFile } from "./library-files.js";
import { isPlatformFile, platformText } from "./platform.js";

interface Document {
  readonly file: ts.SourceFile;
  /** No other text of any file has had this number. */
  readonly stamp: number;
  /** What the file system said of it, where that is trusted. */
  readonly state: string | undefined;
}

/** Parsed files. One that has not changed since it was last asked for is not parsed again. */
export class Documents {
  readonly #known = new Map<string, Document>();
  #stamps = 0;

  get(path: string, parsing: ts.CreateSourceFileOptions): ts.SourceFile | undefined {
    return libraryFile(path, parsing) ?? this.#read(path, parsing);
  }

  has(path: string): boolean {
    return isLibraryFile(path) || ts.sys.fileExists(path);
  }

  /** Changes whenever the file does, and never comes back. */
  stampOf(path: string): number {
    return this.#known.get(path)?.stamp ?? 0;
  }

  /** Forgets all others. */
  keep(paths: ReadonlySet<string>): void {
    for (const path of this.#known.keys()) if (!paths.has(path)) this.#known.delete(path);
  }

  #read(path: string, parsing: ts.CreateSourceFileOptions): ts.SourceFile | undefined {
    const found = this.#known.get(path);
    const known = found?.file.impliedNodeFormat === parsing.impliedNodeFormat ? found : undefined;
    // People save twice within a tick of the file system's clock, package managers do not.
    const state = path.includes("/node_modules/") ? stateOf(path) : undefined;
    if (known !== undefined && state !== undefined && state === known.state) return known.file;
    const text = isPlatformFile(path) ? platformText : ts.sys.readFile(path);
    if (text === undefined || text === known?.file.text) return text === undefined ? undefined : known?.file;
    const file = ts.createSourceFile(path, text, parsing);
    this.#known.set(path, { file, stamp: ++this.#stamps, state });
    return file;
  }
}

function stateOf(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found && [found.ino, found.size, found.mtimeMs, found.ctimeMs].join(" ");
}
