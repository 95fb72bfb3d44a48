// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they belong to the contracts
import { expect } from "chai";
import { brief, Workbench } from "./workbench.spec.support.js";

/** Forms that are easily written so that they mean another type. */
const types: Readonly<Record<string, string>> = {
  lists: "readonly (readonly string[])[]",
  listsOfReadonly: "(readonly string[])[]",
  tuplesOfLists: "[a: string, ...b: (readonly string[])[]]",
  unlabelled: "[(readonly string[])?]",
  listsOfTuples: "(readonly [number, string?])[]",
  generic: "Both<readonly string[]>",
  mapped: "{ [K in 'a' | 'b']?: string | undefined }",
  mappedFrom: "Loose<Base>",
  mappedInside: "{ x: { [K in keyof Base]?: Base[K] }[] }",
  required: "Strict<Base>",
  hiddenEnum: "{ tint: Tint; more?: Tint }",
  oddMembers: "Exclude<Unit, Unit.Plain>",
  nothing: "{}",
  infinite: "Bound | 1e400 | -1e400",
  noInfer: "NoInfer<Base> | NoInfer<string>",
  oddExport: "Odd",
};

const declarations = [
  "export interface Base { a: string | undefined; b: number; c?: string | undefined; d?: string }",
  "type Loose<T> = { [K in keyof T]?: T[K] };",
  "type Strict<T> = { [K in keyof T]-?: T[K] };",
  "type Both<T> = { one: T; many?: T[] };",
  "enum Tint { Red = 'red', Blue = 'blue' }",
  "export enum Unit { 'kg/m' = 'x', '*/ evil()' = 'y', Plain = 'z', delete = 'w' }",
  "export enum Bound { Low = -1 / 0, High = 1 / 0 }",
  "interface Odd { odd: 1 }",
  "export type { Odd as 'a b' };",
];

/** Names that no import, and no parameter in a file of code, may have. */
const files = ["enum", "default", "await", "static", "string", "undefined", "arguments"];
const declared = [
  "/** @service */",
  "export interface Declared {",
  "  a(arguments: string, eval: number): void;",
  "  b(package: string, arg2: 1, { x }: { x: string }, package_: boolean): void;",
  "  c(yield: string, let: number, ...static: string[]): void;",
  "}",
];

describe("signatures", function () {
  this.timeout(60_000);
  let bench: Workbench;

  before(async () => {
    const methods = Object.entries(types).map(([name, type]) => `  ${name}(x: ${type}): Promise<${type}>;`);
    const names = Object.keys(types);
    bench = await Workbench.create({
      "contract.ts": ["/** @service */", "export interface All {", ...methods, "}", ...declarations].join("\n"),
      "use.ts": [
        'import type { All } from "./contract.js";',
        'import type { AllClient, AllHandler } from "./gen/contract.js";',
        "type Mutual<A, B> = [A] extends [B] ? ([B] extends [A] ? true : 'too narrow') : 'too wide';",
        ...names.flatMap((name) => [
          `export const taken_${name}: Mutual<Parameters<AllClient["${name}"]>[0], Parameters<All["${name}"]>[0]> = true;`,
          `export const given_${name}: Mutual<ReturnType<AllClient["${name}"]>, ReturnType<All["${name}"]>> = true;`,
          `export const handled_${name}: Mutual<Parameters<AllHandler["${name}"]>[0], Parameters<All["${name}"]>[0]> = true;`,
        ]),
        'export const some: Parameters<AllClient["nothing"]>[0] = { a: 1 };',
      ].join("\n"),
      "files.ts": [
        ...files.map((name, i) => `import type { T${i} } from "./${name}.js";`),
        "/** @service */",
        `export interface Files { put(${files.map((_, i) => `x${i}: T${i}`).join(", ")}): void }`,
      ].join("\n"),
      ...Object.fromEntries(files.map((name, i) => [`${name}.ts`, `export interface T${i} { t: ${i} }\n`])),
      "declared.d.ts": declared.join("\n"),
    });
    expect(brief(await bench.generate(["contract.ts", "files.ts", "declared.d.ts"]))).to.deep.equal([
      "FC1205 15:14",
      "FC1205 15:27",
    ]);
  });

  after(() => bench.dispose());

  it("take and give what the contract does, whatever its types, files and parameters are called", async () => {
    expect(await bench.compile()).to.equal("");
    const { methods } = await bench.load("gen/contract.js", "All");
    const is = (...values: unknown[]): readonly boolean[] => values.map((x) => methods.get("infinite")?.args.is([x]) === true);
    const { POSITIVE_INFINITY: most, NEGATIVE_INFINITY: least } = Number;
    expect(is(most, least, null, 0, Number.NaN)).to.deep.equal([true, true, false, false, false]);
    expect(methods.get("oddMembers")?.args.is(["y"])).to.equal(true);
  });

  it("leave the names of the language to it", async () => {
    const long = Array.from({ length: 30 }, (_, i) => `p${i}: string`).join("; ");
    for (const name of ["Parameters", "ReturnType", "Awaited", "Exclude"]) {
      await bench.write(
        "own.ts",
        `/** @service */\nexport interface ${name} { put(x?: Long): Promise<Long> }\ninterface Long { ${long} }\n`,
      );
      expect(brief(await bench.generate(["own.ts"])), name).to.deep.equal(["FC1011"]);
    }
  });

  it("have no number that is none", async () => {
    await bench.write(
      "nan.ts",
      "/** @service */\nexport interface N { a(x: E): void; b(x: E.A): void }\nexport enum E { A = 0 / 0, B = 1 }\n",
    );
    expect(brief(await bench.generate(["nan.ts"]))).to.deep.equal(["FC1218 2:27", "FC1218 2:42"]);
  });
});
