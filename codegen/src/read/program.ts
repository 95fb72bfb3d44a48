import { ts } from "ts-morph";
import { Documents } from "./documents.js";
import { Imports } from "./imports.js";
import { libraryFolder } from "./library-files.js";
import { platformPath } from "./platform.js";
import { Stamps } from "./stamps.js";
import { readUserOptions } from "./user-options.js";

/** The inputs and all they import, ready to be asked. */
export interface Program {
  readonly program: ts.Program;
  readonly checker: ts.TypeChecker;
  readonly imports: Imports;
  readonly stamps: Stamps;
  /** Configurations of the user's that had a say in it. */
  readonly configurations: readonly string[];
}

const fixedOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ESNext,
  lib: ["lib.esnext.d.ts"],
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  allowImportingTsExtensions: true,
  noEmit: true,
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: true,
  types: [],
};

/**
 * Loads inputs, and again after an edit. Each time makes a new program, which finds afresh what belongs to it and where
 * imports lead, so that nothing of that can be out of date. What takes long is to parse files, and that is kept.
 */
export class ProgramLoader {
  readonly #documents = new Documents();

  /** With the compiler that ts-morph bundles; whatever `typescript` the user has is not involved. */
  load(files: readonly string[]): Program {
    const user = readUserOptions(files[0]);
    const imports = new Imports();
    const manifests = new Map<string, string>();
    const host = this.#host(imports, manifests);
    const options = { ...fixedOptions, ...user.options };
    const program = ts.createProgram({ rootNames: [...files, platformPath("")], options, host });
    this.#documents.keep(new Set(program.getSourceFiles().map((file) => file.fileName)));
    return {
      program,
      imports,
      stamps: new Stamps(program, this.#documents, imports, [...manifests].flat()),
      configurations: user.files,
      // Takes a while to make, and nobody needs it when nothing has changed.
      get checker() {
        return program.getTypeChecker();
      },
    };
  }

  /** `manifests` comes to hold the `package.json` that had a say in where imports lead, by path. */
  #host(imports: Imports, manifests: Map<string, string>): ts.CompilerHost {
    const { sys } = ts;
    const documents = this.#documents;
    const host: ts.CompilerHost = {
      getSourceFile: (path, parsing) => documents.get(path, typeof parsing === "object" ? parsing : { languageVersion: parsing }),
      fileExists: (path) => documents.has(path),
      readFile: (path) => {
        const text = sys.readFile(path);
        manifests.set(path, text ?? "");
        return text;
      },
      directoryExists: (path) => sys.directoryExists(path),
      realpath: (path) => sys.realpath?.(path) ?? path,
      getDirectories: (path) => sys.getDirectories(path),
      getCurrentDirectory: () => sys.getCurrentDirectory(),
      getCanonicalFileName: (path) => (sys.useCaseSensitiveFileNames ? path : path.toLowerCase()),
      useCaseSensitiveFileNames: () => sys.useCaseSensitiveFileNames,
      getDefaultLibFileName: (options) => `${libraryFolder}/${ts.getDefaultLibFileName(options)}`,
      getDefaultLibLocation: () => libraryFolder,
      getNewLine: () => "\n",
      writeFile: () => undefined,
      resolveModuleNameLiterals: (literals, from, _redirect, options, source) =>
        imports.resolve(literals, from, options, source, host),
    };
    return host;
  }
}
