import { type Shape, t } from "../schema/shape.js";

/**
 * One shape for a value that fits several arms of a union at once: everything that any of them declares travels.
 * Only ever used for values that are known to fit one of the arms.
 */
export function mergeShapes(shapes: readonly Shape[]): Shape {
  const distinct = [...new Set(shapes.flatMap(armsOf))];
  const [first] = distinct;
  if (first === undefined || distinct.length === 1) return first ?? t.undefined;
  const any = distinct.find((shape) => shape.kind === "any");
  if (any !== undefined) return any;
  const open = distinct.find((shape) => shape.kind === "record");
  if (open !== undefined) return mergeAll(distinct, "record", (arms) => t.record(either(arms.map((arm) => arm.value)))) ?? open;
  return (
    mergeAll(distinct, "object", mergeObjects) ??
    mergeAll(distinct, "map", (arms) => t.map(either(arms.map((arm) => arm.key)), either(arms.map((arm) => arm.value)))) ??
    mergeAll(distinct, "set", (arms) => t.set(either(arms.map((arm) => arm.member)))) ??
    mergeLists(distinct) ??
    first
  );
}

/** Either of several shapes, without repeating one. */
function either(shapes: readonly Shape[]): Shape {
  const distinct = [...new Set(shapes.flatMap(armsOf))];
  return distinct.length === 1 && distinct[0] !== undefined ? distinct[0] : t.union(...distinct);
}

/** What a value of this shape can be, unions taken apart. */
export function armsOf(shape: Shape): readonly Shape[] {
  switch (shape.kind) {
    case "ref":
      return armsOf(shape.resolve());
    case "where":
      return armsOf(shape.of);
    case "union":
      return shape.arms.flatMap(armsOf);
    case "variant":
      return [...shape.arms.values()].flatMap(armsOf);
    default:
      return [shape];
  }
}

function mergeAll<K extends Shape["kind"]>(
  shapes: readonly Shape[],
  kind: K,
  merge: (arms: readonly Extract<Shape, { kind: K }>[]) => Shape,
): Shape | undefined {
  return shapes.every((shape) => shape.kind === kind) ? merge(shapes as readonly Extract<Shape, { kind: K }>[]) : undefined;
}

function mergeObjects(arms: readonly Extract<Shape, { kind: "object" }>[]): Shape {
  const declared = new Map<string, Shape[]>();
  for (const arm of arms) {
    for (const [name, shape] of [...Object.entries(arm.required), ...Object.entries(arm.optional)])
      declared.set(name, [...(declared.get(name) ?? []), shape]);
  }
  const rests = arms.flatMap((arm) => arm.rest ?? []);
  return t.object(
    {},
    Object.fromEntries([...declared].map(([name, shapes]) => [name, either(shapes)])),
    rests.length === 0 ? {} : { rest: either(rests) },
  );
}

function mergeLists(arms: readonly Shape[]): Shape | undefined {
  const elements: Shape[] = [];
  for (const arm of arms) {
    if (arm.kind === "array") elements.push(arm.element);
    else if (arm.kind === "tuple") elements.push(...arm.elements, ...(arm.rest === undefined ? [] : [arm.rest]), t.undefined);
    else return undefined;
  }
  return t.array(either(elements));
}
