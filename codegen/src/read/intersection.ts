import { ts } from "ts-morph";
import type { TypeModel } from "../model.js";
import { has } from "./anatomy.js";
import type { Site } from "./findings.js";
import { isLibrary } from "./library.js";
import { type Reading, textOf } from "./reading.js";

const { TypeFlags, SymbolFlags } = ts;
const primitive =
  TypeFlags.StringLike | TypeFlags.NumberLike | TypeFlags.BigIntLike | TypeFlags.BooleanLike | TypeFlags.TemplateLiteral;

/**
 * Objects that merge into one, or one type and its brand. `undefined` for a merged object: its properties are read like
 * those of any other.
 */
export function readIntersection(reading: Reading, type: ts.IntersectionType, site: Site): TypeModel | undefined {
  const carriers = type.types.filter((part) => !isPlainObject(reading, part));
  const others = type.types.filter((part) => isPlainObject(reading, part));
  const [carrier] = carriers;
  if (carrier === undefined) return undefined;
  const list = others.length === 0 ? sameList(reading, carriers) : undefined;
  if (list !== undefined) return reading.read(list, site);
  if (carriers.length === 1 && others.every((part) => isBrandOf(reading, part, carrier))) return reading.read(carrier, site);
  return reading.refuse(
    "FC1207",
    site,
    `${textOf(reading, type)} has no form on the wire`,
    'intersect object types, or one type and a brand such as { readonly __brand: "Sku" }',
  );
}

/** `T[] & readonly T[]` is `T[]`: what the compiler makes of types that are intersected part by part. */
function sameList({ checker }: Reading, parts: readonly ts.Type[]): ts.Type | undefined {
  if (!parts.every((part) => checker.isArrayType(part))) return undefined;
  const elements = parts.map((part) => checker.getTypeArguments(part as ts.TypeReference)[0]);
  return elements.every((element) => element === elements[0]) ? parts[0] : undefined;
}

/**
 * Whether no value is of this type: nothing is a primitive and a list, or one of them and an object of any keys. Such
 * arms come about when unions are intersected; no program can make a value for them.
 */
export function isUninhabited({ checker }: Pick<Reading, "checker">, type: ts.Type): boolean {
  if (!type.isIntersection()) return false;
  if (isNever(checker, type)) return true;
  const kinds = type.types.map((part) => {
    if (has(part, primitive)) return "primitive";
    if (checker.isArrayType(part) || checker.isTupleType(part)) return "list";
    return has(part, TypeFlags.Object) && checker.getIndexInfosOfType(part).length > 0 ? "open" : "other";
  });
  return new Set(kinds.filter((kind) => kind !== "other")).size > 1;
}

/** `{ kind: "a" } & { kind: "b" }`: the compiler finds that out when it is asked for, and keeps the intersection. */
export function isNever(checker: ts.TypeChecker, type: ts.Type): boolean {
  return type.isIntersection() && checker.isTypeAssignableTo(type, checker.getNeverType());
}

/** A primitive holds no properties, so whatever is added to one exists for the compiler only. */
function isBrandOf({ checker }: Reading, part: ts.Type, carrier: ts.Type): boolean {
  if (checker.getIndexInfosOfType(part).length > 0) return false;
  const properties = checker.getPropertiesOfType(part);
  if (!has(carrier, primitive)) return properties.every((property) => isBrandName(property.name));
  const real = checker.getApparentType(carrier);
  return properties.every((property) => checker.getPropertyOfType(real, property.name) === undefined);
}

/** `__brand`, or a unique symbol; what data would not be called. */
export function isBrandName(name: string): boolean {
  return name.startsWith("__");
}

function isPlainObject({ checker, program }: Reading, type: ts.Type): boolean {
  const { symbol } = type as { symbol?: ts.Symbol };
  return (
    has(type, TypeFlags.Object) &&
    !checker.isArrayType(type) &&
    !checker.isTupleType(type) &&
    !(isLibrary(program, symbol) && (symbol.flags & (SymbolFlags.Interface | SymbolFlags.Class)) !== 0) &&
    (symbol === undefined || (symbol.flags & SymbolFlags.Class) === 0) &&
    type.getCallSignatures().length + type.getConstructSignatures().length === 0
  );
}
