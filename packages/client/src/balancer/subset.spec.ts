import { expect } from "chai";
import { subset } from "./subset.js";

const fleet = (count: number) => Array.from({ length: count }, (_, i) => ({ id: `ws://10.0.${i >> 8}.${i & 255}:7070` }));

describe("the subset of a large fleet", () => {
  it("B6: is 20 of 1 000, the same for the same client, another for another, in the order of the list", () => {
    const all = fleet(1_000);
    const mine = subset(all, 20, "client-1");
    expect(mine).to.have.length(20);
    expect(subset([...all].reverse(), 20, "client-1")).to.have.members(mine as never[]);
    expect(mine).to.deep.equal(all.filter((one) => mine.includes(one)));
    expect(subset(all, 20, "client-2").filter((one) => mine.includes(one)).length).to.be.below(6);
  });

  it("is the whole list where that is not longer", () => {
    const all = fleet(20);
    expect(subset(all, 20, "client")).to.equal(all);
    expect(subset([], 20, "client")).to.deep.equal([]);
  });

  it("row 96: changes at most one entry per client when a server comes or goes", () => {
    const all = fleet(200);
    for (let client = 0; client < 200; client++) {
      const before = subset(all, 20, `client-${client}`);
      const gone = all[client] as (typeof all)[number];
      const after = subset(
        all.filter((one) => one !== gone),
        20,
        `client-${client}`,
      );
      const lost = before.filter((one) => !after.includes(one));
      expect(lost).to.deep.equal(before.includes(gone) ? [gone] : []);
      expect(after.filter((one) => !before.includes(one))).to.have.length(lost.length);
    }
  });

  it("B6: gives every server a number of clients within 10 % of even", () => {
    const all = fleet(100);
    const clients = 10_000;
    const counts = new Map<string, number>();
    for (let client = 0; client < clients; client++) {
      for (const { id } of subset(all, 20, `client-${client}`)) counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    const even = (clients * 20) / 100;
    expect(counts.size).to.equal(100);
    expect(Math.min(...counts.values())).to.be.at.least(0.9 * even);
    expect(Math.max(...counts.values())).to.be.at.most(1.1 * even);
  });
});
