import { basename } from "node:path";
import { ts } from "ts-morph";
import { type NamedModel, type PropertyModel, resolve, type TupleElementModel, type TypeModel } from "../model.js";
import {
  allowsUndefined,
  annotationOf,
  armsOf,
  declaredAs,
  definedArms,
  definitionNode,
  elementNode,
  enumValues,
  has,
  isUnresolved,
  literalValue,
  typeArguments,
} from "./anatomy.js";
import type { Findings, Site } from "./findings.js";
import { isLibrary, isMapName, isSetName, isStreamName, isTypedArrayName, libraryHint } from "./library.js";
import type { Program } from "./program.js";
import { checkTags, refuseDetachedDoc } from "./tags.js";
import { TypeNaming } from "./type-naming.js";
import { UnionReader } from "./union.js";
import { reportUnresolved } from "./unresolved.js";

const { TypeFlags, SymbolFlags, ObjectFlags } = ts;

/** Stands in for a type that was refused; nothing is printed then. */
const refused: TypeModel = { kind: "undefined" };
/** A generic type that contains ever larger instantiations of itself is stopped here. */
const maxInstantiations = 20;

/** Turns the compiler's types into models. A whitelist: what is not recognised is refused by code. */
export class TypeReader {
  readonly #checker: ts.TypeChecker;
  readonly #program: ts.Program;
  readonly #findings: Findings;
  readonly #unions: UnionReader;
  readonly #naming: TypeNaming;
  readonly #named = new Map<ts.Type, NamedModel>();
  /** Keys of maps and members of sets, judged when everything is read. */
  readonly #keys: { readonly type: TypeModel; readonly name: string; readonly site: Site }[] = [];
  /** How many instantiations of a type are being read inside one another. */
  readonly #open = new Map<ts.Symbol, number>();

  constructor(loaded: Program, findings: Findings) {
    const { checker, program } = loaded;
    this.#naming = new TypeNaming(loaded);
    this.#checker = checker;
    this.#program = program;
    this.#findings = findings;
    this.#unions = new UnionReader(checker, findings, (type, site) => this.read(type, site));
  }

