import { expect } from "chai";
import { brief, Workbench } from "./workbench.spec.support.js";

const contract = `/** @service */
export interface Api {
  readonly version: string;
  readonly users: {
    find(by: Filter): Promise<string>;
    all(): Promise<string[]>;
    other(list: Tree): Promise<Filter | undefined>;
    readonly self: Loop;
  };
  keyed(map: Map<Point, string>): Promise<void>;
  keyedToo(by: { map: Map<Point, string> }): Promise<void>;
  points(): Promise<Point[]>;
  alike(x: { a: string }): string;
  alike(x: { a: string; b?: number }): number;
  on(event: "a", listener: () => void): void;
  off(event: "a", listener: () => void): void;
  twice(x: string): Promise<Date>;
  twice(x: string): Promise<number>;
}
export interface Filter { test: () => boolean; twin?: Twin }
export interface Tree { branches: Tree[]; filter?: Filter }
export type Twin = { l: Twin; x: 1 } | { l: Twin; y: 1 } | null;
export interface Point { x: number }
export interface Loop { a(): void; readonly more: Loop }
`;

describe("members that cannot be generated", () => {
  let bench: Workbench;

  before(async () => {
    bench = await Workbench.create({ "api.ts": contract });
  });

  after(() => bench.dispose());

  it("are all told, with every reason, though a type is complained about once", async () => {
    const { diagnostics, leftOut, services } = await bench.generate(["api.ts"]);
    expect(leftOut).to.deep.equal([
      { member: "Api.version", codes: ["FC1101"] },
      { member: "Api.users.find", codes: ["FC1201", "FC1216"] },
      { member: "Api.users.other", codes: ["FC1201", "FC1216"] },
      { member: "Api.users.self.more", codes: ["FC1101"] },
      { member: "Api.keyed", codes: ["FC1220"] },
      { member: "Api.keyedToo", codes: ["FC1220"] },
      { member: "Api.alike", codes: ["FC1103"] },
      { member: "Api.off", codes: ["FC1906"] },
      { member: "Api.twice", codes: ["FC1103"] },
    ]);
    expect(diagnostics.filter(({ code }) => code === "FC1201").map(({ path }) => path)).to.deep.equal([
      "Api.users.find > by > test",
    ]);
    expect(services.map(({ path, methods }) => [path, ...methods.map(({ name }) => name)])).to.deep.equal([
      ["Api.users.self", "a"],
      ["Api.users", "all"],
      ["Api", "points", "on"],
    ]);
  });

  it("and nothing else, can be omitted: what is left is generated", async () => {
    const { leftOut } = await bench.generate(["api.ts"]);
    const omit = leftOut.filter(({ codes }) => !codes.includes("FC1906")).map(({ member }) => member);
    const result = await bench.generate(["api.ts"], { omit });
    expect(brief(result)).to.deep.equal(["FC1906 16:3"]);
    expect(result.leftOut).to.deep.equal([{ member: "Api.off", codes: ["FC1906"] }]);
    expect(await bench.compile()).to.equal("");
    expect([...(await bench.load("gen/api.js", "Api")).methods.keys()]).to.deep.equal(["points", "on"]);
  });

  it("may be omitted by the group", async () => {
    const { services } = await bench.generate(["api.ts"], { omit: ["Api.users"] });
    expect(services.map(({ path }) => path)).to.deep.equal(["Api"]);
  });

  it("are there to be omitted: another name is an error", async () => {
    const { files, diagnostics } = await bench.generate(["api.ts"], { omit: ["Api.users.all", "Api.user.all"] });
    expect(files).to.deep.equal([]);
    const [{ code, message } = expect.fail()] = diagnostics.filter(({ line }) => line === undefined);
    expect([code, message]).to.deep.equal(["FC1013", "no service has a member Api.user.all"]);
  });
});
