import type { StandardSchemaV1 } from "@standard-schema/spec";
import { expect } from "chai";
import { PersonSchema, Values } from "./contracts/gen/values.js";
import type { Person } from "./contracts/values.js";

/** Compiles only if the two are the same type. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const isSame = <A, B>(same: Same<A, B>): boolean => same;

/** As any library takes validators: it knows nothing but the interface. */
async function parse<S extends StandardSchemaV1>(schema: S, value: unknown): Promise<StandardSchemaV1.InferOutput<S>> {
  const result = await schema["~standard"].validate(value);
  if (result.issues !== undefined) throw new TypeError(result.issues.map(({ message }) => message).join("; "));
  return result.value as StandardSchemaV1.InferOutput<S>;
}

describe("Standard Schema", () => {
  it("is what a declared type of the contract is checked by, and keeps the type", async () => {
    const schema: StandardSchemaV1<Person, Person> = PersonSchema;
    expect(schema["~standard"]).to.include({ version: 1, vendor: "farcall" });
    const person = await parse(PersonSchema, { name: "Ann", toString: null });
    expect(isSame<typeof person, Person>(true)).to.equal(true);
    expect(isSame<StandardSchemaV1.InferInput<typeof PersonSchema>, Person>(true)).to.equal(true);
    expect(person).to.deep.equal({ name: "Ann", toString: null });
    expect(await parse(PersonSchema, { name: 1, toString: null }).catch(String)).to.equal(
      "TypeError: name: expected string, got number 1",
    );
  });

  it("is what arguments, items and results are checked by", () => {
    const { args, input, output } = Values.methods.get("stream") ?? expect.fail("no method");
    const schemas: readonly (StandardSchemaV1 | undefined)[] = [args, input, output];
    for (const schema of schemas) expect(schema?.["~standard"].vendor).to.equal("farcall");
    expect(schemas.map((schema) => schema?.["~standard"].validate([]))).to.deep.equal([
      { value: [] },
      { issues: [{ message: "value: expected Map, got array of 0", path: [] }] },
      { issues: [{ message: "value: expected Map, got array of 0", path: [] }] },
    ]);
  });

  it("is made once", () => {
    expect(PersonSchema["~standard"]).to.equal(PersonSchema["~standard"]);
    const { validate } = PersonSchema["~standard"];
    expect(validate({ name: "Ann", toString: "x" })).to.have.property("value");
  });
});