  /** To be called once after everything has been read: what can only be judged on finished models. */
  finish(): void {
    this.#unions.finish();
    for (const { type, name, site } of this.#keys) {
      if (isPrimitive(type)) continue;
      this.#findings.error(
        "FC1220",
        site,
        `${name} compares objects by identity, and no object arrives as the one that was sent`,
        `use primitive ${isSetName(name) ? "members" : "keys"}, or an array`,
      );
    }
  }

  read(type: ts.Type, site: Site): TypeModel {
    const known = this.#named.get(type);
    if (known !== undefined) return known;
    const symbol = this.#naming.symbolOf(type);
    if (symbol === undefined) return this.#structure(type, site);
    const instantiations = this.#open.get(symbol) ?? 0;
    if (instantiations >= maxInstantiations)
      return this.#refuse("FC1217", site, "this type contains ever larger types of its own kind", "end the nesting");
    const file = symbol.declarations?.[0]?.getSourceFile().fileName ?? "";
    const model: NamedModel = {
      kind: "named",
      name: this.#naming.nameOf(type, symbol),
      origin: basename(file).replace(/(\.d)?\.[cm]?tsx?$/, ""),
      definition: refused,
    };
    this.#named.set(type, model);
    const node = definitionNode(symbol);
    // An alias of something that is refused as a whole is refused where it is used.
    const inside =
      node !== undefined && (ts.isInterfaceDeclaration(node) || ts.isTypeLiteralNode(node) || ts.isUnionTypeNode(node));
    this.#open.set(symbol, instantiations + 1);
    model.definition = this.#structure(type, inside ? { node, path: site.path } : site);
    this.#open.set(symbol, instantiations);
    return model;
  }

  /** Like `read`, leaving out `undefined`; `annotation` is how the type was written. */
  readDefined(type: ts.Type, annotation: ts.TypeNode | undefined, site: Site): TypeModel {
    const arms = definedArms(type);
    if (arms.length === armsOf(type).length) return this.read(declaredAs(this.#checker, annotation, arms) ?? type, site);
    const written = declaredAs(this.#checker, annotation, arms);
    if (written !== undefined) return this.read(written, site);
    const [only] = arms;
    if (only !== undefined && arms.length === 1) return this.read(only, site);
    return this.#unions.read(arms, site);
  }

  #refuse(code: Parameters<Findings["error"]>[0], site: Site, message: string, hint?: string): TypeModel {
    this.#findings.error(code, site, message, hint);
    return refused;
  }

  #structure(type: ts.Type, site: Site): TypeModel {
    if (has(type, TypeFlags.Any)) return this.#refuseAny(type, site);
    if (has(type, TypeFlags.Unknown)) {
      return this.#refuse(
        "FC1205",
        site,
        "unknown allows anything, so nothing can be checked",
        "name the type, or a union of the possible types",
      );
    }
    if (has(type, TypeFlags.NonPrimitive))
      return this.#refuse("FC1205", site, "object allows anything", "name the properties in an interface");
    if (has(type, TypeFlags.Never))
      return this.#refuse("FC1214", site, "never has no values", "use Promise<void> for no result, or leave the property out");
    if (has(type, TypeFlags.Boolean)) return { kind: "boolean" };
    const symbol = type.symbol as ts.Symbol | undefined;
    if (has(type, TypeFlags.EnumLike) && symbol !== undefined && (symbol.flags & SymbolFlags.Enum) !== 0)
      return this.#enum(symbol, site);
    if (has(type, TypeFlags.String)) return { kind: "string" };
    if (has(type, TypeFlags.Number)) return { kind: "number" };
    if (has(type, TypeFlags.BigInt)) return { kind: "bigint" };
    if (has(type, TypeFlags.Null)) return { kind: "null" };
    if (has(type, TypeFlags.Undefined | TypeFlags.Void)) return { kind: "undefined" };
    const literal = literalValue(type);
    if (literal !== undefined) return { kind: "literal", values: [literal] };
    if (has(type, TypeFlags.EnumLike) && !type.isUnion() && symbol !== undefined) return this.#refuseComputed(symbol, site);
    if (has(type, TypeFlags.ESSymbolLike))
      return this.#refuse("FC1203", site, "a symbol exists in one process only", "use a string");
    if (has(type, TypeFlags.TemplateLiteral | TypeFlags.StringMapping)) {
      return this.#refuse(
        "FC1206",
        site,
        "template literal types are not supported yet",
        "use string, or a union of the possible literals",
      );
    }
    if (type.isUnion()) return this.#unions.read(type.types, site);
    if (type.isIntersection()) return this.#intersection(type, site);
    if (has(type, TypeFlags.Object)) return this.#object(type as ts.ObjectType, site);
    return this.#refuse("FC1210", site, `${this.#text(type)} is not known until it is used`, "write the type out for each case");
  }

  #refuseAny(type: ts.Type, site: Site): TypeModel {
    if (!isUnresolved(type)) {
      return this.#refuse(
        "FC1205",
        site,
        "any allows anything, so nothing can be checked",
        "name the type, or a union of the possible types",
      );
    }
    const { node } = site;
    const builtIn = ts.isTypeReferenceNode(node) && ts.isIdentifier(node.typeName) ? node.typeName.text : "";
    if (libraryHint(builtIn) !== libraryHint("")) return this.#refuseBuiltIn(builtIn, site);
    reportUnresolved({ checker: this.#checker, program: this.#program }, site, this.#findings);
    return refused;
  }

  #refuseBuiltIn(name: string, site: Site): TypeModel {
    return this.#refuse("FC1204", site, `${name} cannot travel`, libraryHint(name));
  }

  #enum(symbol: ts.Symbol, site: Site): TypeModel {
    const values = enumValues(this.#checker, symbol);
    return values.every((value) => value !== undefined) ? { kind: "literal", values } : this.#refuseComputed(symbol, site);
  }

  #refuseComputed(symbol: ts.Symbol, site: Site): TypeModel {
    return this.#refuse(
      "FC1218",
      site,
      `${symbol.name} has a computed value, known at run time only`,
      "give every member of the enum a constant value",
    );
  }

  #intersection(type: ts.IntersectionType, site: Site): TypeModel {
    const flat = type.types.every((part) => has(part, TypeFlags.Object) && this.#isPlain(part));
    if (flat) return this.#properties(type, site);
    return this.#refuse(
      "FC1207",
      site,
      `${this.#text(type)} is not a plain object`,
      "intersect object types only; brands on primitives are not supported yet",
    );
  }

  #isPlain(type: ts.Type): boolean {
    const { symbol } = type as { symbol?: ts.Symbol };
    return (
      !this.#checker.isArrayType(type) &&
      !this.#checker.isTupleType(type) &&
      !(isLibrary(this.#program, symbol) && (symbol.flags & SymbolFlags.Interface) !== 0) &&
      (symbol === undefined || (symbol.flags & SymbolFlags.Class) === 0) &&
      type.getCallSignatures().length === 0
    );
  }

  #object(type: ts.ObjectType, site: Site): TypeModel {
    if (this.#checker.isTupleType(type)) return this.#tuple(type as ts.TupleTypeReference, site);
    if (this.#checker.isArrayType(type)) {
      const [element] = typeArguments(this.#checker, type);
      if (element === undefined) return refused;
      return { kind: "array", element: this.read(element, { node: elementNode(site.node), path: `${site.path ?? ""}[]` }) };
    }
    const symbol = type.symbol as ts.Symbol | undefined;
    if (isLibrary(this.#program, symbol) && (symbol.flags & (SymbolFlags.Interface | SymbolFlags.Class)) !== 0) {
      if (symbol.name === "Date") return { kind: "date" };
      if (symbol.name === "Uint8Array") return { kind: "bytes" };
      if (isTypedArrayName(symbol.name)) return { kind: "typedArray", name: symbol.name };
      if (isMapName(symbol.name) || isSetName(symbol.name)) return this.#collection(type, symbol.name, site);
      if (symbol.name === "Promise" || symbol.name === "PromiseLike" || isStreamName(symbol.name)) {
        return this.#refuse(
          "FC1208",
          site,
          `${symbol.name} cannot be part of data`,
          "return it from the method itself, or take it as a parameter of its own",
        );
      }
      return this.#refuseBuiltIn(symbol.name, site);
    }
    if (symbol !== undefined && (symbol.flags & SymbolFlags.Class) !== 0) {
      return this.#refuse(
        "FC1202",
        site,
        `${symbol.name} is a class: its methods and identity do not travel`,
        "describe its data by an interface",
      );
    }
    if (type.getCallSignatures().length > 0 || type.getConstructSignatures().length > 0) {
      return this.#refuse("FC1201", site, "a function cannot travel", "return data, or an AsyncIterable for what happens later");
    }
    return this.#properties(type, site);
  }

  #collection(type: ts.ObjectType, name: string, site: Site): TypeModel {
    const nodes = ts.isTypeReferenceNode(site.node) ? site.node.typeArguments : undefined;
    const [first, second] = typeArguments(this.#checker, type);
    const at = (index: number, step: string): Site => ({ node: nodes?.[index] ?? site.node, path: `${site.path ?? ""}${step}` });
    if (first === undefined) return refused;
    if (isSetName(name)) {
      const model: TypeModel = { kind: "set", member: this.read(first, at(0, "[member]")) };
      this.#keys.push({ type: model.member, name, site: at(0, "[member]") });
      return model;
    }
    if (second === undefined) return refused;
    const model: TypeModel = { kind: "map", key: this.read(first, at(0, "[key]")), value: this.read(second, at(1, "[value]")) };
    this.#keys.push({ type: model.key, name, site: at(0, "[key]") });
    return model;
  }

  /** Named properties, or a string index signature; both at once would need a check per key. */
  #properties(type: ts.Type, site: Site): TypeModel {
    const indexes = this.#checker.getIndexInfosOfType(type);
    const properties = this.#ordered(type);
    const [index] = indexes;
    if (index !== undefined) {
      if (indexes.length > 1 || !has(index.keyType, TypeFlags.String)) {
        return this.#refuse(
          "FC1212",
          site,
          "only string keys travel",
          "use Record<string, T>, or an array of [key, value] tuples",
        );
      }
      if (properties.length > 0) {
        return this.#refuse(
          "FC1212",
          site,
          "named properties beside an index signature are not supported yet",
          "put the open part into a property of its own",
        );
      }
      const node = index.declaration?.type ?? elementNode(site.node);
      return { kind: "record", value: this.read(index.type, { node, path: `${site.path ?? ""}[key]` }) };
    }
    if (properties.length === 0 && (type.symbol as ts.Symbol | undefined)?.name === "__type" && type.aliasSymbol === undefined) {
      return this.#refuse("FC1205", site, "{} allows anything but null", "name the properties, or use Record<string, T>");
    }
    if (properties.some((property) => isLibrary(this.#program, property))) {
      return this.#refuse(
        "FC1204",
        site,
        `${this.#text(type)} takes members from a built-in type, which cannot travel`,
        "name its properties in an interface of your own",
      );
    }
    const models: PropertyModel[] = [];
    for (const property of properties) {
      const model = this.#property(property, site);
      if (model !== undefined) models.push(model);
    }
    return { kind: "object", properties: models };
  }

  /** In the order of the source. A mapped type has none of its own: what the compiler lists depends on other files. */
  #ordered(type: ts.Type): readonly ts.Symbol[] {
    const properties = [...this.#checker.getPropertiesOfType(type)];
    const mapped = has(type, TypeFlags.Object) && ((type as ts.ObjectType).objectFlags & ObjectFlags.Mapped) !== 0;
    return mapped ? properties.sort((a, b) => (a.name < b.name ? -1 : 1)) : properties;
  }

  #property(property: ts.Symbol, site: Site): PropertyModel | undefined {
    const declaration = property.valueDeclaration ?? property.declarations?.[0];
    // A property of a foreign or built-in declaration is reported where the contract uses it.
    const local = declaration !== undefined && !isLibrary(this.#program, property) ? declaration : undefined;
    const annotation = annotationOf(local);
    const path = `${site.path ?? ""} > ${property.name}`;
    const here: Site = { node: annotation ?? local ?? site.node, path };
    if (property.name.startsWith("__@")) {
      this.#findings.error(
        "FC1211",
        { node: local ?? site.node, path: site.path },
        "a symbol cannot be a key on the wire",
        "use a string key",
      );
      return undefined;
    }
    if (property.escapedName === "___proto__") {
      this.#findings.error("FC1211", here, "__proto__ cannot be a property of data", "rename it");
      return undefined;
    }
    if (local !== undefined && !local.getSourceFile().fileName.includes("/node_modules/")) {
      checkTags(local, "data", path, this.#findings);
      refuseDetachedDoc(local, path, this.#findings);
    }
    if ((property.flags & SymbolFlags.Method) !== 0) {
      this.#findings.error("FC1201", here, "a function cannot travel", "return data, or an AsyncIterable for what happens later");
      return undefined;
    }
    const type = this.#checker.getTypeOfSymbolAtLocation(property, site.node);
    const optional = (property.flags & SymbolFlags.Optional) !== 0 || allowsUndefined(type);
    return {
      name: property.name,
      optional,
      type: optional ? this.#optional(type, annotation, here) : this.readDefined(type, annotation, here),
    };
  }

  #optional(type: ts.Type, annotation: ts.TypeNode | undefined, site: Site): TypeModel {
    return definedArms(type).length === 0 ? { kind: "undefined" } : this.readDefined(type, annotation, site);
  }

  #tuple(type: ts.TupleTypeReference, site: Site): TypeModel {
    const { elementFlags, labeledElementDeclarations } = type.target;
    const elements: TupleElementModel[] = [];
    let rest: TypeModel | undefined;
    const nodes = ts.isTupleTypeNode(site.node) ? site.node.elements : undefined;
    typeArguments(this.#checker, type).forEach((element, index) => {
      const flags = elementFlags[index] ?? ts.ElementFlags.Required;
      const declaration = labeledElementDeclarations?.[index];
      const label = declaration !== undefined && ts.isIdentifier(declaration.name) ? declaration.name.text : undefined;
      const here: Site = { node: nodes?.[index] ?? site.node, path: `${site.path ?? ""}[${label ?? index}]` };
      if (rest !== undefined || (flags & ts.ElementFlags.Variadic) !== 0) {
        this.#findings.error("FC1213", here, "a rest element is supported at the end of a tuple only", "move it to the end");
      } else if ((flags & ts.ElementFlags.Rest) !== 0) {
        rest = this.read(element, here);
      } else {
        const optional = (flags & ts.ElementFlags.Optional) !== 0;
        elements.push({ optional, label, type: optional ? this.#optional(element, undefined, here) : this.read(element, here) });
      }
    });
    return { kind: "tuple", elements, rest };
  }

  #text(type: ts.Type): string {
    const text = this.#checker.typeToString(type);
    return text.length > 60 ? `${text.slice(0, 60)}…` : text;
  }
}

/** Compared by value, here and after the journey. */
function isPrimitive(named: TypeModel): boolean {
  const type = resolve(named);
  switch (type.kind) {
    case "string":
    case "number":
    case "boolean":
    case "bigint":
    case "null":
    case "undefined":
    case "literal":
      return true;
    case "union":
      return type.arms.every(isPrimitive);
    default:
      return false;
  }
}
