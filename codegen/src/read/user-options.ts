import { dirname } from "node:path";
import { ts } from "ts-morph";

/** What the user's own configuration says about where imports and global names lead. */
export interface UserOptions {
  readonly options: ts.CompilerOptions;
  /** The `tsconfig.json` that was read, and those that it extends. */
  readonly files: readonly string[];
}

const names = ["paths", "baseUrl", "rootDirs", "customConditions", "pathsBasePath", "types", "typeRoots"];

/** Taken from the `tsconfig.json` nearest to the first input, and only this: how types are read must not depend on it. */
export function readUserOptions(input: string | undefined): UserOptions {
  const found = input === undefined ? undefined : ts.findConfigFile(dirname(input), (path) => ts.sys.fileExists(path));
  if (found === undefined) return { options: {}, files: [] };
  const source = ts.readJsonConfigFile(found, (path) => ts.sys.readFile(path));
  // Only the options are of interest, so the folder is not searched for sources.
  const host: ts.ParseConfigHost = {
    ...ts.sys,
    useCaseSensitiveFileNames: ts.sys.useCaseSensitiveFileNames,
    readDirectory: () => [],
  };
  const parsed = ts.parseJsonSourceFileConfigFileContent(source, host, dirname(found));
  const given = names.filter((name) => parsed.options[name] !== undefined).map((name) => [name, parsed.options[name]]);
  return {
    options: Object.fromEntries(given) as ts.CompilerOptions,
    files: [found, ...(source.extendedSourceFiles ?? [])],
  };
}
