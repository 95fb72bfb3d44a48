import { expect } from "chai";
import { Workbench } from "./workbench.spec.support.js";

const arm = (i: number): string => `{ kind: "arm-${1_000_000 + i}"; v${1_000_000 + i}: number; next?: Event }`;

/** A union of so many arms, and another of as many literals. */
const contract = (count: number): string => {
  const numbers = Array.from({ length: count }, (_, i) => i);
  return [
    "/** @service */",
    "export interface Bus {",
    `  post(event: Event, name: ${numbers.map((i) => `"arm-${1_000_000 + i}"`).join(" | ")}): void;`,
    "}",
    `export type Event = ${numbers.map(arm).join(" | ")};`,
  ].join("\n");
};

describe("unions of hundreds of arms", function () {
  this.timeout(60_000);
  let bench: Workbench;
  const texts = new Map<number, string>();

  before(async () => {
    bench = await Workbench.create();
    for (const count of [20, 100, 1_000]) {
      await bench.write(`bus${count}.ts`, contract(count));
      const { diagnostics, files } = await bench.generate([`bus${count}.ts`]);
      expect(diagnostics).to.deep.equal([]);
      texts.set(count, files[0]?.text ?? "");
    }
  });

  after(() => bench.dispose());

  const textOf = (count: number): string => texts.get(count) ?? "";
  const times = (text: string, part: string | RegExp): number => text.split(part).length - 1;
  const bodyOf = (text: string, name: string): string => text.split(`function ${name}(`)[1]?.split("\n}\n")[0] ?? "";

  it("grow with their arms, and no faster", () => {
    expect(textOf(1_000).length / textOf(100).length).to.be.within(9, 10.2);
    // Besides the arms: the event, the name, the arguments.
    expect(times(textOf(1_000), /^function /m)).to.equal(1_000 + 3);
    for (const i of [0, 499, 999]) expect(times(textOf(1_000), `["v${1_000_000 + i}"]`)).to.equal(1);
  });

  it("are one look into a table, however many there are", () => {
    for (const count of [100, 1_000]) {
      const body = bodyOf(textOf(count), "isEvent");
      expect(body).to.include('const arm = eventArms.get(v["kind"]);').and.to.include("arm(v, depth)");
      expect(times(body, "\n"), "lines").to.be.at.most(6);
      expect(times(textOf(count), /new Map\(/)).to.equal(1);
      expect(times(textOf(count), /switch/)).to.equal(0);
      expect(times(bodyOf(textOf(count), "isBusPostName"), "\n")).to.equal(1);
    }
  });

  it("are one switch while they are few", () => {
    expect(times(textOf(20), /switch \(v\["kind"\]\)/)).to.equal(1);
    expect(times(bodyOf(textOf(20), "isEvent"), "case")).to.equal(20);
  });

  it("accept every arm, and nothing of another", async () => {
    expect(await bench.compile()).to.equal("");
    for (const count of [20, 100, 1_000]) {
      const { methods } = await bench.load(`gen/bus${count}.js`, "Bus");
      const is = (event: unknown, name: string): boolean => methods.get("post")?.args.is([event, name]) === true;
      for (const i of [0, count - 1]) {
        const id = 1_000_000 + i;
        const event = { kind: `arm-${id}`, [`v${id}`]: 1 };
        expect(is(event, `arm-${id}`)).to.equal(true);
        expect(is({ ...event, next: event }, `arm-${id}`)).to.equal(true);
        expect(is({ ...event, next: { ...event, [`v${id}`]: "" } }, `arm-${id}`)).to.equal(false);
        expect(is({ ...event, kind: `arm-${id + count}` }, `arm-${id}`)).to.equal(false);
        expect(is(event, `arm-${id + count}`)).to.equal(false);
        expect(methods.get("post")?.args.explain([event, `arm-${id}`])).to.deep.equal([]);
      }
    }
  });
});
