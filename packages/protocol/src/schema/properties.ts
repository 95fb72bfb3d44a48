import type { ObjectShape, Shape } from "./shape.js";

/** A property that an object shape names. */
export interface Property {
  readonly name: string;
  readonly of: Shape;
  readonly isOptional: boolean;
  /** Every object has something of this name, which is not data. */
  readonly isInherited: boolean;
}

const known = new WeakMap<ObjectShape, readonly Property[]>();

/** The required ones first. */
export function propertiesOf(shape: ObjectShape): readonly Property[] {
  let properties = known.get(shape);
  if (properties === undefined) {
    const list = (of: Readonly<Record<string, Shape>>, isOptional: boolean): Property[] =>
      Object.entries(of).map(([name, inner]) => ({ name, of: inner, isOptional, isInherited: name in Object.prototype }));
    properties = [...list(shape.required, false), ...list(shape.optional, true)];
    known.set(shape, properties);
  }
  return properties;
}

/** `isInherited`: see `Property`. Getters of a class may stand in for other properties. */
export function ownValue(value: Record<string, unknown>, name: string, isInherited: boolean): unknown {
  return isInherited && !Object.hasOwn(value, name) ? undefined : value[name];
}
