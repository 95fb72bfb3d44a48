import type { Shape } from "./shape.js";

/** Whether a value of this shape can hold a `bigint` anywhere. Recursive types are visited once. */
export function containsBigint(shape: Shape, seen = new Set<Shape>()): boolean {
  if (seen.has(shape)) return false;
  seen.add(shape);
  const inside = (s: Shape): boolean => containsBigint(s, seen);
  switch (shape.kind) {
    case "bigint":
      return true;
    case "literal":
      return shape.values.some((v) => typeof v === "bigint");
    case "array":
      return inside(shape.element);
    case "tuple":
      return shape.elements.some(inside) || (shape.rest !== undefined && inside(shape.rest));
    case "object":
      return Object.values(shape.required).some(inside) || Object.values(shape.optional).some(inside);
    case "record":
      return inside(shape.value);
    case "union":
      return shape.arms.some(inside);
    case "variant":
      return [...shape.arms.values()].some(inside);
    case "ref":
      return inside(shape.resolve());
    default:
      return false;
  }
}

/**
 * Replaces integers by bigints where the shape declares a bigint, in place. Values that do not fit the shape are left
 * as they are: the check that follows refuses them.
 */
export function reviveBigints(shape: Shape, value: unknown): unknown {
  switch (shape.kind) {
    case "bigint":
      return Number.isInteger(value) ? BigInt(value as number) : value;
    case "literal":
      if (typeof value === "number" && Number.isInteger(value) && !shape.values.includes(value)) {
        const big = BigInt(value);
        return shape.values.includes(big) ? big : value;
      }
      return value;
    case "array":
      if (Array.isArray(value)) for (let i = 0; i < value.length; i++) value[i] = reviveBigints(shape.element, value[i]);
      return value;
    case "tuple":
      if (Array.isArray(value)) {
        for (let i = 0; i < value.length; i++) {
          const element = shape.elements[i] ?? shape.rest;
          if (element !== undefined) value[i] = reviveBigints(element, value[i]);
        }
      }
      return value;
    case "object":
      if (isPlainObject(value)) {
        reviveProperties(shape.required, value);
        reviveProperties(shape.optional, value);
      }
      return value;
    case "record":
      if (isPlainObject(value)) for (const key of Object.keys(value)) value[key] = reviveBigints(shape.value, value[key]);
      return value;
    case "union":
      // A union never holds both number and bigint (the generator refuses that), so at most one arm changes anything.
      return shape.arms.reduce<unknown>((v, arm) => reviveBigints(arm, v), value);
    case "variant": {
      if (!isPlainObject(value)) return value;
      const tag = value[shape.discriminant];
      const arm = shape.arms.get(tag as string) ?? (Number.isInteger(tag) ? shape.arms.get(BigInt(tag as number)) : undefined);
      return arm === undefined ? value : reviveBigints(arm, value);
    }
    case "ref":
      return reviveBigints(shape.resolve(), value);
    default:
      return value;
  }
}

function reviveProperties(shapes: Readonly<Record<string, Shape>>, value: Record<string, unknown>): void {
  for (const key in shapes) {
    const shape = shapes[key];
    if (shape !== undefined && Object.hasOwn(value, key)) value[key] = reviveBigints(shape, value[key]);
  }
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
