import { ts } from "ts-morph";
import { typeArguments } from "./anatomy.js";
import { isLibrary } from "./library.js";
import type { Program } from "./program.js";

const { SymbolFlags } = ts;

/** Decides which types have a name of their own, and what it is. */
export class TypeNaming {
  readonly #checker: ts.TypeChecker;
  readonly #program: ts.Program;

  constructor({ checker, program }: Program) {
    this.#checker = checker;
    this.#program = program;
  }

  /** The symbol that gives a data type its name; built-in types and anonymous ones have none. */
  symbolOf(type: ts.Type): ts.Symbol | undefined {
    if (type.aliasSymbol !== undefined && !isLibrary(this.#program, type.aliasSymbol)) return type.aliasSymbol;
    const symbol = type.symbol as ts.Symbol | undefined;
    if (symbol === undefined || isLibrary(this.#program, symbol)) return undefined;
    if (type.aliasSymbol !== undefined) return undefined;
    const nameable = SymbolFlags.Interface | SymbolFlags.RegularEnum | SymbolFlags.ConstEnum;
    return (symbol.flags & nameable) !== 0 && (symbol.flags & SymbolFlags.Class) === 0 ? symbol : undefined;
  }

  /** `Page<Order>` is called `PageOfOrder`. */
  nameOf(type: ts.Type, symbol: ts.Symbol, depth = 0): string {
    const args = type.aliasSymbol === undefined ? this.#ownArguments(type) : (type.aliasTypeArguments ?? []);
    const names = args.map((arg) => {
      const named = this.symbolOf(arg);
      if (named !== undefined) return depth > 2 ? named.name : this.nameOf(arg, named, depth + 1);
      const text = this.#checker.typeToString(arg);
      return /^\w+$/.test(text) ? text[0]?.toUpperCase() + text.slice(1) : "Value";
    });
    const base = symbol.name === "default" ? "Default" : symbol.name;
    return names.length === 0 ? base : `${base}Of${names.join("And")}`;
  }

  /** A name for a type that has none: that of the property that declares it, or else of the place where it is used. */
  madeUp(type: ts.Type, path: string | undefined): string {
    const declaration = (type.symbol as ts.Symbol | undefined)?.declarations?.[0];
    const owner = declaration !== undefined && ts.isPropertySignature(declaration.parent) ? declaration.parent.name : undefined;
    if (owner !== undefined && (ts.isIdentifier(owner) || ts.isStringLiteral(owner))) return owner.text;
    return path?.split(/[^\w$]+/).findLast((step) => /^[A-Za-z]/.test(step)) ?? "Shared";
  }

  /** Without the implicit `this` argument that references to interfaces carry. */
  #ownArguments(type: ts.Type): readonly ts.Type[] {
    const args = typeArguments(this.#checker, type);
    const declared = (type as ts.TypeReference).target as ts.InterfaceType | undefined;
    return args.slice(0, declared?.typeParameters?.length ?? 0);
  }
}
