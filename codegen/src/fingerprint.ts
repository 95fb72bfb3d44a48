import { createHash } from "node:crypto";
import { type MethodModel, resolve, type ServiceModel, type TypeModel } from "./model.js";
import { findRecursion, type Recursion } from "./recursion.js";

/**
 * Sixteen hex digits over a method's wire shape: call kind, arguments, input, output. Names of types and parameters,
 * comments, order of properties and of union arms, timeouts and repeatability do not count, because two peers that
 * differ only in those exchange the same bytes.
 */
export function fingerprintMethod(method: MethodModel): string {
  const types = method.parameters.map((parameter) => parameter.type);
  const print = canonicalPrinter(findRecursion([...types, method.output.type]));
  const args = method.parameters.flatMap((parameter, index) =>
    index === method.stream ? [] : [print(parameter.type) + (parameter.optional ? "?" : "")],
  );
  const input = method.stream === undefined ? undefined : types[method.stream];
  return digest(`${method.kind}(${args.join()})${input === undefined ? "" : print(input)}:${print(method.output.type)}`);
}

/** Over the wire name and the methods' fingerprints, whatever their order. */
export function fingerprintService(service: ServiceModel, methods: ReadonlyMap<string, string>): string {
  const lines = [...methods].map(([name, fingerprint]) => `${name} ${fingerprint}`).sort();
  return digest([service.wireName, ...lines].join("\n"));
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

/**
 * Types as canonical text. Each type stands as the digest of its own text, so that a type used in many places costs
 * once. Only inside a recursive type is the text written out, with `^n` for "the type n levels up": there a digest
 * would depend on where the reading began.
 */
function canonicalPrinter(recursion: Recursion): (type: TypeModel) => string {
  const closed = new Map<TypeModel, string>();

  const print = (named: TypeModel, above: readonly TypeModel[]): string => {
    const type = resolve(named);
    const at = above.indexOf(type);
    if (at >= 0) return `^${above.length - at}`;
    if (above.some((outer) => recursion.together(outer, type))) return write(type, [...above, type]);
    let text = closed.get(type);
    if (text === undefined) {
      text = write(type, [type]);
      if (text.length > 32) text = `#${digest(text)}`;
      closed.set(type, text);
    }
    return text;
  };

  const write = (type: Exclude<TypeModel, { kind: "named" }>, above: readonly TypeModel[]): string => {
    switch (type.kind) {
      case "literal":
        return type.values.map(canonicalLiteral).sort().join("|");
      case "array":
        return `[${print(type.element, above)}]`;
      case "tuple": {
        const elements = type.elements.map((element) => print(element.type, above) + (element.optional ? "?" : ""));
        if (type.rest !== undefined) elements.push(`...${print(type.rest, above)}`);
        return `(${elements.join()})`;
      }
      case "object": {
        const properties = type.properties.map(
          (property) => `${JSON.stringify(property.name)}${property.optional ? "?" : ""}:${print(property.type, above)}`,
        );
        return `{${properties.sort().join()}}`;
      }
      case "record":
        return `{*:${print(type.value, above)}}`;
      case "union":
        return unionOf(type.arms, above);
      case "variant":
        return unionOf(
          type.arms.map((arm) => arm.type),
          above,
        );
      default:
        return type.kind;
    }
  };

  // A union of unions is one union: `A | B | null` is the same whether or not `A | B` has a name.
  const unionOf = (arms: readonly TypeModel[], above: readonly TypeModel[]): string => {
    const texts = arms.flatMap((arm): string[] => {
      const type = resolve(arm);
      if (type.kind === "literal") return type.values.map(canonicalLiteral);
      if (type.kind === "variant") return type.arms.map((inner) => print(inner.type, above));
      return [print(type, above)];
    });
    return `<${[...new Set(texts)].sort().join("|")}>`;
  };

  return (type) => print(type, []);
}

function canonicalLiteral(value: unknown): string {
  return typeof value === "bigint" ? `${value}n` : JSON.stringify(value);
}
