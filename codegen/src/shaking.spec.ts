import { expect } from "chai";
import { build } from "esbuild";
import { Workbench } from "./workbench.spec.support.js";

/** Everything for which a file holds a constant at its top, once for each service and once for both. */
const contract = (name: string): string => `
/** @service */
export interface ${name} {
  /** @throws {${name}Error} */
  put(order: ${name}Order): Promise<${name}Reply>;
  watch(/** @pattern ^${name.toLowerCase()}$ */ text: string, tree: ${name}Tree): AsyncIterable<${name}Open>;
  readonly inner: ${name}Inner;
}
export interface ${name}Inner {
  get(shared: Shared): Promise<${name}Tuple>;
}
export interface ${name}Order { ${name}Id: string; lines: { sku: string }[]; when?: Date; shared: Shared }
export type ${name}Reply = { kind: "${name}Done"; at: Date } | { kind: "${name}Failed"; why: string };
export interface ${name}Tree { left?: ${name}Tree; right?: ${name}Tree }
export interface ${name}Open { known: string; [other: string]: string }
export type ${name}Tuple = [${name}Key: string, number?];
export class ${name}Error extends Error { declare ${name}Field: number }
`;

describe("bundles", () => {
  let bench: Workbench;

  before(async () => {
    bench = await Workbench.create({
      "c.ts": `${contract("Near")}${contract("Far")}export interface Shared { map: Map<string, number>; any: Date | string }\n`,
    });
    const { diagnostics } = await bench.generate(["c.ts"], { unknownKeys: "reject" });
    expect(diagnostics).to.deep.equal([]);
  });

  after(() => bench.dispose());

  async function bundle(program: string): Promise<string> {
    const { outputFiles } = await build({
      stdin: { contents: program, loader: "ts", resolveDir: bench.dir },
      bundle: true,
      format: "esm",
      external: ["@farcall/*"],
      write: false,
      logLevel: "silent",
    });
    return outputFiles[0]?.text ?? "";
  }

  it("hold the services that a program uses, and nothing of the others", async () => {
    const text = await bundle('import { Near } from "./gen/c.js"; console.log(Near);');
    for (const mine of ["NearOrder", "NearDone", "NearError", "NearId", "NearInner", "SharedShape"])
      expect(text).to.include(mine);
    expect(text).to.not.match(/far(?!call)/i);
    expect(text, "checks that nobody asked for").to.not.match(/\w+Schema\b/);
  });

  it("hold a single check with what it is made of", async () => {
    const text = await bundle('import { NearTreeSchema } from "./gen/c.js"; console.log(NearTreeSchema);');
    expect(text.match(/^(?:function|var|const) \w+/gm)).to.deep.equal([
      "var NearTreeShape",
      "var nearTreeNames",
      "function isNearTree",
      "var NearTreeSchema",
    ]);
  });
});
