import { FarcallError } from "@farcall/client";
import { schema, type TemplateHole } from "@farcall/protocol";
import { expect } from "chai";
import fc from "fast-check";
import { Values } from "../contracts/gen/values.js";
import { type Echo, openEcho } from "./echo.js";

type Shape = NonNullable<ReturnType<typeof Values.methods.get>>["args"]["shape"];

/** A value, or a value with one thing wrong and the path to it. */
interface Sample {
  readonly value: unknown;
  readonly wrongAt?: string;
}

const text = fc.string({ unit: "binary" });
const key = text.filter((name) => name !== "__proto__");
const numbers = fc.oneof(fc.double(), fc.integer(), fc.maxSafeInteger(), fc.constantFrom(-0, Number.NaN));
const bigints = fc.oneof(fc.bigInt({ min: -(2n ** 511n), max: 2n ** 511n - 1n }), fc.bigInt({ min: -300n, max: 300n }));

function bytesAs(name: string): fc.Arbitrary<unknown> {
  const type = (globalThis as unknown as Record<string, { new (buffer: ArrayBuffer): unknown; BYTES_PER_ELEMENT?: number }>)[
    name
  ];
  if (type === undefined) throw new Error(`no ${name}`);
  return fc.uint8Array({ maxLength: 40 }).map((bytes) => {
    const whole = bytes.slice(0, bytes.length - (bytes.length % (type.BYTES_PER_ELEMENT ?? 1)));
    return name === "ArrayBuffer" ? whole.buffer : new type(whole.buffer);
  });
}

const anything = fc.letrec((tie) => ({
  any: fc.oneof({ maxDepth: 3 }, tie("leaf"), fc.array(tie("any"), { maxLength: 3 }), tie("object")),
  leaf: fc.oneof(
    text,
    numbers,
    bigints,
    fc.boolean(),
    fc.constantFrom(null, undefined),
    fc.date({ noInvalidDate: true }),
    fc.uint8Array(),
  ),
  object: fc.dictionary(key, tie("any"), { maxKeys: 3, noNullPrototype: true }),
})).any;

/** Text for a hole of a template; none that would make the next hole begin early. */
function hole(kind: TemplateHole): fc.Arbitrary<string> {
  if (kind === "string") return fc.stringMatching(/^[a-z]{1,8}$/);
  return kind === "number" ? fc.integer().map(String) : fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }).map(String);
}

function joined(texts: readonly string[], filled: readonly string[]): string {
  return texts.map((one, index) => one + (filled[index] ?? "")).join("");
}

function fitting(shape: Shape, depth = 0): fc.Arbitrary<unknown> {
  const inside = (inner: Shape): fc.Arbitrary<unknown> => fitting(inner, depth + 1);
  const size = { maxLength: depth > 3 ? 0 : 4 };
  switch (shape.kind) {
    case "string":
      return text;
    case "number":
      return numbers;
    case "boolean":
      return fc.boolean();
    case "bigint":
      return bigints;
    case "date":
      return fc.date({ noInvalidDate: true });
    case "bytes":
      return fc.uint8Array();
    case "null":
      return fc.constant(null);
    case "undefined":
      return fc.constant(undefined);
    case "any":
      return anything;
    case "url":
      return fc.webUrl().map((url) => new URL(url));
    case "template":
      return fc.tuple(...shape.holes.map(hole)).map((filled) => joined(shape.texts, filled));
    case "where":
      return fitting(shape.of, depth).filter((value) => schema(shape, () => false).explain(value).length === 0);
    case "literal":
      return fc.constantFrom(...shape.values);
    case "typedArray":
      return bytesAs(shape.name);
    case "array":
      return fc.array(inside(shape.element), size);
    case "set":
      return fc.array(inside(shape.member), size).map((members) => new Set(members));
    case "map":
      return fc.array(fc.tuple(inside(shape.key), inside(shape.value)), size).map((entries) => new Map(entries));
    case "record":
      return fc.dictionary(
        shape.key === undefined ? key : (fitting(shape.key, depth) as fc.Arbitrary<string>),
        inside(shape.value),
        { maxKeys: size.maxLength, noNullPrototype: true },
      );
    case "tuple": {
      const rest = shape.rest === undefined ? fc.constant([]) : fc.array(inside(shape.rest), size);
      const elements = shape.elements.map((element, index) =>
        index < shape.required ? inside(element) : fc.option(inside(element), { nil: undefined }),
      );
      return fc.tuple(fc.tuple(...elements), rest).map(([fixed, more]) => [...fixed, ...more]);
    }
    case "object": {
      const optional = depth > 3 ? [] : Object.entries(shape.optional);
      const all = [...Object.entries(shape.required), ...optional];
      const model = Object.fromEntries(all.map(([name, inner]) => [name, inside(inner)]));
      const declared = fc.record(model, { requiredKeys: Object.keys(shape.required), noNullPrototype: true });
      if (shape.rest === undefined) return declared;
      const others = fc.dictionary(key, inside(shape.rest), { maxKeys: 3, noNullPrototype: true });
      return fc.tuple(others, declared).map(([more, named]) => ({ ...more, ...named }));
    }
    case "union":
      return fc.oneof(...shape.arms.map(inside));
    case "variant":
      return fc.oneof(...[...shape.arms.values()].map(inside));
    case "ref":
      return fc.constant(null).chain(() => fitting(shape.resolve(), depth));
  }
}

