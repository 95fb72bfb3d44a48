import { ts } from "ts-morph";

/** Where the imports of every file of one program lead. */
export class Imports {
  /** By the importing file: what each import says, and the file it means, if there is one. */
  readonly #edges = new Map<string, ReadonlyMap<string, string | undefined>>();
  /** Files that would be meant instead, if they were there. */
  readonly #missing = new Set<string>();
  #cache: ts.ModuleResolutionCache | undefined;

  /** What the compiler would find by itself. */
  resolve(
    literals: readonly ts.StringLiteralLike[],
    from: string,
    options: ts.CompilerOptions,
    source: ts.SourceFile,
    host: ts.ModuleResolutionHost,
  ): readonly ts.ResolvedModuleWithFailedLookupLocations[] {
    this.#cache ??= ts.createModuleResolutionCache("/", (path) => path, options);
    const edges = new Map<string, string | undefined>();
    const found = literals.map((literal) => {
      const mode = ts.getModeForUsageLocation(source, literal, options);
      const one: Resolution = ts.resolveModuleName(literal.text, from, options, host, this.#cache, undefined, mode);
      edges.set(literal.text, one.resolvedModule?.resolvedFileName);
      for (const path of one.failedLookupLocations ?? []) if (isCandidate(path)) this.#missing.add(path);
      return one;
    });
    this.#edges.set(from, edges);
    return found;
  }

  /** A file and all that it imports, and those import, in a fixed order. */
  reachable(path: string): ReadonlySet<string> {
    const found = new Set([path]);
    for (const one of found) for (const target of this.from(one).values()) if (target !== undefined) found.add(target);
    return found;
  }

  /** The files that one file imports, by how it names them. */
  from(path: string): ReadonlyMap<string, string | undefined> {
    return this.#edges.get(path) ?? new Map();
  }

  /** Paths at which a new file would be what one of the user's imports means. */
  get missing(): readonly string[] {
    return [...this.#missing];
  }
}

/** The compiler's own notes are not in its declarations. */
type Resolution = ts.ResolvedModuleWithFailedLookupLocations & { readonly failedLookupLocations?: readonly string[] };

function isCandidate(path: string): boolean {
  return /\.[cm]?tsx?$/.test(path) && !path.includes("/node_modules/");
}
