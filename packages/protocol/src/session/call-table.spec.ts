import { expect } from "chai";
import { CallTable } from "./call-table.js";

describe("the call table", () => {
  it("finds what was added and forgets what was deleted", () => {
    const table = new CallTable<{ id: number }>();
    const calls = Array.from({ length: 1_000 }, (_, i) => ({ id: i * 2 + 1 }));
    for (const call of calls) table.add(call);
    for (const call of calls) expect(table.get(call.id)).to.equal(call);
    expect(table.size).to.equal(1_000);
    for (const call of calls) expect(table.delete(call.id)).to.equal(true);
    expect(table.delete(1)).to.equal(false);
    expect(table.size).to.equal(0);
    expect(table.get(1)).to.equal(undefined);
  });

  it("gives ids that step over calls that live long, without growing for them", () => {
    const table = new CallTable<{ id: number }>();
    table.add({ id: 1 });
    let last = 1;
    for (let i = 0; i < 10_000; i++) {
      const id = table.nextId(last);
      expect(id).to.be.greaterThan(last);
      expect(id % 2).to.equal(1);
      table.add({ id });
      table.delete(id);
      last = id;
    }
    expect(table.get(1)).to.deep.equal({ id: 1 });
    expect(table.size).to.equal(1);
  });

  it("keeps calls apart whose ids a peer chose to collide", () => {
    const table = new CallTable<{ id: number }>();
    const ids = Array.from({ length: 200 }, (_, i) => i * 2 ** 22 + 2);
    for (const id of ids) table.add({ id });
    for (const id of ids) expect(table.get(id)?.id).to.equal(id);
    for (const id of ids) expect(table.delete(id)).to.equal(true);
    expect(table.values()).to.deep.equal([]);
  });

  it("works with ids beyond 32 bits", () => {
    const table = new CallTable<{ id: number }>();
    const id = Number.MAX_SAFE_INTEGER - 2;
    table.add({ id });
    expect(table.get(id)?.id).to.equal(id);
    expect(table.get(id - 2 ** 33)).to.equal(undefined);
  });
});
