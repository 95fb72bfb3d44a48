import { basename } from "node:path";
import { flatten, type ServiceModel, type TypeReference, type TypeText } from "../model.js";

/** What generated code refers to, and what nothing may be called like; nothing in the file is. */
const globals = [
  "Array AsyncIterable Date Infinity Map Object Partial Pick Omit Promise Readonly ReadonlyMap ReadonlySet Record Required",
  "Set Uint8Array contract ArrayBuffer Int8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array",
  "Float32Array Float64Array BigInt64Array BigUint64Array",
  "AbortSignal Awaited Exclude Extract NonNullable Parameters ReturnType",
  "arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally",
  "for function if implements import in instanceof interface let new null package private protected public return static super",
  "switch this throw true try typeof var void while with yield",
  "any bigint boolean never number object string symbol undefined unknown",
  "CallContext CallOptions DeclaredError DeclaredErrorClass declaredError MethodDescriptor ServiceDescriptor Shape RegExp URL hasOnly isAny isDate isFormat isMultipleOf isNumeric isObject",
  "SchemaOf isObjectLike isTemplate isURL isUnique overloaded schema service shape t",
].flatMap((line) => line.split(" "));

/** Hands out names that are free in one generated file. */
export class Names {
  readonly #taken = new Set(globals);

  /** The first free one of the wishes; failing all, the last with a number. */
  take(...wishes: readonly string[]): string {
    let name = wishes.find((wish) => !this.#taken.has(wish));
    for (let n = 2; name === undefined; n++) {
      const numbered = `${wishes.at(-1) ?? "value"}${n}`;
      if (!this.#taken.has(numbered)) name = numbered;
    }
    this.#taken.add(name);
    return name;
  }
}

/** The names that a service exports. They cannot be bent, so a clash is an error. */
export function exportsOf(service: ServiceModel): readonly string[] {
  return flatten(service).flatMap(({ name }) => [name, `${name}Client`, `${name}Handler`]);
}

/** The names of the errors that a service exports; several services may share one. */
export function errorsOf(service: ServiceModel): readonly string[] {
  return flatten(service).flatMap(({ methods }) => methods.flatMap(({ errors }) => errors.map(({ name }) => name)));
}

/** The first export that clashes with another or with a name that generated code needs. */
export function clashingExport(services: readonly ServiceModel[]): { service: ServiceModel; name: string } | undefined {
  const taken = new Set(globals);
  for (const service of services) {
    for (const name of exportsOf(service)) {
      if (taken.has(name)) return { service, name };
      taken.add(name);
    }
  }
  for (const service of services) {
    const clash = errorsOf(service).find((name) => taken.has(name));
    if (clash !== undefined) return { service, name: clash };
  }
  return undefined;
}

/** They are for those who declare without a body, and in no file of code. */
const reserved = new Set("arguments eval implements interface let package private protected public static yield".split(" "));

/** Parameters, called so that they may stand in one list: the contract may be a declaration file, and take things apart. */
export function parameterNames(parameters: readonly { readonly name: string }[]): readonly string[] {
  const taken = new Set<string>();
  return parameters.map(({ name }) => {
    let free = name;
    while (reserved.has(free) || taken.has(free)) free += "_";
    taken.add(free);
    return free;
  });
}

/** `order-line` and `orderLine` become `OrderLine`. */
export function pascal(text: string): string {
  const words = text.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  const name = words.map((word) => (word[0] ?? "").toUpperCase() + word.slice(1)).join("");
  return /^[A-Za-z]/.test(name) ? name : `Type${name}`;
}

export function camel(text: string): string {
  const name = pascal(text);
  return (name[0] ?? "").toLowerCase() + name.slice(1);
}

/** Turns references into qualified names, and remembers which modules they need. */
export class TypeImports {
  readonly #names: Names;
  readonly #contract: string;
  readonly #specifier: (file: string) => string;
  readonly #aliases = new Map<string, string>();

  constructor(names: Names, contract: string, specifier: (file: string) => string) {
    this.#names = names;
    this.#contract = contract;
    this.#specifier = specifier;
  }

  print(text: TypeText): string {
    return text.map((part) => (typeof part === "string" ? part : this.reference(part))).join("");
  }

  reference({ from, name }: TypeReference): string {
    const specifier = "file" in from ? this.#specifier(from.file) : from.package;
    let alias = this.#aliases.get(specifier);
    if (alias === undefined) {
      const isContract = "file" in from && from.file === this.#contract;
      alias = isContract ? "contract" : this.#names.take(...aliasWishes(specifier));
      this.#aliases.set(specifier, alias);
    }
    return `${alias}.${name}`;
  }

  /** The import lines, in the order of their specifiers. */
  get lines(): readonly string[] {
    return [...this.#aliases]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([specifier, alias]) => `import type * as ${alias} from ${JSON.stringify(specifier)};`);
  }
}

/** `../billing/order.js` would like to be `order`, `../billing/index.js` to be `billing`. */
function aliasWishes(specifier: string): readonly string[] {
  const path = specifier.replace(/\.[cm]?js$/, "").replace(/\/index$/, "");
  return [camel(basename(path)), camel(path)];
}
