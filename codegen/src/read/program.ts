import { dirname } from "node:path";
import { Project, ts } from "ts-morph";
import { platformPath, platformText } from "./platform.js";

/** The inputs and all they import, ready to be asked. */
export interface Program {
  readonly program: ts.Program;
  readonly checker: ts.TypeChecker;
}

/** Loads the files with the compiler that ts-morph bundles; whatever `typescript` the user has is not involved. */
export function loadProgram(files: readonly string[]): Program {
  const project = new Project({
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
      ...pathMappings(files[0]),
    },
  });
  for (const file of files) project.addSourceFileAtPath(file);
  project.createSourceFile(platformPath(""), platformText);
  const program = project.getProgram().compilerObject;
  return { program, checker: program.getTypeChecker() };
}

/**
 * Where imports lead is the one thing taken from the user's own configuration: the `tsconfig.json` nearest to the
 * first input. How types are read must not depend on it.
 */
function pathMappings(file: string | undefined): ts.CompilerOptions {
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
  for (const name of ["paths", "baseUrl", "rootDirs", "customConditions", "pathsBasePath"]) {
    if (options[name] !== undefined) mappings[name] = options[name];
  }
  return mappings;
}
