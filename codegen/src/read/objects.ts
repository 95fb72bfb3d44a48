import { ts } from "ts-morph";
import type { PropertyModel, TypeModel } from "../model.js";
import { allowsUndefined, annotationOf, definedArms, elementNode, has } from "./anatomy.js";
import type { Constraints } from "./constraints.js";
import { refuseDetachedDoc } from "./doc.js";
import type { Site } from "./findings.js";
import { refuseFunction } from "./functions.js";
import { isBrandName } from "./intersection.js";
import { isLibrary } from "./library.js";
import { type Reading, textOf } from "./reading.js";
import { readOpenObject } from "./scalars.js";
import { checkTags } from "./tags.js";

const { TypeFlags, SymbolFlags, ObjectFlags } = ts;

/** What happens to properties that the contract does not name. */
export type UnknownKeys = "strip" | "reject" | "allow";

/** Objects with named properties, with an index signature, or with both. */
export class ObjectReader {
  readonly #reading: Reading;
  readonly #constraints: Constraints;
  readonly #unknownKeys: UnknownKeys;

  constructor(reading: Reading, constraints: Constraints, unknownKeys: UnknownKeys) {
    this.#reading = reading;
    this.#constraints = constraints;
    this.#unknownKeys = unknownKeys;
  }

  read(type: ts.Type, site: Site): TypeModel {
    const { checker, program } = this.#reading;
    const properties = this.#ordered(type);
    const indexes = checker.getIndexInfosOfType(type);
    if (indexes.length > 0) return this.#indexed(indexes, properties, type, site);
    if (properties.length === 0 && (type.symbol as ts.Symbol | undefined)?.name === "__type" && type.aliasSymbol === undefined) {
      return readOpenObject(this.#reading, "{}", site);
    }
    if (properties.some((property) => isLibrary(program, property))) {
      return this.#reading.refuse(
        "FC1204",
        site,
        `${textOf(this.#reading, type)} takes members from a built-in type, which cannot travel`,
        "name its properties in an interface of your own",
      );
    }
    const models = this.#properties(properties, type, site);
    if (this.#unknownKeys === "allow") return { kind: "object", properties: models, rest: { kind: "any" } };
    return { kind: "object", properties: models, ...(this.#unknownKeys === "reject" ? { isClosed: true } : {}) };
  }

  of(properties: readonly ts.Symbol[], owner: ts.Type, site: Site): TypeModel {
    return { kind: "object", properties: this.#properties(properties, owner, site) };
  }

  #indexed(indexes: readonly ts.IndexInfo[], properties: readonly ts.Symbol[], type: ts.Type, site: Site): TypeModel {
    const [index] = indexes as readonly [ts.IndexInfo, ...ts.IndexInfo[]];
    const { keyType } = index;
    const isOpen = has(keyType, TypeFlags.String);
    if (indexes.length > 1 || !(isOpen || has(keyType, TypeFlags.Number | TypeFlags.TemplateLiteral))) {
      return this.#reading.refuse(
        "FC1212",
        site,
        indexes.length > 1 ? "several index signatures cannot be told apart" : "such keys do not travel",
        "use Record<string, T>, or an array of [key, value] tuples",
      );
    }
    if (properties.some((property) => isLibrary(this.#reading.program, property))) {
      return this.#reading.refuse(
        "FC1212",
        site,
        `${textOf(this.#reading, type)} is more than a list`,
        "use an array, or an object with an array in it",
      );
    }
    // `Record<string, never>` is how people write the empty object.
    if (has(index.type, TypeFlags.Never) && properties.length === 0) return { kind: "object", properties: [], isClosed: true };
    const node = index.declaration?.type ?? elementNode(site.node);
    const value = this.#reading.read(index.type, { node, path: `${site.path ?? ""}[key]` });
    const models = this.#properties(properties, type, site);
    if (models.length > 0 && !isOpen) {
      return this.#reading.refuse(
        "FC1212",
        site,
        "named properties beside an index signature need one that takes every string",
        "put the open part into a property of its own",
      );
    }
    if (models.length > 0) return { kind: "object", properties: models, rest: value };
    if (isOpen) return { kind: "record", value };
    const key: TypeModel = has(keyType, TypeFlags.Number)
      ? { kind: "template", texts: ["", ""], holes: ["number"] }
      : this.#reading.read(keyType, site);
    return { kind: "record", value, key };
  }

  #properties(properties: readonly ts.Symbol[], type: ts.Type, site: Site): readonly PropertyModel[] {
    return properties.map((property) => this.#property(property, type, site)).filter((model) => model !== undefined);
  }

  /** In the order of the source. A mapped type has none of its own: what the compiler lists depends on other files. */
  #ordered(type: ts.Type): readonly ts.Symbol[] {
    const properties = [...this.#reading.checker.getPropertiesOfType(type)];
    const mapped = has(type, TypeFlags.Object) && ((type as ts.ObjectType).objectFlags & ObjectFlags.Mapped) !== 0;
    return mapped ? properties.sort((a, b) => (a.name < b.name ? -1 : 1)) : properties;
  }

  #property(property: ts.Symbol, owner: ts.Type, site: Site): PropertyModel | undefined {
    const { checker, program, findings } = this.#reading;
    const declaration = property.valueDeclaration ?? property.declarations?.[0];
    // A property of a foreign or built-in declaration is reported where the contract uses it.
    const local = declaration !== undefined && !isLibrary(program, property) ? declaration : undefined;
    const annotation = annotationOf(local);
    const name = ts.unescapeLeadingUnderscores(property.escapedName);
    const path = `${site.path ?? ""} > ${name}`;
    const here: Site = { node: annotation ?? local ?? site.node, path };
    if (name.startsWith("__@")) {
      findings.warn(
        "FC1904",
        { node: local ?? site.node, path: site.path },
        "a symbol is no key on the wire, so this member does not travel",
      );
      return undefined;
    }
    if (name === "__proto__") {
      findings.error("FC1211", here, "__proto__ cannot be a property of data", "rename it");
      return undefined;
    }
    if (owner.isIntersection() && isBrandName(name) && isAloneIn(checker, owner, property)) {
      findings.warn("FC1905", here, `${name} is taken for a brand, so it does not travel`);
      return undefined;
    }
    if (this.#reading.isApart(owner) && isSignal(this.#reading, property, site)) return undefined;
    const isOurs = local !== undefined && !local.getSourceFile().fileName.includes("/node_modules/");
    if (isOurs) {
      checkTags(local, "data", path, findings);
      refuseDetachedDoc(local, path, findings);
    }
    if ((property.flags & SymbolFlags.Method) !== 0) {
      refuseFunction(this.#reading, checker.getTypeOfSymbolAtLocation(property, site.node), here);
      return undefined;
    }
    const type = this.#reading.bindings.resolve(checker.getTypeOfSymbolAtLocation(property, site.node));
    const optional = (property.flags & SymbolFlags.Optional) !== 0 || allowsUndefined(type);
    const model: TypeModel =
      optional && (definedArms(type).length === 0 || has(type, TypeFlags.Never))
        ? { kind: "undefined" }
        : this.#reading.readDefined(type, annotation, here);
    return { name, optional, type: local === undefined ? model : this.#constraints.apply(local, model, here) };
  }
}

function isSignal({ checker, program }: Reading, property: ts.Symbol, site: Site): boolean {
  const [type] = definedArms(checker.getTypeOfSymbolAtLocation(property, site.node));
  return isLibrary(program, type?.symbol) && type?.symbol.name === "AbortSignal";
}

/** Whether all that a part of the intersection holds is brands. */
function isAloneIn(checker: ts.TypeChecker, owner: ts.IntersectionType, property: ts.Symbol): boolean {
  return owner.types.some((part) => {
    const names = checker.getPropertiesOfType(part).map((one) => ts.unescapeLeadingUnderscores(one.escapedName));
    return names.includes(ts.unescapeLeadingUnderscores(property.escapedName)) && names.every(isBrandName);
  });
}
