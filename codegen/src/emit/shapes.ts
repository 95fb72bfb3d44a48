import type { Rules } from "@farcall/protocol";
import { type NamedModel, resolve, type TypeModel } from "../model.js";
import { group, literal, objectLiteral } from "./layout.js";
import type { TypeNames } from "./type-names.js";

/** Prints `t.…` expressions, and one constant per named type before its first use. */
export class ShapePrinter {
  readonly #names: TypeNames;
  readonly #imports: Set<string>;
  readonly #constants: string[] = [];
  readonly #done = new Set<NamedModel>();
  readonly #open = new Set<NamedModel>();

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
    if (this.#done.has(type)) return constant;
    if (this.#open.has(type)) return `t.ref(${JSON.stringify(type.name)}, () => ${constant})`;
    this.#open.add(type);
    const shape = this.print(type.definition, `const ${constant} = /*@__PURE__*/ shape(() => );`.length);
    this.#open.delete(type);
    this.#done.add(type);
    // The compiler cannot infer the type of what refers to itself.
    const annotation = shape.includes("t.ref(") ? ": Shape" : "";
    if (annotation !== "") this.#imports.add("Shape");
    this.#imports.add("shape");
    this.#constants.push(`const ${constant}${annotation} = /*@__PURE__*/ shape(() => ${shape});`);
    return constant;
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
