import { createHash } from "node:crypto";
import ts from "typescript6";

/** TypeScript 6 as its own watch mode uses it: what an edit does not concern is neither parsed nor checked again. */
export class IncrementalCheck {
  readonly #roots: readonly string[];
  readonly #options: ts.CompilerOptions;
  readonly #host: ts.CompilerHost;
  readonly #parsed = new Map<string, { readonly text: string; readonly file: ts.SourceFile }>();
  #builder: ts.SemanticDiagnosticsBuilderProgram | undefined;

  constructor(configPath: string) {
    const config = ts.getParsedCommandLineOfConfigFile(configPath, undefined, {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: ({ messageText }) => {
        throw new Error(ts.flattenDiagnosticMessageText(messageText, " "));
      },
    });
    if (config === undefined) throw new Error(`${configPath} cannot be read`);
    this.#roots = config.fileNames;
    this.#options = config.options;
    const host = ts.createCompilerHost(this.#options);
    const create = host.getSourceFile.bind(host);
    host.getSourceFile = (path, parsing) => {
      const text = ts.sys.readFile(path) ?? "";
      const known = this.#parsed.get(path);
      if (known?.text === text) return known.file;
      const file = create(path, parsing);
      if (file === undefined) return undefined;
      Object.assign(file, { version: createHash("sha256").update(text).digest("hex") });
      this.#parsed.set(path, { text, file });
      return file;
    };
    this.#host = host;
  }

  /** @throws when anything is wrong with the files. */
  run(): void {
    this.#builder = ts.createSemanticDiagnosticsBuilderProgram(this.#roots, this.#options, this.#host, this.#builder);
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      const [first] = next.result;
      if (first !== undefined) throw new Error(ts.flattenDiagnosticMessageText(first.messageText, " "));
    }
  }

  #next(): ts.AffectedFileResult<readonly ts.Diagnostic[]> {
    return this.#builder?.getSemanticDiagnosticsOfNextAffectedFile();
  }
}
