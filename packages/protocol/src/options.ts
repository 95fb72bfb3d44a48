/** Checks for option values: wrong ones are refused where they are given, by name, with what was there. */

/** A whole number within bounds. @throws TypeError, RangeError */
export function assertCount(
  value: unknown,
  name: string,
  bounds: { readonly min: number; readonly max: number },
): asserts value is number {
  if (typeof value !== "number") throw new TypeError(`${name} must be a number, got ${show(value)}`);
  if (!Number.isInteger(value) || value < bounds.min || value > bounds.max) {
    throw new RangeError(`${name} must be a whole number from ${bounds.min} to ${bounds.max}, got ${show(value)}`);
  }
}

/** Milliseconds above zero; `Infinity` switches the thing off where `infinite` allows it. @throws TypeError, RangeError */
export function assertDuration(
  value: unknown,
  name: string,
  options: { readonly infinite?: boolean } = {},
): asserts value is number {
  if (typeof value !== "number") throw new TypeError(`${name} must be a number of milliseconds, got ${show(value)}`);
  if (Number.isNaN(value) || value <= 0 || (value === Number.POSITIVE_INFINITY && options.infinite !== true)) {
    throw new RangeError(
      `${name} must be greater than 0${options.infinite === true ? " (Infinity switches it off)" : " and finite"}, got ${show(value)}`,
    );
  }
}

/** Names the first key that is not known, so that a misspelt option never passes silently. @throws TypeError */
export function assertKnownKeys(value: object, name: string, known: readonly string[]): void {
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) throw new TypeError(`${name}.${key} is not an option; known are ${known.join(", ")}`);
  }
}

/** A short rendering of an option value for an error message. */
export function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 64));
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint") return String(value);
  return value === null ? "null" : typeof value;
}