/** Something that no type of the contract allows, put at a random place below `value`. */
function spoiled(value: unknown, path: string, choose: (count: number) => number): Sample {
  const wrong = /never/u;
  const here = { value: wrong, wrongAt: path };
  if (Array.isArray(value) && value.length > 0) {
    const index = choose(value.length + 1);
    if (index === value.length) return here;
    const inner = spoiled(value[index], `${path}[${index}]`, choose);
    return { ...inner, value: value.map((one: unknown, i) => (i === index ? inner.value : one)) };
  }
  if (value instanceof Map && value.size > 0) {
    const index = choose(value.size);
    const entries = [...(value as Map<unknown, unknown>)];
    const inner = spoiled(entries[index]?.[1], `${path}[${index}].value`, choose);
    return { ...inner, value: new Map(entries.map(([name, one], i) => [name, i === index ? inner.value : one])) };
  }
  return here;
}

describe("C7: every type of a contract", () => {
  let echo: Echo;

  before(async () => {
    echo = await openEcho("memory");
  });

  after(() => echo.close());

  for (const [name, method] of Values.methods) {
    const { shape } = method.args;
    const [declared] = shape.kind === "tuple" ? shape.elements : [];
    if (declared === undefined || name === "parameters" || method.stream !== undefined) continue;
    const call = (value: unknown): Promise<unknown> =>
      (echo.stub as unknown as Record<string, (value: unknown) => Promise<unknown>>)[name]?.(value) as Promise<unknown>;

    it(`comes back as it was sent: ${name}`, () =>
      fc.assert(
        fc.asyncProperty(fitting(declared), async (value) => {
          const result = await call(value);
          expect(echo.seen.args[0]).to.deep.equal(value);
          expect(result).to.deep.equal(value);
          if (typeof value === "number") expect(Object.is(result, value)).to.equal(true);
        }),
        { numRuns: 100 },
      ));

    it(`is refused with the path of what is wrong: ${name}`, () =>
      fc.assert(
        fc.asyncProperty(fitting(declared), fc.infiniteStream(fc.nat()), async (value, random) => {
          const choose = (count: number): number => (random.next().value as number) % count;
          const { value: wrong, wrongAt } = spoiled(value, "value", choose);
          const error: unknown = await call(wrong).then(
            () => undefined,
            (reason: unknown) => reason,
          );
          if (!FarcallError.is(error)) throw new Error(`accepted ${String(wrong)}`);
          expect(error).to.include({ code: "INVALID_ARGUMENT", executed: "no" });
          expect(error.message).to.include(`: ${wrongAt ?? ""}: expected`);
        }),
        { numRuns: 50 },
      ));
  }
});
