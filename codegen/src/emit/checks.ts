import { type ParameterModel, resolve, type TypeModel, type VariantModel } from "../model.js";
import type { Recursion } from "../recursion.js";
import { alternatives, conjunction, literalSwitch, negate, propertyOf } from "./conditions.js";
import { ConstantPrinter } from "./constants.js";
import { indent, literal } from "./layout.js";
import { leafConditions, type Needs, ruleConditions } from "./leaves.js";
import { pascal } from "./names.js";
import { isCompound } from "./shapes.js";
import type { TypeNames } from "./type-names.js";

/** The wire's own limit on nesting; a cyclic value sent by mistake ends here instead of overflowing the stack. */
const maxDepth = 64;

/** So many functions are printed while others are; those behind them later, for the sake of the engine's stack. */
const mostOpen = 50;

/** An engine goes through the cases of a switch one by one; of more than so many, a table finds the right one sooner. */
const mostCases = 32;

interface Check {
  readonly name: string;
  /** Whether it counts its nesting. */
  readonly deep: boolean;
}

/** Where a check stands: the expression that holds the value, and how many levels below its function that is. */
interface Place {
  readonly value: string;
  readonly below: number;
  /** Names an anonymous type here. */
  readonly wish: string;
}

/** Prints one boolean function per type, straight-line and without allocation; leaves are written inline. */
export class CheckPrinter {
  readonly #names: TypeNames;
  readonly #recursion: Recursion;
  readonly #imports: Set<string>;
  readonly #checks = new Map<string | TypeModel, Check>();
  readonly #functions: string[] = [];
  readonly #needs: Needs;
  readonly #constants: ConstantPrinter;
  #open = 0;
  readonly #postponed: (() => void)[] = [];

