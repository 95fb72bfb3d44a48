import { ts } from "ts-morph";
import { armsOf, has, literalValue, typeArguments } from "./anatomy.js";

const { TypeFlags, ObjectFlags } = ts;

/** What the type parameters of a method stand for while one form of its signature is read. */
export class Bindings {
  readonly #checker: ts.TypeChecker;
  #bound: ReadonlyMap<ts.Type, ts.Type> = new Map();
  /** What types that depend on them have been read as. */
  #memory = new Map<ts.Type, unknown>();

  constructor(checker: ts.TypeChecker) {
    this.#checker = checker;
  }

  during<T>(bound: ReadonlyMap<ts.Type, ts.Type>, read: () => T): T {
    this.#bound = bound;
    this.#memory = new Map();
    try {
      return read();
    } finally {
      this.#bound = new Map();
      this.#memory = new Map();
    }
  }

  /** Where a type may be remembered: for good, unless it depends on what is bound at the moment. */
  memoryOf<V>(type: ts.Type, lasting: Map<ts.Type, V>): Map<ts.Type, V> {
    return this.dependsOn(type) ? (this.#memory as Map<ts.Type, V>) : lasting;
  }

  /** The type itself, or what it stands for: `K` its value, `Events[K]` the type of that property. */
  resolve(type: ts.Type): ts.Type {
    // `NoInfer<T>` is for those who call a generic function.
    if (has(type, TypeFlags.Substitution)) return this.resolve((type as ts.SubstitutionType).baseType);
    if (this.#bound.size === 0) return type;
    const bound = this.#bound.get(type);
    if (bound !== undefined) return bound;
    if (!has(type, TypeFlags.IndexedAccess) || !this.dependsOn(type)) return type;
    const { objectType, indexType } = type as ts.IndexedAccessType;
    const key = literalValue(this.resolve(indexType));
    const property = key === undefined ? undefined : this.#checker.getPropertyOfType(this.resolve(objectType), String(key));
    if (property === undefined) return type;
    return this.resolve(this.#checker.getTypeOfSymbol(property));
  }

  /** Whether some part that is written in it is bound. */
  dependsOn(type: ts.Type): boolean {
    return this.#bound.size > 0 && this.#mentions(type, 0);
  }

  /**
   * Whether a type is computed from what is bound, in a way that only the compiler knows: a mapped or conditional type, an
   * intersection. Such types must not be read, because the compiler would answer for all that they may become.
   */
  isComputed(type: ts.Type): boolean {
    if (this.#bound.size === 0) return false;
    if (type.isIntersection()) return this.dependsOn(type);
    const isMapped = has(type, TypeFlags.Object) && ((type as ts.ObjectType).objectFlags & ObjectFlags.Mapped) !== 0;
    if (!isMapped) return false;
    return type.aliasSymbol === undefined ? isInsideGeneric(type.symbol) : this.dependsOn(type);
  }

  #mentions(type: ts.Type, depth: number): boolean {
    if (this.#bound.has(type)) return true;
    if (depth > 8) return false;
    const parts = [...(type.aliasTypeArguments ?? []), ...typeArguments(this.#checker, type)];
    if (type.isUnionOrIntersection()) parts.push(...armsOf(type), ...type.types);
    if (has(type, TypeFlags.IndexedAccess)) {
      const { objectType, indexType } = type as ts.IndexedAccessType;
      parts.push(objectType, indexType);
    }
    return parts.some((part) => this.#mentions(part, depth + 1));
  }
}

/** Whether something around a declaration has type parameters that it may speak of. */
function isInsideGeneric({ declarations = [] }: ts.Symbol): boolean {
  return declarations.some((declaration) => {
    let node: ts.Node | undefined = declaration.parent as ts.Node | undefined;
    while (node !== undefined && ((node as { typeParameters?: readonly ts.Node[] }).typeParameters ?? []).length === 0)
      node = node.parent as ts.Node | undefined;
    return node !== undefined;
  });
}
