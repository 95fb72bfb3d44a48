import { ts } from "ts-morph";
import type { LiteralValue, TypeText } from "../model.js";
import {
  allowsUndefined,
  annotationOf,
  armsOf,
  declaredAs,
  definedArms,
  has,
  isUnresolved,
  literalValue,
  typeArguments,
} from "./anatomy.js";
import type { Bindings } from "./bindings.js";
import type { Findings, Site } from "./findings.js";
import { isNever } from "./intersection.js";
import { isLibrary, isMapName, isSetName } from "./library.js";
import type { Program } from "./program.js";
import { textOf } from "./reading.js";
import type { References } from "./references.js";

const { TypeFlags, SymbolFlags } = ts;
/** Longer types than this are reached through the contract. */
const longText = 240;
const identifier = /^[A-Za-z_$][\w$]*$/;

/** Only its name can express this type, and nothing exports that. */
class Unnameable extends Error {
  readonly type: ts.Type;

  constructor(type: ts.Type) {
    super("a type without a name");
    this.type = type;
  }
}

/** Writes types for signatures: by their exported name where there is one, by their structure where not. */
export class TypeTextReader {
  readonly #checker: ts.TypeChecker;
  readonly #program: ts.Program;
  readonly #references: References;
  readonly #findings: Findings;
  readonly #bindings: Bindings;
  readonly #open: ts.Type[] = [];

  constructor({ checker, program }: Program, references: References, findings: Findings, bindings: Bindings) {
    this.#bindings = bindings;
    this.#checker = checker;
    this.#program = program;
    this.#references = references;
    this.#findings = findings;
  }

