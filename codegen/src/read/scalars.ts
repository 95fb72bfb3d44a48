import { ts } from "ts-morph";
import type { TypeModel } from "../model.js";
import { enumValues, has, isUnresolved, literalValue } from "./anatomy.js";
import type { Site } from "./findings.js";
import { libraryHint } from "./library.js";
import { type Reading, refused, textOf } from "./reading.js";
import { reportUnresolved } from "./unresolved.js";

const { TypeFlags, SymbolFlags } = ts;

/** Types without parts: primitives, literals, enums, template literals, and what allows anything. `undefined` for others. */
export function readScalar(reading: Reading, type: ts.Type, site: Site): TypeModel | undefined {
  if (has(type, TypeFlags.Any)) return readAny(reading, type, site);
  if (has(type, TypeFlags.Unknown)) return warnOfAnything(reading, "unknown", site);
  if (has(type, TypeFlags.NonPrimitive)) return readOpenObject(reading, "object", site);
  if (has(type, TypeFlags.Never))
    return reading.refuse("FC1214", site, "never has no values", "use Promise<void> for no result, or leave the property out");
  if (has(type, TypeFlags.Boolean)) return { kind: "boolean" };
  const symbol = type.symbol as ts.Symbol | undefined;
  if (has(type, TypeFlags.EnumLike) && symbol !== undefined && (symbol.flags & SymbolFlags.Enum) !== 0)
    return readEnum(reading, symbol, site);
  if (has(type, TypeFlags.String)) return { kind: "string" };
  if (has(type, TypeFlags.Number)) return { kind: "number" };
  if (has(type, TypeFlags.BigInt)) return { kind: "bigint" };
  if (has(type, TypeFlags.Null)) return { kind: "null" };
  if (has(type, TypeFlags.Undefined | TypeFlags.Void)) return { kind: "undefined" };
  const literal = literalValue(type);
  if (literal !== undefined && !Number.isNaN(literal)) return { kind: "literal", values: [literal] };
  if (has(type, TypeFlags.EnumLike) && !type.isUnion() && symbol !== undefined) return refuseComputed(reading, symbol, site);
  if (has(type, TypeFlags.ESSymbolLike))
    return reading.refuse("FC1203", site, "a symbol exists in one process only", "use a string");
  if (has(type, TypeFlags.TemplateLiteral)) return readTemplate(reading, type as ts.TemplateLiteralType, site);
  if (has(type, TypeFlags.StringMapping)) return refuseTemplate(reading, type, site);
  return undefined;
}

function readAny(reading: Reading, type: ts.Type, site: Site): TypeModel {
  if (!isUnresolved(type)) return warnOfAnything(reading, "any", site);
  const { node } = site;
  const builtIn = ts.isTypeReferenceNode(node) && ts.isIdentifier(node.typeName) ? node.typeName.text : "";
  if (libraryHint(builtIn) !== libraryHint(""))
    return reading.refuse("FC1204", site, `${builtIn} cannot travel`, libraryHint(builtIn));
  reportUnresolved(reading, site, reading.findings);
  return refused;
}

function warnOfAnything(reading: Reading, name: string, site: Site): TypeModel {
  reading.findings.warn(
    "FC1205",
    site,
    `${name} allows anything, so nothing is checked; Maps, Sets, class instances and functions are refused when they are sent`,
    "name the type, or a union of the possible types",
  );
  return { kind: "any" };
}

/** An object of which nothing is known. TypeScript lets arrays and functions pass for one; they are refused when sent. */
export function readOpenObject(reading: Reading, name: string, site: Site): TypeModel {
  reading.findings.warn(
    "FC1205",
    site,
    `${name} allows any properties, so nothing is checked but that it is an object`,
    "name the properties in an interface, or use Record<string, T>",
  );
  return { kind: "record", value: { kind: "any" } };
}

function readEnum(reading: Reading, symbol: ts.Symbol, site: Site): TypeModel {
  const values = enumValues(reading.checker, symbol);
  return values.every((value) => value !== undefined) ? { kind: "literal", values } : refuseComputed(reading, symbol, site);
}

function refuseComputed(reading: Reading, symbol: ts.Symbol, site: Site): TypeModel {
  return reading.refuse(
    "FC1218",
    site,
    `${symbol.name} has a computed value, known at run time only`,
    "give every member of the enum a constant value",
  );
}

function readTemplate(reading: Reading, type: ts.TemplateLiteralType, site: Site): TypeModel {
  const holes = type.types.map((hole) => {
    if (has(hole, TypeFlags.String)) return "string";
    if (has(hole, TypeFlags.Number)) return "number";
    return has(hole, TypeFlags.BigInt) ? "bigint" : undefined;
  });
  if (!holes.every((hole) => hole !== undefined)) return refuseTemplate(reading, type, site);
  return { kind: "template", texts: type.texts, holes };
}

function refuseTemplate(reading: Reading, type: ts.Type, site: Site): TypeModel {
  return reading.refuse(
    "FC1206",
    site,
    `${textOf(reading, type)} cannot be checked at run time`,
    "use string, number or bigint in its holes, or a union of the possible literals",
  );
}
