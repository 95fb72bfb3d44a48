import { statSync } from "node:fs";
import { dirname } from "node:path";
import { Project, type SourceFile, ts } from "ts-morph";
import { platformPath, platformText } from "./platform.js";

/** The inputs and all they import, ready to be asked. */
export interface Program {
  readonly program: ts.Program;
  readonly checker: ts.TypeChecker;
}

/** Loads inputs, and again after an edit: what has not changed since is not parsed again. */
export class ProgramLoader {
  readonly #keepsLibrary: boolean;
  #project: Project | undefined;
  #files = "";
  #mappings = "";
  /** When each file of the user's was last changed, by path. */
  #changedMs = new Map<string, number>();

  /**
   * `keepsLibrary`: other inputs are put into the same project, where the library of the language is parsed already. For many
   * small contracts in a row, as tests have them; what large packages declare globally may linger.
   */
  constructor(options: { readonly keepsLibrary?: boolean } = {}) {
    this.#keepsLibrary = options.keepsLibrary ?? false;
  }

  /** With the compiler that ts-morph bundles; whatever `typescript` the user has is not involved. */
  load(files: readonly string[]): Program {
    const mappings = configured(files[0]);
    const key = JSON.stringify(mappings);
    const known = this.#mappings === key ? this.#project : undefined;
    const isLoaded = known !== undefined && this.#files === files.join("\n") && refresh(known, this.#changedMs);
    const project = isLoaded || (known !== undefined && this.#keepsLibrary) ? known : createProject(mappings);
    if (!isLoaded) exchange(project, [...this.#changedMs.keys()], files);
    this.#project = project;
    this.#files = files.join("\n");
    this.#mappings = key;
    const program = project.getProgram().compilerObject;
    const watched = program.getSourceFiles().filter((file) => !program.isSourceFileDefaultLibrary(file));
    this.#changedMs = new Map(watched.map(({ fileName }) => [fileName, mtimeOf(fileName)]));
    return { program, checker: program.getTypeChecker() };
  }
}

/** Reads again what has changed. False when that imports other files than before: then the project is another one. */
function refresh(project: Project, changedMs: ReadonlyMap<string, number>): boolean {
  for (const [path, momentMs] of changedMs) {
    const current = mtimeOf(path);
    if (current === momentMs) continue;
    const file = project.getSourceFile(path);
    const imports = file && importsOf(file);
    if (file === undefined || current === 0) return false;
    file.refreshFromFileSystemSync();
    if (importsOf(file) !== imports) return false;
  }
  return true;
}

function importsOf(file: SourceFile): string {
  const specifiers = file.getImportStringLiterals().map((one) => one.getLiteralText());
  return [...specifiers, ...file.getReferencedSourceFiles().map((one) => one.getFilePath())].join("\n");
}

/** Zero for a file that is not there. */
function mtimeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** Puts these inputs in place of whatever was there. The library of the language, which is most of it all, stays parsed. */
function exchange(project: Project, before: readonly string[], files: readonly string[]): void {
  for (const path of before) project.getSourceFile(path)?.forget();
  for (const file of project.getSourceFiles()) file.forget();
  for (const file of files) project.addSourceFileAtPath(file);
  project.createSourceFile(platformPath(""), platformText);
}

function createProject(mappings: ts.CompilerOptions): Project {
  return new Project({
    skipAddingFilesFromTsConfig: true,
    skipFileDependencyResolution: true,
    compilerOptions: {
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
      ...mappings,
    },
  });
}

/**
 * Where imports and global names lead is the one thing taken from the user's own configuration: the `tsconfig.json`
 * nearest to the first input. How types are read must not depend on it.
 */
function configured(file: string | undefined): ts.CompilerOptions {
  if (file === undefined) return {};
  const found = ts.findConfigFile(dirname(file), (path) => ts.sys.fileExists(path));
  if (found === undefined) return {};
  const { config } = ts.readConfigFile(found, (path) => ts.sys.readFile(path)) as { config?: unknown };
  if (config === undefined) return {};
  // Only the options are of interest, so the folder is not searched for sources.
  const host: ts.ParseConfigHost = {
    ...ts.sys,
    useCaseSensitiveFileNames: ts.sys.useCaseSensitiveFileNames,
    readDirectory: () => [],
  };
  const { options } = ts.parseJsonConfigFileContent(config, host, dirname(found));
  const mappings: ts.CompilerOptions = {};
  for (const name of ["paths", "baseUrl", "rootDirs", "customConditions", "pathsBasePath", "types", "typeRoots"]) {
    if (options[name] !== undefined) mappings[name] = options[name];
  }
  return mappings;
}