  /**
   * What `write` writes, or `path`: how to get at the type through the contract itself. That is shorter for a large type
   * without a name, and the only way for one that only its name can express.
   */
  along(path: TypeText | undefined, site: Site, write: () => TypeText): TypeText {
    try {
      const text = write();
      return path === undefined || flat(text).length <= longText ? text : path;
    } catch (error) {
      this.#open.length = 0;
      if (!(error instanceof Unnameable)) throw error;
      if (path !== undefined) return path;
      const name = textOf({ checker: this.#checker }, error.type);
      this.#findings.error("FC1215", site, `generated code can only use ${name} by its name`, "export it");
      return ["never"];
    }
  }

  read(given: ts.Type, site: Site): TypeText {
    const type = this.#bindings.resolve(given);
    const name = this.#named(type, site);
    if (name !== undefined) return name;
    const literal = literalValue(type);
    // No text is of an enum of texts: a member has to be named, or reached through the contract.
    if (typeof literal === "string" && has(type, TypeFlags.EnumLiteral)) return this.#member(type);
    if (literal !== undefined) return [literalText(literal)];
    if (has(type, TypeFlags.Void | TypeFlags.Undefined)) return [has(type, TypeFlags.Void) ? "void" : "undefined"];
    if (has(type, TypeFlags.Boolean)) return ["boolean"];
    if (has(type, TypeFlags.EnumLike) && (type.symbol.flags & SymbolFlags.Enum) !== 0 && type.isUnion())
      return this.#union(type.types, site);
    if (type.isUnion()) return this.#union(originOf(type)?.types ?? type.types, site);
    if (type.isIntersection() && !type.types.every((part) => has(part, TypeFlags.Object))) return this.#branded(type, site);
    if (has(type, TypeFlags.Object) || type.isIntersection()) {
      if (this.#open.includes(type)) {
        throw new Unnameable(type);
      }
      this.#open.push(type);
      const text = this.#object(type, site);
      this.#open.pop();
      return text;
    }
    // The primitives are written as the compiler writes them; what is refused is never printed.
    return isUnresolved(type) ? ["never"] : [this.#checker.typeToString(type)];
  }

  /** A primitive and what the compiler is told to tell it apart by; a brand by a unique symbol has only its name. */
  #branded(type: ts.IntersectionType, site: Site): TypeText {
    const parts = type.types.map((part): TypeText => {
      const properties = this.#checker.getPropertiesOfType(part);
      if (!has(part, TypeFlags.Object) || part.symbol.name !== "__type") return this.read(part, site);
      if (properties.length === 0) return ["{}"];
      if (properties.some((property) => property.name.startsWith("__@"))) {
        throw new Unnameable(type);
      }
      const texts = properties.map((property): TypeText => {
        const text = this.read(this.#checker.getTypeOfSymbolAtLocation(property, site.node), site);
        const optional = (property.flags & SymbolFlags.Optional) !== 0 ? "?" : "";
        return [`${isReadonly(property) ? "readonly " : ""}${propertyName(property)}${optional}: `, ...text];
      });
      return ["{ ", ...separated(texts, "; "), " }"];
    });
    return separated(parts, " & ");
  }

  /** Leaving out `undefined`, as the annotation of an optional parameter or property does. */
  readDefined(given: ts.Type, annotation: ts.TypeNode | undefined, site: Site): TypeText {
    const type = this.#bindings.resolve(given);
    const arms = definedArms(type);
    const written = declaredAs(this.#checker, annotation, arms);
    if (written !== undefined) return this.read(written, site);
    if (arms.length === 0) return ["undefined"];
    return arms.length === armsOf(type).length ? this.read(type, site) : this.#union(arms, site);
  }

  /** As written, `undefined` included. */
  readWritten(type: ts.Type, annotation: ts.TypeNode | undefined, site: Site): TypeText {
    const written = declaredAs(this.#checker, annotation, armsOf(type));
    return this.read(written ?? type, site);
  }

  #named(type: ts.Type, site: Site): TypeText | undefined {
    const alias = type.aliasSymbol;
    if (alias !== undefined) {
      const reference = isLibrary(this.#program, alias) ? alias.name : this.#references.find(alias);
      if (reference !== undefined) return [reference, ...this.#arguments(type.aliasTypeArguments ?? [], site)];
    }
    const symbol = type.symbol as ts.Symbol | undefined;
    if (symbol === undefined || this.#checker.isArrayType(type) || this.#checker.isTupleType(type)) return undefined;
    const kinds = SymbolFlags.Interface | SymbolFlags.Enum | SymbolFlags.EnumMember;
    if ((symbol.flags & kinds) === 0 || !has(type, TypeFlags.Object | TypeFlags.EnumLike)) return undefined;
    if (isLibrary(this.#program, symbol)) {
      // Typed arrays have a parameter too, but not with every version of TypeScript.
      const generic = isMapName(symbol.name) || isSetName(symbol.name);
      return [symbol.name, ...this.#arguments(generic ? typeArguments(this.#checker, type) : [], site)];
    }
    const reference = this.#references.find(symbol);
    if (reference === undefined) return undefined;
    const declared = (type as ts.TypeReference).target as ts.InterfaceType | undefined;
    const args = typeArguments(this.#checker, type).slice(0, declared?.typeParameters?.length ?? 0);
    return [reference, ...this.#arguments(args, site)];
  }

  /** A member of an enum that no dot leads to: `(typeof Unit)["kg/m"]`. */
  #member(type: ts.Type): TypeText {
    const member = type.symbol as ts.Symbol & { readonly parent?: ts.Symbol };
    const reference = member.parent && this.#references.find(member.parent);
    if (reference === undefined) throw new Unnameable(type);
    return ["(typeof ", reference, `)[${JSON.stringify(member.name)}]`];
  }

  #arguments(types: readonly ts.Type[], site: Site): TypeText {
    if (types.length === 0) return [];
    return [
      "<",
      ...separated(
        types.map((type) => this.read(type, site)),
        ", ",
      ),
      ">",
    ];
  }

  #union(types: readonly ts.Type[], site: Site): TypeText {
    const isBoolean = (type: ts.Type): boolean => has(type, TypeFlags.BooleanLiteral);
    const bothBooleans = types.filter(isBoolean).length === 2;
    const arms = this.#wholeEnums(types)
      .filter((type) => !(bothBooleans && isBoolean(type)) && !isNever(this.#checker, type))
      .map((type) => ({ text: this.read(type, site), last: has(type, TypeFlags.Null | TypeFlags.Undefined | TypeFlags.Void) }));
    if (bothBooleans) arms.push({ text: ["boolean"], last: false });
    // The compiler's order depends on what else it has read.
    const key = (arm: (typeof arms)[number]): string => (arm.last ? "1" : "0") + flat(arm.text);
    arms.sort((a, b) => (key(a) < key(b) ? -1 : 1));
    return separated(
      arms.map((arm) => arm.text),
      " | ",
    );
  }

  /** All members of one enum are the enum: adding `| undefined` makes the compiler forget that. */
  #wholeEnums(types: readonly ts.Type[]): readonly ts.Type[] {
    const whole = types.map((type) => {
      const member =
        has(type, TypeFlags.EnumLiteral) && !type.isUnion() ? (type.symbol as ts.Symbol & { parent?: ts.Symbol }) : undefined;
      if (member?.parent === undefined || (member.flags & SymbolFlags.EnumMember) === 0) return type;
      const declared = this.#checker.getDeclaredTypeOfSymbol(member.parent);
      const exported = this.#references.find(member.parent) !== undefined;
      return exported && armsOf(declared).every((arm) => types.includes(arm)) ? declared : type;
    });
    return [...new Set(whole)];
  }

  #object(type: ts.Type, site: Site): TypeText {
    if (this.#checker.isTupleType(type)) return this.#tuple(type as ts.TupleTypeReference, site);
    if (this.#checker.isArrayType(type)) {
      const [element] = typeArguments(this.#checker, type);
      const text = element === undefined ? ["never"] : this.read(element, site);
      return [type.symbol.name === "ReadonlyArray" ? "readonly " : "", ...bracketed(element, text), "[]"].filter(
        (part) => part !== "",
      );
    }
    const [index] = this.#checker.getIndexInfosOfType(type);
    const named = this.#checker.getPropertiesOfType(type).filter((property) => !property.name.startsWith("__@"));
    const open: TypeText = index === undefined ? [] : this.read(index.type, site);
    const keys = index === undefined ? "" : this.#checker.typeToString(index.keyType);
    if (index !== undefined && named.length === 0) return ["Record<", keys, ", ", ...open, ">"];
    const properties = named.map((property): TypeText => {
      const propertyType = this.#checker.getTypeOfSymbolAtLocation(property, site.node);
      const optional = (property.flags & SymbolFlags.Optional) !== 0;
      const annotation = annotationOf(property.valueDeclaration);
      const name = propertyName(property);
      const value = optional
        ? this.readDefined(propertyType, annotation, site)
        : this.readWritten(propertyType, annotation, site);
      return [
        `${name}${optional ? "?" : ""}: `,
        ...value,
        ...(optional && flat(value) !== "undefined" && allowsUndefined(propertyType) ? [" | undefined"] : []),
      ];
    });
    if (index !== undefined) properties.push([`[key: ${keys}]: `, ...open]);
    return properties.length === 0 ? ["{}"] : ["{ ", ...separated(properties, "; "), " }"];
  }

  #tuple(type: ts.TupleTypeReference, site: Site): TypeText {
    const { elementFlags, labeledElementDeclarations, readonly } = type.target;
    const labelled = labeledElementDeclarations?.every((declaration) => declaration !== undefined) === true;
    const elements = typeArguments(this.#checker, type).map((element, index): TypeText => {
      const flags = elementFlags[index] ?? ts.ElementFlags.Required;
      const optional = (flags & ts.ElementFlags.Optional) !== 0;
      const rest = (flags & ts.ElementFlags.Rest) !== 0;
      const text = optional ? this.readDefined(element, undefined, site) : this.read(element, site);
      const name = labeledElementDeclarations?.[index]?.name;
      const dots = rest ? "..." : "";
      if (labelled && name !== undefined)
        return [`${dots}${name.getText()}${optional ? "?" : ""}: `, ...(rest ? [...bracketed(element, text), "[]"] : text)];
      const wrapped = text.length > 1 || flat(text).includes(" ") ? ["(", ...text, ")"] : text;
      return [dots, ...(rest || optional ? wrapped : text), rest ? "[]" : optional ? "?" : ""].filter((part) => part !== "");
    });
    return [readonly ? "readonly [" : "[", ...separated(elements, ", "), "]"];
  }
}

/** As the element of a list: `(A | B)[]`, `(A & B)[]`, `(readonly A[])[]`. */
function bracketed(element: ts.Type | undefined, text: TypeText): TypeText {
  const isUnion = element?.isUnion() === true && text.length + flat(text).split(" | ").length > 2;
  if (flat(text).startsWith("readonly ")) return ["(", ...text, ")"];
  return isUnion || (element?.isIntersection() === true && flat(text).includes(" & ")) ? ["(", ...text, ")"] : text;
}

function propertyName(property: ts.Symbol): string {
  const name = ts.unescapeLeadingUnderscores(property.escapedName);
  return identifier.test(name) ? name : JSON.stringify(name);
}

function isReadonly(property: ts.Symbol): boolean {
  const declaration = property.valueDeclaration;
  return declaration !== undefined && (ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Readonly) !== 0;
}

function literalText(literal: LiteralValue): string {
  if (typeof literal === "bigint") return `${literal}n`;
  // Infinity has no literal but one that is too large.
  return typeof literal === "number" ? String(literal).replace("Infinity", "1e999") : JSON.stringify(literal);
}

/** `A | B | null` remembers that `A | B` had a name; the compiler keeps that for its own messages. */
function originOf(type: ts.UnionType): ts.UnionType | undefined {
  const { origin } = type as ts.UnionType & { origin?: ts.Type };
  return origin?.isUnion() === true ? origin : undefined;
}

function separated(texts: readonly TypeText[], separator: string): TypeText {
  return texts.flatMap((text, index) => (index === 0 ? text : [separator, ...text]));
}

function flat(text: TypeText): string {
  return text.map((part) => (typeof part === "string" ? part : part.name)).join("");
}
