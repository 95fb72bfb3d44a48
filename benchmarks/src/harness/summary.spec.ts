import { expect } from "chai";
import type { Cell } from "./rounds.js";
import { median, summarize } from "./summary.js";

function cell(contender: string, round: number, counted: number): Cell {
  const sample = { counted, made: 100, windowMs: 500, p50Us: 10, p99Us: 20, cpuUs: 400, serverCpuUs: 300 };
  return { contender, outstanding: 64, round, sample };
}

describe("summarize", () => {
  it("compares each round with the floor's same round, whatever the machine did in others", () => {
    const rows = summarize(
      [cell("b", 0, 300), cell("a", 0, 100), cell("a", 1, 1_000), cell("b", 1, 2_000), cell("b", 2, 250), cell("a", 2, 100)],
      "a",
    );
    expect(rows.map((row) => [row.contender, row.callsPerSecond, row.ratio])).to.deep.equal([
      ["a", 200, { median: 1, min: 1, max: 1 }],
      ["b", 600, { median: 2.5, min: 2, max: 3 }],
    ]);
  });

  it("divides CPU time by all calls made", () => {
    const [row] = summarize([cell("a", 0, 90)], "a");
    expect(row).to.include({ clientCpuUs: 4, serverCpuUs: 3 });
  });
});

describe("median", () => {
  it("is the middle value, or the mean of the two in the middle", () => {
    expect([median([3, 1, 2]), median([4, 1, 2, 3])]).to.deep.equal([2, 2.5]);
  });
});
