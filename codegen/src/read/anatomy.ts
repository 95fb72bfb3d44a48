import { ts } from "ts-morph";

/** Small questions about compiler types that more than one reader asks. */

export function has(type: ts.Type, flags: ts.TypeFlags): boolean {
  return (type.flags & flags) !== 0;
}

/** The arms of a union, or the type itself. */
export function armsOf(type: ts.Type): readonly ts.Type[] {
  return type.isUnion() ? type.types : [type];
}

/** Without `undefined`, as a list, because the compiler's public interface builds no unions. */
export function definedArms(type: ts.Type): readonly ts.Type[] {
  return armsOf(type).filter((arm) => !has(arm, ts.TypeFlags.Undefined | ts.TypeFlags.Void));
}

export function allowsUndefined(type: ts.Type): boolean {
  return armsOf(type).length !== definedArms(type).length;
}

/** True for `A | B` and for an alias of it: the same arms, whatever the name. */
export function sameArms(a: readonly ts.Type[], b: readonly ts.Type[]): boolean {
  return a.length === b.length && a.every((arm) => b.includes(arm));
}

/** The type as its declaration names it: keeps the alias that the compiler drops when it adds `undefined`. */
export function declaredAs(
  checker: ts.TypeChecker,
  node: ts.TypeNode | undefined,
  arms: readonly ts.Type[],
): ts.Type | undefined {
  if (node === undefined) return undefined;
  const written = checker.getTypeFromTypeNode(node);
  return sameArms(armsOf(written), arms) ? written : undefined;
}

/** The type annotation that belongs to a property or parameter. */
export function annotationOf(declaration: ts.Declaration | undefined): ts.TypeNode | undefined {
  if (declaration === undefined) return undefined;
  return (declaration as ts.Declaration & { type?: ts.TypeNode }).type;
}

/** The node of a type argument or array element, as far as it was written out. */
export function elementNode(node: ts.Node): ts.Node {
  if (ts.isParenthesizedTypeNode(node)) return elementNode(node.type);
  if (ts.isTypeOperatorNode(node)) return elementNode(node.type);
  if (ts.isArrayTypeNode(node)) return node.elementType;
  if (ts.isTypeReferenceNode(node)) return node.typeArguments?.at(-1) ?? node;
  return node;
}

/** The nodes of the arms of a union that was written out; the node itself for any other. */
export function armNodes(checker: ts.TypeChecker, node: ts.Node): (arm: ts.Type) => ts.Node {
  if (ts.isParenthesizedTypeNode(node)) return armNodes(checker, node.type);
  if (!ts.isUnionTypeNode(node)) return () => node;
  // Of two nodes of one type the first counts.
  const nodes = new Map([...node.types].reverse().map((part) => [checker.getTypeFromTypeNode(part), part]));
  return (arm) => nodes.get(arm) ?? node;
}

/** What stands right of the `=` of an alias, or the declaration itself. */
export function definitionNode(symbol: ts.Symbol | undefined): ts.Node | undefined {
  const declaration = symbol?.declarations?.[0];
  if (declaration === undefined) return undefined;
  return ts.isTypeAliasDeclaration(declaration) ? declaration.type : declaration;
}

/** The members of an enum in the order they are declared; `undefined` for a computed one. */
export function enumValues(checker: ts.TypeChecker, symbol: ts.Symbol): readonly (string | number | undefined)[] {
  const values: (string | number | undefined)[] = [];
  for (const declaration of symbol.declarations ?? []) {
    if (ts.isEnumDeclaration(declaration)) values.push(...declaration.members.map((member) => checker.getConstantValue(member)));
  }
  // NaN is equal to nothing, so no check could ask for it.
  return [...new Set(values)].map((value) => (Number.isNaN(value) ? undefined : value));
}

export function literalValue(type: ts.Type): string | number | boolean | bigint | undefined {
  if (type.isStringLiteral() || type.isNumberLiteral()) return type.value;
  if (has(type, ts.TypeFlags.BigIntLiteral)) {
    const { negative, base10Value } = (type as ts.BigIntLiteralType).value;
    return BigInt(`${negative ? "-" : ""}${base10Value}`);
  }
  if (has(type, ts.TypeFlags.BooleanLiteral)) return (type as ts.Type & { intrinsicName?: string }).intrinsicName === "true";
  return undefined;
}

/** Type arguments of a reference to a generic interface or tuple. */
export function typeArguments(checker: ts.TypeChecker, type: ts.Type): readonly ts.Type[] {
  return has(type, ts.TypeFlags.Object) && ((type as ts.ObjectType).objectFlags & ts.ObjectFlags.Reference) !== 0
    ? checker.getTypeArguments(type as ts.TypeReference)
    : [];
}

/** The compiler's stand-in for a type it could not find. */
export function isUnresolved(type: ts.Type): boolean {
  return has(type, ts.TypeFlags.Any) && (type as ts.Type & { intrinsicName?: string }).intrinsicName === "error";
}

/** What people call a property: `find`, and `[asyncDispose]` for one that is keyed by a symbol. */
export function memberName(member: ts.Symbol): string {
  const name = ts.unescapeLeadingUnderscores(member.escapedName);
  return name.replace(/^__@(.*)@\d+$/, "[$1]");
}
