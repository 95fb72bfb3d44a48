import { readdir } from "node:fs/promises";
import { codes, createGenerator } from "@farcall/codegen";
import { expect } from "chai";
import { blocksOf, Project, path, readPage } from "./documented.js";

/** They are about files, and not about what stands in one. */
const withoutExample = ["FC1001", "FC1005", "FC1006", "FC1012", "FC1013"];

describe("the pages of diagnostics", () => {
  /** One for all: the library of the language is parsed once. */
  const generator = createGenerator();
  let project: Project;

  before(async () => {
    project = await Project.create("diagnostics");
  });

  after(() => project.remove());

  const found = async (name: string, text: string): Promise<readonly string[]> => {
    await project.write(name, text);
    const { diagnostics } = await generator.generate({ inputs: [name], outDir: "gen", cwd: project.folder, write: false });
    return [...new Set(diagnostics.map(({ code }) => code))];
  };

  it("are one for each code", async () => {
    const pages = (await readdir(path("docs/diagnostics"))).filter((page) => page !== "README.md");
    expect(pages.sort()).to.deep.equal(Object.keys(codes).map((code) => `${code}.md`));
    const index = await readPage("docs/diagnostics/README.md");
    for (const [code, meaning] of Object.entries(codes)) expect(index).to.include(`- [${code}](${code}.md): ${meaning}`);
  });

  for (const code of Object.keys(codes)) {
    it(`${code}: the bad example gives it, the good one nothing`, async () => {
      const page = await readPage(`docs/diagnostics/${code}.md`);
      const blocks = blocksOf(page);
      const [bad, good] = ["bad", "good"].map((name) => blocks.find((block) => block.name === name)?.text);
      if (withoutExample.includes(code)) return expect(blocks).to.deep.equal([]);
      if (bad === undefined || good === undefined) throw new Error(`${code}.md lacks an example`);
      expect(await found(`${code}-bad.ts`, bad)).to.deep.equal([code]);
      expect(await found(`${code}-good.ts`, good)).to.deep.equal([]);
    });
  }
});