  constructor(names: TypeNames, recursion: Recursion, imports: Set<string>) {
    this.#names = names;
    this.#recursion = recursion;
    this.#imports = imports;
    this.#constants = new ConstantPrinter(names);
    this.#needs = {
      helper: (name) => imports.add(name),
      pattern: (source) => this.#constants.pattern(source),
    };
  }

  /** What the functions refer to. */
  get constants(): readonly string[] {
    return this.#constants.all;
  }

  get functions(): readonly string[] {
    return this.#functions;
  }

  /** A function expression for `schema(shape, is)`. */
  standalone(type: TypeModel, wish: string): string {
    const inline = this.#inline(type, "v");
    if (inline !== undefined) return `(v) => ${inline.join(" || ")}`;
    const check = this.#check(type, wish);
    return check.deep ? `(v) => ${check.name}(v, 0)` : check.name;
  }

  /** The check of a method's arguments. What follows the declared ones comes from a newer caller and is let through. */
  args(parameters: readonly ParameterModel[], wish: string): string {
    const conditions = parameters.map((parameter, index) => {
      const value = `v[${index}]`;
      const place: Place = { value, below: 1, wish: wish + pascal(parameter.name) };
      return this.#optional(parameter.optional, value, this.#condition(parameter.type, place, false));
    });
    const all = conjunction(["Array.isArray(v)", ...conditions]);
    return parameters.length < 2 && all.length < 70
      ? `(v) => ${all}`
      : this.#declare(`${wish}Args`, false, [`return ${all};`]).name;
  }

  #optional(optional: boolean, value: string, condition: string): string {
    // Alternatives come in brackets already, and may allow it themselves.
    return optional && !condition.includes(`${value} === undefined`)
      ? `(${value} === undefined || ${condition.replace(/^\((.*)\)$/, "$1")})`
      : condition;
  }

  /** An expression that is true when the value at `place` fits. `deep` tells whether a depth is at hand to pass on. */
  #condition(type: TypeModel, place: Place, deep: boolean): string {
    const inline = this.#inline(type, place.value);
    if (inline !== undefined) return inline.length > 1 ? `(${inline.join(" || ")})` : (inline[0] ?? "false");
    const check = this.#check(type, place.wish);
    if (!check.deep) return `${check.name}(${place.value})`;
    const depth = !deep ? String(place.below) : place.below === 0 ? "depth" : `depth + ${place.below}`;
    return `${check.name}(${place.value}, ${depth})`;
  }

  #inline(type: TypeModel, value: string): readonly string[] | undefined {
    return leafConditions(type, value, this.#needs);
  }

  #check(type: TypeModel, wish: string): Check {
    const shared = type.kind === "named" ? undefined : this.#shared(type);
    const key = shared?.key ?? type;
    const known = this.#checks.get(key);
    if (known !== undefined) return known;
    const deep = this.#recursion.reachesRecursion(type);
    const name = type.kind === "named" ? `is${this.#names.of(type)}` : this.#names.anonymous(shared?.name ?? wish);
    const check: Check = { name, deep };
    this.#checks.set(key, check);
    // The place in the file is taken before the functions it calls, so that a type stands above its parts.
    const slot = this.#functions.push("") - 1;
    const print = (): void => {
      this.#open++;
      const body = this.#body(resolve(type), type.kind === "named" ? this.#names.of(type) : wish, deep);
      this.#functions[slot] = printFunction(check, body);
      this.#open--;
    };
    if (this.#open >= mostOpen) this.#postponed.push(print);
    else print();
    while (this.#open === 0) {
      const later = this.#postponed.shift();
      if (later === undefined) break;
      later();
    }
    return check;
  }

  #declare(wish: string, deep: boolean, body: readonly string[]): Check {
    const check = { name: this.#names.anonymous(wish), deep };
    this.#functions.push(printFunction(check, body));
    return check;
  }

  /**
   * Arrays and records of something with a name are shared between all places that use them. What they are called says
   * less than what they are: of `StringArray[]` and `string[][]` one is called like the other.
   */
  #shared(type: TypeModel): { readonly key: string; readonly name: string } | undefined {
    if (type.kind === "named") {
      if (!isCompound(type)) return this.#shared(resolve(type));
      const name = this.#names.of(type);
      return { key: `type ${name}`, name };
    }
    if (type.kind === "array" || (type.kind === "record" && type.key === undefined)) {
      const inner = this.#shared(type.kind === "array" ? type.element : type.value);
      return inner && { key: `${type.kind} of ${inner.key}`, name: inner.name + pascal(type.kind) };
    }
    const isLeaf = ["string", "number", "boolean", "bigint", "date", "bytes", "null"].includes(type.kind);
    return isLeaf ? { key: type.kind, name: pascal(type.kind) } : undefined;
  }

  #body(type: ReturnType<typeof resolve>, wish: string, deep: boolean): readonly string[] {
    switch (type.kind) {
      case "array": {
        const element = this.#condition(type.element, { value: "v[i]", below: 1, wish: `${wish}Item` }, deep);
        return [
          "if (!Array.isArray(v)) return false;",
          `for (let i = 0; i < v.length; i++) if (${negate(element)}) return false;`,
          "return true;",
        ];
      }
      case "record": {
        const value = this.#condition(type.value, { value: "v[key]", below: 1, wish: `${wish}Value` }, deep);
        const key = type.key && this.#condition(type.key, { value: "key", below: 1, wish: `${wish}Key` }, deep);
        const wrong = [...(key === undefined ? [] : [key]), value].map(negate).join(" || ");
        return [
          `if (!(${this.#isObject()})) return false;`,
          ownKeysWith(key === undefined ? wrong : `(${wrong})`),
          "return true;",
        ];
      }
      case "map": {
        const key = this.#condition(type.key, { value: "key", below: 1, wish: `${wish}Key` }, deep);
        const value = this.#condition(type.value, { value: "value", below: 1, wish: `${wish}Value` }, deep);
        return [
          "if (!(v instanceof Map)) return false;",
          "for (const [key, value] of v as Map<unknown, unknown>) {",
          indent(`if (${negate(key)} || ${negate(value)}) return false;`),
          "}",
          "return true;",
        ];
      }
      case "set": {
        const member = this.#condition(type.member, { value: "member", below: 1, wish: `${wish}Member` }, deep);
        return [
          "if (!(v instanceof Set)) return false;",
          `for (const member of v as Set<unknown>) if (${negate(member)}) return false;`,
          "return true;",
        ];
      }
      case "object": {
        const conditions = type.properties.map((property) => {
          const value = propertyOf(property.name);
          const place: Place = { value, below: 1, wish: wish + pascal(property.name) };
          return this.#optional(property.optional, value, this.#condition(property.type, place, deep));
        });
        const all = [this.#isObject(), ...conditions];
        if (type.rest === undefined && type.isClosed !== true) return [`return ${conjunction(all)};`];
        const names = type.properties.map((property) => literal(property.name));
        const known = this.#constants.set(`${wish}Names`, "string", names);
        if (type.rest === undefined) {
          this.#imports.add("hasOnly");
          return [`return ${conjunction([...all, `hasOnly(v, ${known})`])};`];
        }
        const rest = this.#condition(type.rest, { value: "v[key]", below: 1, wish: `${wish}Rest` }, deep);
        return [
          `if (${negate(`(${all.join(" && ")})`)}) return false;`,
          ownKeysWith(`!${known}.has(key) && ${negate(rest)}`),
          "return true;",
        ];
      }
      case "where": {
        const of = this.#condition(type.of, { value: "v", below: 0, wish }, deep);
        return [`return ${conjunction([of, ...ruleConditions(type, "v", this.#needs)])};`];
      }
      case "tuple": {
        const conditions = type.elements.map((element, index) => {
          const value = `v[${index}]`;
          const place: Place = { value, below: 1, wish: wish + pascal(element.label ?? `Item${index}`) };
          return this.#optional(element.optional, value, this.#condition(element.type, place, deep));
        });
        const length = type.elements.length;
        if (type.rest === undefined)
          return [`return ${conjunction(["Array.isArray(v)", `v.length <= ${length}`, ...conditions])};`];
        const rest = this.#condition(type.rest, { value: "v[i]", below: 1, wish: `${wish}Rest` }, deep);
        return [
          "if (!Array.isArray(v)) return false;",
          `for (let i = ${length}; i < v.length; i++) if (${negate(rest)}) return false;`,
          `return ${conditions.length === 0 ? "true" : conjunction(conditions)};`,
        ];
      }
      case "union": {
        const arms = type.arms.map((arm, index) =>
          this.#condition(arm, { value: "v", below: 0, wish: `${wish}Arm${index + 1}` }, deep),
        );
        return [`return ${alternatives(arms)};`];
      }
      case "variant":
        return this.#variant(type, wish, deep);
      case "literal":
        return type.values.length <= mostCases
          ? literalSwitch(type.values)
          : [`return ${this.#constants.set(`${wish}Values`, "unknown", type.values.map(literal))}.has(v);`];
      default:
        return [`return ${this.#inline(type, "v")?.join(" || ") ?? "false"};`];
    }
  }

  /**
   * `isObject`, which looks at the prototype, for nearly nothing: here the engine remembers what it has found, and in a
   * helper that all checks share it could not. Nothing that is built in has that constructor, unless somebody forges it.
   */
  #isObject(): string {
    for (const helper of ["isObject", "isObjectLike"]) this.#imports.add(helper);
    return 'isObjectLike(v) && (v["constructor"] === Object || isObject(v))';
  }

  #variant(type: VariantModel, wish: string, deep: boolean): readonly string[] {
    // The checks of the arms ask for all that makes an object.
    const helper = type.arms.every((arm) => resolve(arm.type).kind === "object") ? "isObjectLike" : "isObject";
    this.#imports.add(helper);
    const first = `if (!${helper}(v)) return false;`;
    const arms = type.arms.map(({ values, type: arm }) => ({
      labels: values.map(literal),
      condition: this.#condition(arm, { value: "v", below: 0, wish: wish + pascal(String(values[0])) }, deep),
    }));
    if (arms.flatMap(({ labels }) => labels).length <= mostCases) {
      const cases = arms.flatMap(({ labels, condition }) => [
        ...labels.map((label) => `  case ${label}:`),
        `    return ${condition};`,
      ]);
      return [first, `switch (${propertyOf(type.discriminant)}) {`, ...cases, "  default:", "    return false;", "}"];
    }
    const entries = arms.flatMap(({ labels, condition }) => {
      const check = /^(\w+)\(v(?:, depth)?\)$/.exec(condition)?.[1] ?? `(v) => ${condition}`;
      return labels.map((label) => `[${label}, ${check}]`);
    });
    const table = this.#constants.checksBy(`${wish}Arms`, deep, entries);
    return [
      first,
      `const arm = ${table}.get(${propertyOf(type.discriminant)});`,
      `return arm !== undefined && arm(v${deep ? ", depth" : ""});`,
    ];
  }
}

function printFunction({ name, deep }: Check, body: readonly string[]): string {
  const guard = deep ? [`if (depth > ${maxDepth}) return false;`] : [];
  const lines = [...guard, ...body].map((line) => `${indent(line)}\n`).join("");
  return `function ${name}(v: unknown${deep ? ", depth: number" : ""}): boolean {\n${lines}}`;
}

/** Runs over what `Object.keys` would list, without the list: only a key that breaks a rule is asked whose it is. */
function ownKeysWith(wrong: string): string {
  return `for (const key in v) if (${wrong} && Object.hasOwn(v, key)) return false;`;
}
