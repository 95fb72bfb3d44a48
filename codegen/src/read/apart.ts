import { bare, type ParameterModel, type TypeModel, type UnionModel, type VariantModel } from "../model.js";

/** Deeper than this nobody looks for the property that tells two objects apart. */
const maxDepth = 4;

/** Whether no list of arguments is one of both: some parameter holds values that are never one of both. */
export function takeDifferentArguments(a: readonly ParameterModel[], b: readonly ParameterModel[]): boolean {
  return a.some((parameter, index) => {
    const other = b[index];
    if (other === undefined || (mayBeMissing(parameter) && mayBeMissing(other))) return false;
    return areApart(parameter.type, other.type, 0);
  });
}

function mayBeMissing({ optional, type }: ParameterModel): boolean {
  return optional || hasNothing(type);
}

function hasNothing(type: TypeModel): boolean {
  const model = bare(type);
  return model.kind === "undefined" || model.kind === "null" || (model.kind === "union" && model.arms.some(hasNothing));
}

/** Whether no value is of both types. When in doubt, some are. */
function areApart(a: TypeModel, b: TypeModel, depth: number): boolean {
  const x = bare(a);
  const y = bare(b);
  if (depth > maxDepth) return false;
  if (isChoice(x)) return armsOf(x).every((arm) => areApart(arm, y, depth));
  if (isChoice(y)) return armsOf(y).every((arm) => areApart(x, arm, depth));
  if (x.kind === "literal" && y.kind === "literal") return !x.values.some((value) => y.values.includes(value));
  if (x.kind === "object" && y.kind === "object") {
    return x.properties.some((p) => {
      const q = y.properties.find(({ name }) => name === p.name);
      return q !== undefined && !(p.optional && q.optional) && areApart(p.type, q.type, depth + 1);
    });
  }
  const [left, right] = [formsOf(x), formsOf(y)];
  return !left.includes("any") && !right.includes("any") && !left.some((form) => right.includes(form));
}

function isChoice(type: ReturnType<typeof bare>): type is UnionModel | VariantModel {
  return type.kind === "union" || type.kind === "variant";
}

function armsOf(type: UnionModel | VariantModel): readonly TypeModel[] {
  return type.kind === "union" ? type.arms : type.arms.map((arm) => arm.type);
}

/** Values of different forms are never equal. */
function formsOf(type: ReturnType<typeof bare>): readonly string[] {
  switch (type.kind) {
    case "literal":
      return [...new Set(type.values.map((value) => typeof value))];
    case "template":
      return ["string"];
    case "undefined":
    case "null":
      return ["nothing"];
    case "tuple":
      return ["array"];
    case "record":
      return ["object"];
    case "typedArray":
      return [type.name];
    default:
      return [type.kind];
  }
}
