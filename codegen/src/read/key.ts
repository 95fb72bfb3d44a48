import { ts } from "ts-morph";
import type { ParameterModel } from "../model.js";
import { armsOf, has } from "./anatomy.js";
import type { Findings, Site } from "./findings.js";
import type { MethodTags } from "./method-tags.js";

/** The method that a `@key` stands on. */
export interface KeyedMethod {
  readonly checker: ts.TypeChecker;
  readonly signature: ts.Signature;
  readonly parameters: readonly ParameterModel[];
  /** Indexes of the parameters that do not travel as arguments: the stream, the signal. */
  readonly apart: readonly number[];
  readonly path: string;
}

/**
 * Index of the `@key` parameter among those that travel as arguments. Every call must have a key, and all peers must
 * make the same text of it; so it is required and primitive.
 */
export function readKey(
  { name, tag }: NonNullable<MethodTags["key"]>,
  { checker, signature, parameters, apart, path }: KeyedMethod,
  findings: Findings,
): number | undefined {
  const index = parameters.findIndex((parameter) => parameter.name === name);
  const parameter = parameters[index];
  const symbol = signature.parameters[index];
  if (parameter === undefined || symbol === undefined) {
    const names = parameters.filter((_, at) => !apart.includes(at)).map((one) => one.name);
    const hint = names.length === 0 ? "drop the tag" : `write @key ${names.join(" or @key ")}`;
    findings.error("FC1112", { node: tag.node, path }, `@key names no parameter: ${JSON.stringify(name)}`, hint);
    return undefined;
  }
  const site: Site = { node: symbol.valueDeclaration ?? tag.node, path: `${path} > ${name}` };
  if (parameter.optional) {
    findings.error("FC1114", site, "without this parameter a call would have no key", "make it required");
    return undefined;
  }
  const { StringLike, NumberLike, BigIntLike, BooleanLike } = ts.TypeFlags;
  const primitive = StringLike | NumberLike | BigIntLike | BooleanLike;
  const type = checker.getTypeOfSymbolAtLocation(symbol, site.node);
  if (!apart.includes(index) && armsOf(type).every((arm) => isPrimitive(arm, primitive)))
    return index - apart.filter((other) => other < index).length;
  findings.error(
    "FC1114",
    site,
    "a key is a string, number, bigint or boolean",
    "take the value that routes the call as a parameter of its own",
  );
  return undefined;
}

/** A branded primitive is one too. */
function isPrimitive(type: ts.Type, flags: ts.TypeFlags): boolean {
  return has(type, flags) || (type.isIntersection() && type.types.some((part) => has(part, flags)));
}
