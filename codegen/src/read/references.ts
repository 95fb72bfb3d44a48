import { ts } from "ts-morph";
import type { TypeReference } from "../model.js";
import type { Imports } from "./imports.js";
import type { Program } from "./program.js";

/** Finds the import by which generated code can name a type: from the contract itself, its own file, or a package. */
export class References {
  readonly #imports: Imports;
  readonly #checker: ts.TypeChecker;
  readonly #program: ts.Program;
  readonly #input: ts.SourceFile;
  readonly #exports = new Map<ts.Symbol, ReadonlyMap<ts.Symbol, string>>();
  #packages: ReadonlyMap<string, ts.Symbol> | undefined;
  /** By file; empty for one that cannot be imported. */
  readonly #specifiers = new Map<ts.SourceFile, string>();

  constructor({ checker, program, imports }: Program, input: ts.SourceFile) {
    this.#imports = imports;
    this.#checker = checker;
    this.#program = program;
    this.#input = input;
  }

  /** `undefined` when nothing exports the type: then it has to be written out. */
  find(symbol: ts.Symbol): TypeReference | undefined {
    const file = symbol.declarations?.[0]?.getSourceFile();
    if (file === undefined) return undefined;
    const here = this.#nameIn(this.#moduleOf(this.#input), symbol);
    if (here !== undefined) return { from: { file: this.#input.fileName }, name: here };
    if (!this.#program.isSourceFileFromExternalLibrary(file) && !file.fileName.includes("/node_modules/")) {
      const name = this.#nameIn(this.#moduleOf(file), symbol);
      return name === undefined ? undefined : { from: { file: file.fileName }, name };
    }
    for (const [specifier, module] of this.#importedPackages()) {
      const name = this.#nameIn(module, symbol);
      if (name !== undefined) return { from: { package: specifier }, name };
    }
    const specifier = this.#specifierOf(file);
    const name = specifier === undefined ? undefined : this.#nameIn(this.#moduleOf(file), symbol);
    return specifier === undefined || name === undefined ? undefined : { from: { package: specifier }, name };
  }

  /** How a file of a package can be imported, if its package lets it. */
  #specifierOf(file: ts.SourceFile): string | undefined {
    const known = this.#specifiers.get(file);
    if (known !== undefined) return known === "" ? undefined : known;
    const [, name = "", path = ""] = /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\/(.+)$/.exec(file.fileName) ?? [];
    const script = path.replace(/(?:\.d)?\.([cm]?)tsx?$/, ".$1js");
    const found = [name, `${name}/${script}`].find((specifier) => {
      const { resolvedModule } = ts.resolveModuleName(
        specifier,
        this.#input.fileName,
        this.#program.getCompilerOptions(),
        ts.sys,
      );
      return resolvedModule?.resolvedFileName === file.fileName;
    });
    this.#specifiers.set(file, found ?? "");
    return found;
  }

  /** The name, qualified where a namespace holds the type. */
  #nameIn(module: ts.Symbol | undefined, symbol: ts.Symbol): string | undefined {
    if (module === undefined) return undefined;
    const direct = this.#exportsOf(module).get(symbol);
    if (direct !== undefined) return direct;
    const parent = namespaceOf(symbol);
    if (parent === undefined || parent.exports?.get(symbol.escapedName) !== symbol || !isIdentifier(symbol.name))
      return undefined;
    const outer = this.#nameIn(module, parent);
    return outer === undefined ? undefined : `${outer}.${symbol.name}`;
  }

  #exportsOf(module: ts.Symbol): ReadonlyMap<ts.Symbol, string> {
    let names = this.#exports.get(module);
    if (names === undefined) {
      const found = new Map<ts.Symbol, string>();
      for (const exported of this.#checker.getExportsOfModule(module)) {
        const target = this.#follow(exported);
        // Of several names for one type the first in the alphabet, but any before `default`.
        const known = found.get(target);
        const { name } = exported;
        if (!isIdentifier(name)) continue;
        if (known === undefined || known === "default" || (name !== "default" && name < known)) found.set(target, name);
      }
      names = found;
      this.#exports.set(module, names);
    }
    return names;
  }

  #follow(symbol: ts.Symbol): ts.Symbol {
    return (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : this.#checker.getAliasedSymbol(symbol);
  }

  #moduleOf(file: ts.SourceFile): ts.Symbol | undefined {
    return this.#checker.getSymbolAtLocation(file);
  }

  /** Every package that the input imports from, or another file of the user's that it comes to, by specifier. */
  #importedPackages(): ReadonlyMap<string, ts.Symbol> {
    if (this.#packages === undefined) {
      const found = new Map<string, ts.Symbol>();
      const reachable = this.#imports.reachable(this.#input.fileName);
      for (const file of this.#program.getSourceFiles()) {
        if (file.fileName.includes("/node_modules/") || !reachable.has(file.fileName)) continue;
        for (const statement of file.statements) {
          if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) continue;
          const specifier = statement.moduleSpecifier;
          if (specifier === undefined || !ts.isStringLiteral(specifier) || /^[./]/.test(specifier.text)) continue;
          const module = this.#checker.getSymbolAtLocation(specifier);
          if (module !== undefined) found.set(specifier.text, module);
        }
      }
      this.#packages = new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
    }
    return this.#packages;
  }
}

/** Members of enums, and exports, may be called by any text. */
function isIdentifier(name: string): boolean {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u.test(name);
}

/** The namespace a symbol is declared in; none for a file's own declarations. */
function namespaceOf(symbol: ts.Symbol): ts.Symbol | undefined {
  const parent = (symbol as ts.Symbol & { parent?: ts.Symbol }).parent;
  if (parent === undefined || (parent.flags & ts.SymbolFlags.Namespace) === 0) return undefined;
  return parent.declarations?.some(ts.isSourceFile) === true ? undefined : parent;
}
