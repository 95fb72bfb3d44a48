/** A `Date` that names a moment; `new Date(NaN)` does not. */
export function isValidDate(value: unknown): value is Date {
  return value instanceof Date && !Number.isNaN(value.getTime());
}

/** Not every runtime, nor every program's library, has the class. */
const UrlClass = (globalThis as { URL?: new (url: string) => { readonly href: string } }).URL;

export function isURL(value: unknown): value is { readonly href: string } {
  return UrlClass !== undefined && value instanceof UrlClass;
}

/** @throws TypeError when the text is no URL, or the runtime has none. */
export function toURL(text: string): unknown {
  if (UrlClass === undefined) throw new TypeError("this runtime has no URL");
  return new UrlClass(text);
}

/** Something whose properties can be read, whatever it is. */
export function isObjectLike(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
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

/** Whether every own property of `value` is among `names`. */
export function hasOnly(value: object, names: ReadonlySet<string>): boolean {
  // Quicker than a list of the keys; what is inherited is asked for only where it would matter.
  for (const key in value) if (!names.has(key) && Object.hasOwn(value, key)) return false;
  return true;
}
