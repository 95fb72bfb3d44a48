import { children, type NamedModel, type TypeModel } from "../model.js";
import { type Names, pascal } from "./names.js";

/** One base name per named type: `Order` gives `isOrder`, `OrderShape` and `OrderSchema`. */
export class TypeNames {
  /** Every type with a name, in the order in which the methods need them. */
  readonly all: ReadonlySet<NamedModel>;
  readonly #names: Names;
  readonly #bases = new Map<NamedModel, string>();
  readonly #ambiguous = new Set<string>();

  constructor(names: Names, roots: readonly TypeModel[]) {
    this.#names = names;
    const owners = new Map<string, NamedModel>();
    this.all = namedTypes(roots);
    for (const type of this.all) {
      const base = pascal(type.name);
      if ((owners.get(base) ?? type) !== type) this.#ambiguous.add(base);
      owners.set(base, type);
    }
  }

  of(type: NamedModel): string {
    let base = this.#bases.get(type);
    if (base === undefined) {
      // Two types of one name each carry the name of their file: `OrderFromBilling`, `OrderFromShop`.
      const plain = pascal(type.name);
      const qualified = `${plain}From${pascal(type.origin)}`;
      base = this.#free(this.#ambiguous.has(plain) ? [qualified] : [plain, qualified]);
      this.#bases.set(type, base);
    }
    return base;
  }

  /** A check for an anonymous type, named after where it stands. */
  anonymous(wish: string): string {
    return this.#names.take(`is${wish}`);
  }

  /** For a constant of no type. */
  free(wish: string): string {
    return this.#names.take(wish);
  }

  #free(wishes: readonly string[]): string {
    const check = this.#names.take(...wishes.map((wish) => `is${wish}`));
    const base = check.slice(2);
    const others = [`${base}Shape`, `${base}Schema`];
    return others.every((name) => this.#names.take(name) === name) ? base : this.#free(wishes.map((wish) => `${wish}Type`));
  }
}

function namedTypes(roots: readonly TypeModel[]): ReadonlySet<NamedModel> {
  const seen = new Set<TypeModel>();
  const pending = [...roots].reverse();
  for (let type = pending.pop(); type !== undefined; type = pending.pop()) {
    if (seen.has(type)) continue;
    seen.add(type);
    pending.push(...[...children(type)].reverse());
  }
  return new Set([...seen].filter((type): type is NamedModel => type.kind === "named"));
}
