import { group } from "./layout.js";
import { camel } from "./names.js";
import type { TypeNames } from "./type-names.js";

/** Prints what checks refer to and is made once, when the file is loaded. */
export class ConstantPrinter {
  readonly #names: TypeNames;
  readonly #patterns = new Map<string, string>();
  readonly #constants: string[] = [];

  constructor(names: TypeNames) {
    this.#names = names;
  }

  get all(): readonly string[] {
    return this.#constants;
  }

  /** The name of a regular expression. */
  pattern(source: string): string {
    let name = this.#patterns.get(source);
    if (name === undefined) {
      name = this.#names.free(`pattern${this.#patterns.size + 1}`);
      this.#patterns.set(source, name);
      this.#constants.push(`const ${name} = /*@__PURE__*/ new RegExp(${JSON.stringify(source)}, "u");`);
    }
    return name;
  }

  /** The name of a set of these expressions. */
  set(wish: string, member: "string" | "unknown", members: readonly string[]): string {
    return this.#add(wish, `ReadonlySet<${member}>`, group("/*@__PURE__*/ new Set([", members, "])"));
  }

  /** The name of a map of these pairs of expressions; the values are checks. */
  checksBy(wish: string, deep: boolean, entries: readonly string[]): string {
    const check = deep ? "(v: unknown, depth: number) => boolean" : "(v: unknown) => boolean";
    return this.#add(wish, `ReadonlyMap<unknown, ${check}>`, group("/*@__PURE__*/ new Map([", entries, "])"));
  }

  #add(wish: string, type: string, value: string): string {
    const name = this.#names.free(camel(wish));
    this.#constants.push(`const ${name}: ${type} = ${value};`);
    return name;
  }
}
