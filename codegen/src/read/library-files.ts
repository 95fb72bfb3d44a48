import { getLibFiles, libFolderInMemoryPath } from "@ts-morph/common";
import { ts } from "ts-morph";

/** Where the library of the language is said to be; it comes with the compiler, as text. */
export const libraryFolder: string = libFolderInMemoryPath;

const texts = new Map(getLibFiles().map(({ fileName, text }) => [`${libraryFolder}/${fileName}`, text]));
/** Most of what there is to parse, and the same for every program of a process. */
const parsed = new Map<string, ts.SourceFile>();

export function isLibraryFile(path: string): boolean {
  return texts.has(path);
}

/** A file of the library; `undefined` for any other. */
export function libraryFile(path: string, parsing: ts.CreateSourceFileOptions): ts.SourceFile | undefined {
  const text = texts.get(path);
  if (text === undefined) return undefined;
  let file = parsed.get(path);
  if (file === undefined) {
    // Nobody reads its comments.
    file = ts.createSourceFile(path, text, { ...parsing, jsDocParsingMode: ts.JSDocParsingMode.ParseNone });
    parsed.set(path, file);
  }
  return file;
}
