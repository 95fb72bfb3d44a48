import type { Rules } from "@farcall/protocol";
import { type NamedModel, resolve, type TypeModel } from "../model.js";
import { group, literal, objectLiteral } from "./layout.js";
import type { TypeNames } from "./type-names.js";

/** A peer makes what writes and reads a shape in one go, up to the next `t.ref`: as deep as its stack lets it, and ours. */
const maxHeight = 30;

/** Prints `t.…` expressions, and one constant per named type before its first use. */
export class ShapePrinter {
  readonly #names: TypeNames;
  readonly #imports: Set<string>;
  readonly #constants: string[] = [];
  /** How many constants each that is printed holds inside one another. */
  readonly #heights = new Map<NamedModel, number>();
  readonly #open = new Set<NamedModel>();
  readonly #postponed = new Set<NamedModel>();
  /** Of what is being printed, so far. */
  #height = 0;

  constructor(names: TypeNames, imports: Set<string>) {
    this.#names = names;
    this.#imports = imports;
  }

  /** The constants, each after those it is built from; where types are mutually recursive, through `t.ref`. */
  get constants(): readonly string[] {
    return this.#constants;
  }

  /** `reserve` is how much of the first line is spent before the expression. */
  print(type: TypeModel, reserve = 0): string {
    switch (type.kind) {
      case "literal":
        return group("t.literal(", type.values.map(literal), ")", { reserve });
      case "array":
        return `t.array(${this.print(type.element)})`;
      case "record":
        return `t.record(${[type.value, ...(type.key === undefined ? [] : [type.key])].map((part) => this.print(part)).join(", ")})`;
      case "template":
        return `t.template(${[JSON.stringify(type.texts), ...type.holes.map(literal)].join(", ")})`;
      case "where":
        return `t.where(${this.print(type.of)}, ${printRules(type.rules)})`;
      case "map":
        return `t.map(${this.print(type.key)}, ${this.print(type.value)})`;
      case "set":
        return `t.set(${this.print(type.member)})`;
      case "typedArray":
        return `t.typedArray(${literal(type.name)})`;
      case "union":
        return group(
          "t.union(",
          type.arms.map((arm) => this.print(arm)),
          ")",
          { reserve },
        );
      case "tuple": {
        const elements = type.elements.map((element) => this.print(element.type));
        const required = type.elements.filter((element) => !element.optional).length;
        const labels = type.elements.map((element) => element.label);
        return this.tuple(elements, {
          required,
          rest: type.rest === undefined ? undefined : this.print(type.rest),
          labels: labels.every((label) => label !== undefined) ? labels : [],
          reserve,
        });
      }
      case "object": {
        const part = (optional: boolean): string =>
          objectLiteral(
            type.properties.filter((p) => p.optional === optional).map((p) => [p.name, this.print(p.type)] as const),
            reserve + 10,
          );
        const more: [string, string][] = [];
        if (type.rest !== undefined) more.push(["rest", this.print(type.rest)]);
        if (type.isClosed === true) more.push(["isClosed", "true"]);
        const hasOptional = more.length > 0 || type.properties.some((property) => property.optional);
        const parts = [part(false), ...(hasOptional ? [part(true)] : []), ...(more.length > 0 ? [objectLiteral(more)] : [])];
        return parts.length === 1 ? `t.object(${parts.join()})` : group("t.object(", parts, ")", { reserve });
      }
      case "variant": {
        const arms = type.arms.flatMap((arm) => {
          const shape = this.print(arm.type);
          return arm.values.map((value) => `[${literal(value)}, ${shape}]`);
        });
        return `t.variant(${JSON.stringify(type.discriminant)}, ${group("[", arms, "]", { reserve: reserve + 24 })})`;
      }
      case "named":
        return this.#named(type);
      default:
        return `t.${type.kind}`;
    }
  }

  tuple(
    elements: readonly string[],
    options: {
      readonly required: number;
      readonly rest?: string | undefined;
      readonly labels: readonly string[];
      readonly reserve?: number;
    },
  ): string {
    const entries: [string, string][] = [];
    if (options.required < elements.length) entries.push(["required", String(options.required)]);
    if (options.rest !== undefined) entries.push(["rest", options.rest]);
    if (options.labels.length > 0) entries.push(["labels", group("[", options.labels.map(literal), "]")]);
    return group("t.tuple(", [group("[", elements, "]"), ...(entries.length === 0 ? [] : [objectLiteral(entries)])], ")", {
      reserve: options.reserve ?? 0,
    });
  }

  #named(type: NamedModel): string {
    if (!isCompound(type)) return this.print(resolve(type));
    const constant = `${this.#names.of(type)}Shape`;
    const reference = `t.ref(${JSON.stringify(type.name)}, () => ${constant})`;
    const known = this.#heights.get(type);
    if (known === undefined && !this.#open.has(type) && this.#open.size >= maxHeight) this.#postponed.add(type);
    else if (known === undefined && !this.#open.has(type)) this.#define(type, constant);
    const height = this.#heights.get(type);
    if (height === undefined || height >= maxHeight) return reference;
    this.#height = Math.max(this.#height, height);
    return constant;
  }

  #define(type: NamedModel, constant: string): void {
    const outer = this.#height;
    this.#height = 0;
    this.#open.add(type);
    const shape = this.print(type.definition, `const ${constant} = /*@__PURE__*/ shape(() => );`.length);
    this.#open.delete(type);
    this.#heights.set(type, this.#height + 1);
    this.#height = outer;
    // The compiler cannot infer the type of what refers to itself.
    const annotation = shape.includes("t.ref(") ? ": Shape" : "";
    if (annotation !== "") this.#imports.add("Shape");
    this.#imports.add("shape");
    this.#constants.push(`const ${constant}${annotation} = /*@__PURE__*/ shape(() => ${shape});`);
    if (this.#open.size > 0) return;
    for (const later of this.#postponed) {
      this.#postponed.delete(later);
      if (!this.#heights.has(later)) this.#define(later, `${this.#names.of(later)}Shape`);
    }
  }
}

function printRules(rules: Rules): string {
  return objectLiteral(
    Object.entries(rules).map(([name, value]: [string, string | number | bigint | boolean]) => [name, literal(value)] as const),
  );
}

/** Whether a name is worth a constant and a check of its own. */
export function isCompound(type: NamedModel): boolean {
  const { kind } = resolve(type);
  return ["literal", "array", "tuple", "object", "record", "map", "set", "union", "variant", "template"].includes(kind);
}
