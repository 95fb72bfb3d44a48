import { ts } from "ts-morph";
import { bare, type TupleElementModel, type TypeModel } from "../model.js";
import { definedArms, elementNode, typeArguments } from "./anatomy.js";
import type { Site } from "./findings.js";
import { isSetName } from "./library.js";
import { type Reading, refused } from "./reading.js";

/** Arrays, tuples, Maps and Sets. */
export class CollectionReader {
  readonly #reading: Reading;
  /** Keys of maps and members of sets, judged when everything is read. */
  readonly #keys: { readonly type: TypeModel; readonly of: TypeModel; readonly name: string; readonly site: Site }[] = [];

  constructor(reading: Reading) {
    this.#reading = reading;
  }

  array(type: ts.Type, site: Site): TypeModel {
    const [element] = typeArguments(this.#reading.checker, type);
    if (element === undefined) return refused;
    const here: Site = { node: elementNode(site.node), path: `${site.path ?? ""}[]` };
    return { kind: "array", element: this.#reading.read(element, here) };
  }

  tuple(type: ts.TupleTypeReference, site: Site): TypeModel {
    const { elementFlags, labeledElementDeclarations } = type.target;
    const elements: TupleElementModel[] = [];
    let rest: TypeModel | undefined;
    const nodes = ts.isTupleTypeNode(site.node) ? site.node.elements : undefined;
    typeArguments(this.#reading.checker, type).forEach((element, index) => {
      const flags = elementFlags[index] ?? ts.ElementFlags.Required;
      const declaration = labeledElementDeclarations?.[index];
      const label = declaration !== undefined && ts.isIdentifier(declaration.name) ? declaration.name.text : undefined;
      const here: Site = { node: nodes?.[index] ?? site.node, path: `${site.path ?? ""}[${label ?? index}]` };
      if (rest !== undefined || (flags & ts.ElementFlags.Variadic) !== 0) {
        this.#reading.refuse("FC1213", here, "a rest element is supported at the end of a tuple only", "move it to the end");
      } else if ((flags & ts.ElementFlags.Rest) !== 0) {
        rest = this.#reading.read(element, here);
      } else {
        const optional = (flags & ts.ElementFlags.Optional) !== 0;
        elements.push({ optional, label, type: optional ? this.#optional(element, here) : this.#reading.read(element, here) });
      }
    });
    return { kind: "tuple", elements, rest };
  }

  #optional(type: ts.Type, site: Site): TypeModel {
    return definedArms(type).length === 0 ? { kind: "undefined" } : this.#reading.readDefined(type, undefined, site);
  }

  /** A Map or a Set. */
  keyed(type: ts.Type, name: string, site: Site): TypeModel {
    const nodes = ts.isTypeReferenceNode(site.node) ? site.node.typeArguments : undefined;
    const [first, second] = typeArguments(this.#reading.checker, type);
    const at = (index: number, step: string): Site => ({ node: nodes?.[index] ?? site.node, path: `${site.path ?? ""}${step}` });
    if (first === undefined) return refused;
    if (isSetName(name)) {
      const member = this.#reading.read(first, at(0, "[member]"));
      const set: TypeModel = { kind: "set", member };
      this.#keys.push({ type: member, of: set, name, site: at(0, "[member]") });
      return set;
    }
    if (second === undefined) return refused;
    const key = this.#reading.read(first, at(0, "[key]"));
    const map: TypeModel = { kind: "map", key, value: this.#reading.read(second, at(1, "[value]")) };
    this.#keys.push({ type: key, of: map, name, site: at(0, "[key]") });
    return map;
  }

  /** To be called when all types are read. */
  finish(): void {
    for (const { type, of, name, site } of this.#keys) {
      if (isPrimitive(type)) continue;
      this.#reading.findings.mark(of, ["FC1220"]);
      this.#reading.refuse(
        "FC1220",
        site,
        `${name} compares objects by identity, and no object arrives as the one that was sent`,
        `use primitive ${isSetName(name) ? "members" : "keys"}, or an array`,
      );
    }
  }
}

/** Compared by value, here and after the journey. */
function isPrimitive(type: TypeModel): boolean {
  const model = bare(type);
  switch (model.kind) {
    case "string":
    case "template":
    case "number":
    case "boolean":
    case "bigint":
    case "null":
    case "undefined":
    case "literal":
      return true;
    case "union":
      return model.arms.every(isPrimitive);
    default:
      return false;
  }
}
