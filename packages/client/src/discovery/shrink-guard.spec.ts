import { expect } from "chai";
import { parseEndpoints, type ResolvedEndpoint } from "./endpoints.js";
import { holdMs, ShrinkGuard } from "./shrink-guard.js";
import { HandClock } from "./test-support.spec.support.js";

const urlOf = (name: string) => `ws://${name}:1`;
const nameOf = ({ id }: ResolvedEndpoint) => id;

/** Endpoints are one-letter names here. */
class Bench {
  readonly clock = new HandClock();
  readonly unwell = new Set<string>();
  readonly reports: string[] = [];
  used = "";
  readonly guard = new ShrinkGuard({
    clock: this.clock,
    isHealthy: (endpoint) => !this.unwell.has(nameOf(endpoint)),
    apply: (endpoints) => {
      this.used = endpoints.map(nameOf).join("");
    },
    held: (endpoints) => this.reports.push(endpoints.map(nameOf).join("")),
  });

  /** What is in use after this list has been told. */
  told(names: string): string {
    const list = Array.from(names, (id) => ({ id, url: urlOf(id) }));
    this.guard.update(parseEndpoints(list, "list"));
    return this.used;
  }

  after(ms: number): string {
    this.clock.advance(ms);
    return this.used;
  }
}

describe("ShrinkGuard", () => {
  it("D3: holds a list that has become empty for 30 s, says so once, and then believes it", () => {
    const bench = new Bench();
    bench.told("abc");
    expect(bench.told("")).to.equal("abc");
    expect(bench.after(holdMs - 1)).to.equal("abc");
    expect(bench.told("")).to.equal("abc");
    expect(bench.after(1)).to.equal("");
    expect(bench.reports).to.deep.equal(["abc"]);
    expect(bench.clock.timers).to.equal(0);
  });

  it("D3: forgets the doubt when the endpoints are listed again", () => {
    const bench = new Bench();
    bench.told("abc");
    bench.told("");
    expect(bench.told("abc")).to.equal("abc");
    expect(bench.clock.timers).to.equal(0);
    expect(bench.after(holdMs)).to.equal("abc");
  });

  const steps: readonly (readonly [title: string, before: string, unwell: string, update: string, used: string])[] = [
    ["half may go at once", "abcd", "", "ab", "ab"],
    ["one of two may go at once", "ab", "", "a", "a"],
    ["more than half stay", "abc", "", "a", "abc"],
    ["the only one stays", "a", "", "", "a"],
    ["what is new counts at once, and what it replaces stays", "abc", "", "xyz", "xyzabc"],
    ["what is unwell may leave at once", "abcd", "bc", "", "ad"],
    ["when all that leave are unwell, there is nothing to doubt", "abcd", "bcd", "a", "a"],
    ["an empty list at the start is one", "", "", "", ""],
    ["growing is no reason to doubt", "a", "", "abcdef", "abcdef"],
  ];
  for (const [title, before, unwell, update, used] of steps) {
    it(`${title}: ${before || "nothing"}, then ${update || "nothing"}`, () => {
      const bench = new Bench();
      for (const name of unwell) bench.unwell.add(name);
      bench.told(before);
      expect(bench.told(update)).to.equal(used);
      const isHeld = Array.from(used).some((name) => !update.includes(name));
      expect([bench.reports.length, bench.clock.timers]).to.deep.equal(isHeld ? [1, 1] : [0, 0]);
    });
  }

  it("counts the 30 s from the first doubt, however often the list is told", () => {
    const bench = new Bench();
    bench.told("abcd");
    for (let i = 0; i < 5; i++) {
      expect(bench.told("x")).to.equal("xabcd");
      expect(bench.after(5_999)).to.equal("xabcd");
    }
    expect(bench.after(5)).to.equal("x");
    expect(bench.reports).to.deep.equal(["abcd"]);
  });

  it("believes what was told last, not what was told first", () => {
    const bench = new Bench();
    bench.told("abcdef");
    bench.told("");
    expect(bench.told("ab")).to.equal("abcdef");
    expect(bench.after(holdMs)).to.equal("ab");
  });

  it("ends the hold when enough are listed again; the few that are not go", () => {
    const bench = new Bench();
    bench.told("abcd");
    bench.told("");
    expect(bench.told("abc")).to.equal("abc");
    expect(bench.clock.timers).to.equal(0);
  });

  it("lets what falls ill during the hold go with the next update", () => {
    const bench = new Bench();
    bench.told("abcd");
    bench.told("");
    bench.unwell.add("b");
    expect(bench.told("")).to.equal("acd");
    for (const name of "acd") bench.unwell.add(name);
    expect(bench.told("")).to.equal("");
    expect(bench.clock.timers).to.equal(0);
  });

  it("holds a list that melts away in small steps", () => {
    const bench = new Bench();
    bench.told("abcdefghij");
    bench.after(60_000);
    expect(bench.told("abcdef")).to.equal("abcdef");
    bench.after(1_000);
    expect(bench.told("abcd")).to.equal("abcdef");
    expect(bench.told("ab")).to.equal("abcdef");
    expect(bench.told("")).to.equal("abcdef");
    expect(bench.after(holdMs)).to.equal("");
  });

  it("lets a fleet shrink as far as it likes in its own time", () => {
    const bench = new Bench();
    for (const names of ["abcdefgh", "abcd", "ab", "a"]) {
      expect(bench.told(names)).to.equal(names);
      bench.after(holdMs + 1);
    }
    expect(bench.reports).to.deep.equal([]);
  });

  it("does not mind a fleet that is replaced one by one", () => {
    const bench = new Bench();
    for (const names of ["abcd", "bcd", "bcdw", "cdw", "cdwx", "dwx", "dwxy", "wxy", "wxyz"])
      expect(bench.told(names)).to.equal(names);
    expect(bench.reports).to.deep.equal([]);
  });

  it("gives an address to whoever is listed there now", () => {
    const bench = new Bench();
    bench.told("ab");
    bench.guard.update(parseEndpoints([{ id: "A", url: urlOf("a") }], "list"));
    expect(bench.used).to.equal("Ab");
  });

  it("is not fooled by a doubt that is over: the next shrink is judged afresh", () => {
    const bench = new Bench();
    bench.told("abcdef");
    bench.told("ab");
    bench.after(holdMs);
    expect(bench.told("a")).to.equal("a");
    expect(bench.told("")).to.equal("a");
    expect(bench.reports).to.deep.equal(["cdef", "a"]);
  });

  it("keeps no process alive, and leaves no timer when it stops", () => {
    const bench = new Bench();
    bench.told("ab");
    bench.told("");
    expect([bench.clock.timers, bench.clock.refs]).to.deep.equal([1, 0]);
    bench.guard.stop();
    expect(bench.clock.timers).to.equal(0);
  });
});
