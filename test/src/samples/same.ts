import { deepStrictEqual } from "node:assert/strict";
import { expect } from "chai";

/** Strictly equal in every part, types, `-0` and present properties of `undefined` included. */
export function expectSame(actual: unknown, expected: unknown): void {
  deepStrictEqual(actual, expected);
  // To this version of Node, all URLs are equal.
  expect(hrefs(actual)).to.deep.equal(hrefs(expected));
}

function hrefs(value: unknown): readonly string[] {
  if (value instanceof URL) return [value.href];
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return [];
  return Object.values(value).flatMap(hrefs);
}
