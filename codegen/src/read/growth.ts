import { ts } from "ts-morph";
import { typeArguments } from "./anatomy.js";

const { TypeFlags } = ts;

/** So many instantiations inside one another, each larger than the last, or smaller, are no work of people. */
const most = 20;

/**
 * The instantiations of one generic type that are being read inside one another, by their size. In a schema of thousands
 * of types there are hundreds of `Maybe<...>`, large ones in small ones in large ones; in a type that contains ever larger
 * types of its own kind each one is larger than the last.
 */
export type Growth = readonly number[];

/** One more inside the others. */
export function grown(sizes: Growth, size: number): Growth {
  return [...sizes.slice(1 - most), size];
}

export function isEndless(sizes: Growth): boolean {
  const steps = sizes.slice(1).map((size, index) => Math.sign(size - (sizes[index] ?? 0)));
  return sizes.length === most && steps[0] !== 0 && steps.every((step) => step === steps[0]);
}

/** How much there is to a type as it is written: what it is applied to, and what stands in it without a name. */
export class Sizes {
  readonly #checker: ts.TypeChecker;
  readonly #known = new Map<ts.Type, number>();

  constructor(checker: ts.TypeChecker) {
    this.#checker = checker;
  }

  of(type: ts.Type): number {
    const known = this.#known.get(type);
    if (known !== undefined) return known;
    this.#known.set(type, 1);
    const parts = this.#partsOf(type);
    const own = type.isStringLiteral() ? type.value.length : 1;
    const size = parts.reduce((sum, part) => sum + this.of(part), own);
    this.#known.set(type, size);
    return size;
  }

  #partsOf(type: ts.Type): readonly ts.Type[] {
    if (type.aliasTypeArguments !== undefined) return type.aliasTypeArguments;
    if (type.isUnionOrIntersection()) return type.types;
    const isLiteral = (type.flags & TypeFlags.Object) !== 0 && (type.symbol as ts.Symbol | undefined)?.name === "__type";
    if (!isLiteral || type.aliasSymbol !== undefined) return typeArguments(this.#checker, type);
    return this.#checker.getPropertiesOfType(type).map((property) => this.#checker.getTypeOfSymbol(property));
  }
}
