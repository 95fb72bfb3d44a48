import { expect } from "chai";
import type { Balancer, BalancerEndpoint, Picker } from "./balancer.js";
import { anyCall, endpoint, excluding, tally } from "./fleet.spec.support.js";
import { safePicker } from "./safe-picker.js";

const ready = [endpoint("a"), endpoint("b"), endpoint("c")];

/** A picker made safe, and what was reported. */
function safe(picker: (list: readonly BalancerEndpoint[]) => unknown) {
  const reports: string[] = [];
  const balancer = { name: "own", picker } as Balancer;
  return { picker: safePicker(balancer, ready, (fault) => reports.push(fault.message)), reports };
}

function picking(pick: () => unknown) {
  return safe(() => ({ pick }) as Picker);
}

const even = [
  ["a", 100],
  ["b", 100],
  ["c", 100],
];

describe("a balancer that is wrong", () => {
  const cases: Record<string, [ReturnType<typeof safe>, string]> = {
    "throws while it makes a picker": [
      safe(() => {
        throw new Error("no luck");
      }),
      "balancer own threw in picker(): ",
    ],
    "returns no picker": [safe(() => undefined), "balancer own returned no picker"],
    "returns a promise": [safe(async () => ({})), "balancer own returned no picker"],
    "throws while it picks": [
      picking(() => {
        throw new Error("no luck");
      }),
      "balancer own threw in pick(): ",
    ],
    "picks nothing": [picking(() => undefined), "balancer own picked nothing although an endpoint is left"],
    "picks rubbish": [picking(() => 7), "balancer own picked what is not in its list"],
    "picks null": [picking(() => null), "balancer own picked what is not in its list"],
    "picks one that is gone": [picking(() => endpoint("a")), "balancer own picked what is not in its list"],
  };
  for (const [what, [{ picker, reports }, message]] of Object.entries(cases)) {
    it(`that ${what} is replaced by round robin, and reported once`, () => {
      expect([...tally(picker, 300)]).to.deep.equal(even);
      expect(reports).to.have.length(1);
      expect(reports[0]).to.contain(message).and.to.contain("; round robin stands in");
    });
  }

  it("that picks an excluded endpoint is overruled", () => {
    const { picker, reports } = picking(() => ready[0]);
    expect([...tally(picker, 10)]).to.deep.equal([["a", 10]]);
    expect(reports).to.deep.equal([]);
    expect([...tally(picker, 10, () => excluding("a")).keys()]).to.have.members(["b", "c"]);
    expect(reports).to.deep.equal(["balancer own picked an excluded endpoint; round robin stands in"]);
  });

  it("may pick nothing when nothing is left", () => {
    const { picker, reports } = picking(() => undefined);
    expect(picker.pick(excluding("a", "b", "c"))).to.equal(undefined);
    expect(reports).to.deep.equal([]);
  });

  it("is heard again as soon as it picks well", () => {
    let calls = 0;
    const { picker } = picking(() => {
      if (calls++ === 0) throw new Error("only once");
      return ready[2];
    });
    expect([picker.pick(anyCall), picker.pick(anyCall)?.id]).to.deep.equal([ready[0], "c"]);
  });

  it("is named even if its name throws", () => {
    const reports: string[] = [];
    const balancer = {
      get name(): string {
        throw new Error("no name");
      },
      picker: () => undefined as unknown as Picker,
    };
    safePicker(balancer, ready, (fault) => reports.push(fault.message));
    expect(reports[0]).to.match(/^balancer without a name returned no picker/);
  });
});
