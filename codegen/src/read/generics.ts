import { ts } from "ts-morph";
import { annotationOf, armsOf, literalValue } from "./anatomy.js";
import type { Site } from "./findings.js";
import type { TypeReader } from "./type.js";

/** More forms of one method than this are not written out. */
const maxForms = 256;

/** What the type parameters stand for in one form of a method. */
export type Form = ReadonlyMap<ts.Type, ts.Type>;

/**
 * The forms of a generic method. A type parameter that the result does not depend on is read as its constraint: that is all
 * the other side may count on. One that stands for a few literals gives a form for each. Anything else is refused, because
 * only the caller would know what the result is. `undefined` after a refusal.
 */
export function formsOf(types: TypeReader, signature: ts.Signature, site: Site): readonly Form[] | undefined {
  const { checker } = types;
  const base = new Map<ts.Type, ts.Type>();
  const spread: { readonly parameter: ts.TypeParameter; readonly literals: readonly ts.Type[] }[] = [];
  for (const parameter of signature.typeParameters ?? []) {
    const uses = usesOf(checker, signature, parameter);
    const constraint = checker.getBaseConstraintOfType(parameter);
    const arms = constraint === undefined ? [] : armsOf(constraint);
    const isLiterals = arms.length > 0 && arms.every((arm) => typeof literalValue(arm) === "string");
    const refuse = (message: string, hint: string): undefined => {
      const node = parameter.symbol.declarations?.[0] ?? site.node;
      types.refuse("FC1104", { node, path: site.path }, message, hint);
    };
    const name = parameter.symbol.name;
    if (uses.inConstraints) return refuse(`another type parameter depends on ${name}`, "write the types out");
    if (isLiterals && (uses.inResult || uses.inParameters > 1)) {
      if (arms.length > maxForms)
        return refuse(`${name} stands for ${arms.length} literals`, `write out overloads for up to ${maxForms} of them`);
      spread.push({
        parameter,
        literals: [...arms].sort((a, b) => (String(literalValue(a)) < String(literalValue(b)) ? -1 : 1)),
      });
    } else if (uses.inResult) {
      const hint = "write out what the result can be, or an overload for each case";
      return refuse(`the result depends on ${name}, which only the caller knows`, hint);
    } else {
      base.set(parameter, constraint ?? checker.getUnknownType());
    }
    if (spread.length > 1) return refuse("the forms of this method depend on several type parameters", "write overloads out");
  }
  const [only] = spread;
  return only === undefined ? [base] : only.literals.map((literal) => new Map([...base, [only.parameter, literal]]));
}

/** Where a signature speaks of its type parameter. */
function usesOf(checker: ts.TypeChecker, signature: ts.Signature, parameter: ts.TypeParameter) {
  const declared = signature.declaration;
  const count = (node: ts.Node | undefined): number => {
    if (node === undefined) return 0;
    if (ts.isIdentifier(node)) return checker.getSymbolAtLocation(node) === parameter.symbol ? 1 : 0;
    let sum = 0;
    ts.forEachChild(node, (child) => {
      sum += count(child);
    });
    return sum;
  };
  const name = parameter.symbol.name;
  const inferred =
    declared?.type === undefined && new RegExp(`\\b${name}\\b`).test(checker.typeToString(signature.getReturnType()));
  return {
    inResult: inferred || count(declared?.type) > 0,
    inParameters: (declared?.parameters ?? []).reduce((sum, one) => sum + count(annotationOf(one)), 0),
    inConstraints: (declared?.typeParameters ?? []).some((one) => count((one as ts.TypeParameterDeclaration).constraint) > 0),
  };
}
