// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they belong to the contracts
import { expect } from "chai";
import { brief, Workbench } from "./workbench.spec.support.js";

const many = (count: number, arm: (index: number) => string): string =>
  Array.from({ length: count }, (_, i) => arm(i)).join(" | ");

/** What people never write, and programs do. */
const contract = [
  "/** @service */",
  "export interface Odd {",
  '  /** Evil *\\/ comment `${process.exit(1)}` and "quotes". @deprecated */',
  `  literals(x: ${many(10_000, (i) => `"a${i}"`)}): Promise<void>;`,
  `  variants(x: ${many(2_000, (i) => `{ kind: "k${i}"; v${i}: number }`)}): Promise<void>;`,
  `  alike(x: ${many(300, (i) => `{ p${i}: string }`)}): Promise<void>;`,
  '  keys(x: { "a\\"b": 1; "new\\nline": 2; "\\u2028": 3; "class": 4; "*/": 5; "`${x}": 6; "__proto": 7; "日本": 8 }): Promise<"*/ \\n`">;',
  '  "odd \\" name\\n*/"(x: string): Promise<void>;',
  "  delete(\\u0061rguments_: string, 名前: string): Promise<void>;",
  "  cyclic(x: Cyclic): Promise<void>;",
  "  pattern(",
  '    /** @pattern ^[\\/*"`${}]+$ */',
  "    x: string,",
  "  ): Promise<void>;",
  "}",
  "export type Cyclic = Cyclic[] | { [key: string]: Cyclic };",
];

describe("odd contracts", function () {
  this.timeout(120_000);
  let bench: Workbench;

  before(async () => {
    bench = await Workbench.create({ "a dir/odd 'contract'.ts": `${contract.join("\n")}\n` });
  });

  after(() => bench.dispose());

  it("become a file that compiles, and checks what it should", async () => {
    const result = await bench.generate(["a dir/odd 'contract'.ts"], { outDir: "gen out" });
    expect(result.diagnostics).to.deep.equal([]);
    expect(await bench.compile()).to.equal("");
    const { methods } = await bench.load("gen out/odd 'contract'.js", "Odd");
    const accepts = (name: string, value: unknown): boolean => methods.get(name)?.args.is([value]) === true;
    expect(accepts("literals", "a9999")).to.equal(true);
    expect(accepts("literals", "a10000")).to.equal(false);
    expect(accepts("variants", { kind: "k1999", v1999: 1 })).to.equal(true);
    expect(accepts("variants", { kind: "k1999", v1998: 1 })).to.equal(false);
    expect(accepts("alike", { p299: "" })).to.equal(true);
    const keys = { 'a"b': 1, "new\nline": 2, "\u2028": 3, class: 4, "*/": 5, "`${x}": 6, __proto: 7, 日本: 8 };
    expect(methods.get("keys")?.args.explain([keys])).to.deep.equal([]);
    expect(accepts("keys", keys)).to.equal(true);
    expect(accepts("keys", { ...keys, "*/": 6 })).to.equal(false);
    expect(accepts('odd " name\n*/', "x")).to.equal(true);
    expect(accepts("pattern", '*"`${}/')).to.equal(true);
    expect(accepts("pattern", "x")).to.equal(false);
  });

  it("end with a refusal where types are nested without end, or nearly", async () => {
    const boxes = `${"Box<".repeat(64)}string${">".repeat(64)}`;
    await bench.write(
      "deep.ts",
      `/** @service */\nexport interface Deep {\n  put(x: ${boxes}): void;\n}\nexport interface Box<T> { v: T }\n`,
    );
    expect(brief(await bench.generate(["deep.ts"]))).to.deep.equal(["FC1217 5:30"]);
    await bench.write(
      "circular.ts",
      "/** @service */\nexport interface Circular {\n  put(x: A): void;\n}\nexport type A = B;\ntype B = A;\n",
    );
    expect((await bench.generate(["circular.ts"])).diagnostics.some(({ code }) => code.startsWith("FC"))).to.equal(true);
  });
});
