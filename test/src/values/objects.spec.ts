import { expect } from "chai";
import { PersonSchema, Values } from "../contracts/gen/values.js";

const person = { name: "Ann", toString: null };

/** What is built in holds its contents elsewhere; of its properties nobody would think. */
const builtIns: Readonly<Record<string, () => object>> = {
  "an array": () => [],
  "a Map": () => new Map(),
  "a class of Maps": () => new (class extends Map {})(),
  "a Set": () => new Set(),
  "a Date": () => new Date(0),
  "a RegExp": () => /x/,
  "a Promise": () => Promise.resolve(),
  "a WeakMap": () => new WeakMap(),
  "an ArrayBuffer": () => new ArrayBuffer(1),
  "a typed array": () => new Float32Array(1),
  "what inherits from a Map": () => Object.create(new Map()) as object,
};

class Clerk {
  readonly toString = null as never;
  get name(): string {
    return "Ann";
  }
}

const accepted: Readonly<Record<string, object>> = {
  "an instance of a class, with getters": new Clerk(),
  "an object without a prototype": Object.assign(Object.create(null) as object, person),
  "what inherits from another object": Object.assign(Object.create({}) as object, person),
  "a constructor that is data": { ...person, constructor: "Smith & Co" },
};

describe("objects of the contract", () => {
  for (const [what, make] of Object.entries(builtIns)) {
    it(`are not ${what}, whatever properties it was given`, () => {
      const value = Object.assign(make(), { name: "Ann" });
      Object.defineProperty(value, "toString", { value: null, enumerable: true });
      expect(PersonSchema.is(value)).to.equal(false);
      expect(PersonSchema.explain(value)).to.have.lengthOf(1);
    });
  }

  for (const [what, value] of Object.entries(accepted)) {
    it(`may be ${what}`, () => {
      expect(PersonSchema.is(value)).to.equal(true);
      expect(PersonSchema.explain(value)).to.deep.equal([]);
    });
  }

  it("are records by what is their own", () => {
    const { args } = Values.methods.get("texts") ?? expect.fail("no method");
    const inheriting = (own: object): object => Object.assign(Object.create({ inherited: 1 }) as object, own);
    expect(args.is([inheriting({ a: "x" })])).to.equal(true);
    expect(args.is([inheriting({ a: "x", inherited: 2 })])).to.equal(false);
    expect(args.is([inheriting({ a: 1 })])).to.equal(false);
    const hidden = Object.defineProperty({ a: "x" }, "b", { value: 1, enumerable: false });
    expect(args.is([hidden])).to.equal(true);
    for (const value of [new Map(), [], new Date(0)]) expect(args.is([value])).to.equal(false);
  });
});
