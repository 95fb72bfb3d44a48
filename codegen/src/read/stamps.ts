import { createHash } from "node:crypto";
import { ts } from "ts-morph";
import type { Documents } from "./documents.js";
import type { Imports } from "./imports.js";

/** Tells whether what can be read in a file is still what it was in an earlier program. */
export class Stamps {
  readonly #documents: Documents;
  readonly #imports: Imports;
  /** Of what may have an effect on any file at all. */
  readonly #wide: string;

  /** `others`: whatever else decides what is read. */
  constructor(program: ts.Program, documents: Documents, imports: Imports, others: readonly string[]) {
    this.#documents = documents;
    this.#imports = imports;
    const hash = createHash("sha256").update(JSON.stringify(program.getCompilerOptions()));
    for (const other of others) hash.update(`\0${other}`);
    for (const file of program.getSourceFiles()) if (isWide(file)) hash.update(`\0${this.#stamp(file.fileName)}`);
    this.#wide = hash.digest("base64");
  }

  /** The same for a file as long as neither it, nor what it imports, nor what is declared for all files has changed. */
  of(path: string): string {
    return [this.#wide, ...[...this.#imports.reachable(path)].map((one) => this.#stamp(one))].join("\n");
  }

  #stamp(path: string): string {
    return [path, this.#documents.stampOf(path), ...this.#imports.from(path).values()].join("\0");
  }
}

/** Scripts and augmentations are seen by files that do not import them; of packages it is not worth to look closer. */
function isWide(file: ts.SourceFile): boolean {
  if (file.fileName.includes("/node_modules/") || !ts.isExternalModule(file)) return true;
  return file.statements.some(
    (statement) => ts.isNamespaceExportDeclaration(statement) || (ts.isModuleDeclaration(statement) && isAugmentation(statement)),
  );
}

function isAugmentation({ name, flags }: ts.ModuleDeclaration): boolean {
  return ts.isStringLiteral(name) || (flags & ts.NodeFlags.GlobalAugmentation) !== 0;
}
