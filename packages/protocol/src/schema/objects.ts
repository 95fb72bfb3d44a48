/** A `Date` that names a moment; `new Date(NaN)` does not. */
export function isValidDate(value: unknown): value is Date {
  return value instanceof Date && !Number.isNaN(value.getTime());
}

/** An object that can hold named properties: plain, or an instance of a class that is not built into the language. */
export function isObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || !(Array.isArray(value) || isBuiltIn(value));
}

/** Their contents are no properties, so nothing of them would arrive. An `Error` is let through: it has a message. */
function isBuiltIn(value: object): boolean {
  return (
    value instanceof Date ||
    ArrayBuffer.isView(value) ||
    value instanceof ArrayBuffer ||
    value instanceof Map ||
    value instanceof Set ||
    value instanceof RegExp ||
    value instanceof Promise ||
    value instanceof WeakMap ||
    value instanceof WeakSet
  );
}

/** Getters of a class may stand in for properties, but what every object inherits (`constructor`, `toString`) is not data. */
export function own(value: Record<string, unknown>, key: string): unknown {
  return key in Object.prototype && !Object.hasOwn(value, key) ? undefined : value[key];
}
