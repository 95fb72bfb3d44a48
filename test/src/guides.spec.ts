import { readdir } from "node:fs/promises";
import { expect } from "chai";
import { type Block, blocksOf, filesOf, Project, path, readPage } from "./documented.js";

const guides = [
  "availability",
  "streams",
  "errors",
  "metadata-and-interceptors",
  "limits",
  "testing",
  "balancing",
  "discovery",
  "restarts",
  "tls",
  "typescript-as-an-idl",
  "checking-values",
];
/** Held to the same standard by a test of their own. */
const others = ["quick-start.md"];

describe("the guides", function () {
  this.timeout(60_000);

  const blocks = new Map<string, readonly Block[]>();
  let project: Project;
  let complaints: string;

  before(async () => {
    project = await Project.create("guides");
    // One project for all of them, set up as the README says.
    await project.write("tsconfig.json", filesOf(blocksOf(await readPage("README.md"))).get("tsconfig.json") ?? "");
    for (const name of ["certificate.pem", "key.pem"]) await project.write(name, await readPage(`test/fixtures/tls/${name}`));
    const contracts: string[] = [];
    for (const guide of guides) {
      const page = await readPage(`docs/guides/${guide}.md`);
      blocks.set(guide, blocksOf(page));
      const contract = /`npx farcall gen (\S+) --out gen`/.exec(page)?.[1];
      if (contract !== undefined) contracts.push(contract);
      for (const [name, text] of files(guide)) await project.write(name, text);
    }
    expect(await project.output(`npx farcall gen ${contracts.join(" ")} --out gen`)).to.match(/^(wrote .*\n)+$/);
    complaints = await project.output("npx tsc");
  });

  after(() => project?.remove());

  it("are all held to this", async () => {
    const pages = (await readdir(path("docs/guides"))).filter((page) => !others.includes(page));
    expect(pages).to.have.members(guides.map((guide) => `${guide}.md`));
  });

  it("do not use a name of a file twice", () => {
    const names = guides.flatMap((guide) => [...files(guide).keys()]);
    expect(names).to.deep.equal([...new Set(names)]);
  });

  it("compile under strict", () => {
    expect(complaints).to.equal("");
  });

  for (const guide of guides) {
    it(`${guide}.md is of a length that is read`, async () => {
      expect((await readPage(`docs/guides/${guide}.md`)).trimEnd().split("\n").length).to.be.within(60, 140);
    });

    it(`${guide}.md has no code that is not run`, () => {
      const code = (blocks.get(guide) ?? []).filter(({ language }) => language === "ts");
      expect(code.filter(({ name }) => name === undefined)).to.deep.equal([]);
      const all = [...files(guide)];
      const used = all.filter(
        ([name, text]) =>
          text.includes("@service") ||
          programs(guide).has(name) ||
          all.some(([, other]) => other.includes(`"./${name.replace(/ts$/, "js")}"`)),
      );
      expect(used).to.deep.equal(all);
    });

    it(`${guide}.md shows what its programs print`, async () => {
      const shown = [...programs(guide)];
      expect(shown).to.not.deep.equal([]);
      const printed = await Promise.all(
        shown.map(async ([name]) => [name, await project.output(`node dist/${name.replace(/ts$/, "js")}`)]),
      );
      expect(printed.map(([name, output = ""]) => [name, comparable(output)])).to.deep.equal(
        shown.map(([name, output]) => [name, comparable(output)]),
      );
    });
  }

  function files(guide: string): ReadonlyMap<string, string> {
    return filesOf((blocks.get(guide) ?? []).filter(({ language }) => language === "ts"));
  }

  /** The files that are run, each with everything that is shown below its blocks. */
  function programs(guide: string): ReadonlyMap<string, string> {
    const all = blocks.get(guide) ?? [];
    const shown = new Map<string, string>();
    all.forEach(({ language, text }, i) => {
      if (language !== "text") return;
      const { name } = all[i - 1] ?? {};
      if (name === undefined) throw new Error(`${guide}.md: output that follows no named block: ${text}`);
      shown.set(name, (shown.get(name) ?? "") + text);
    });
    return shown;
  }
});

/** Without what differs from run to run: identifiers, and measured times, which are shown with a decimal point. */
function comparable(output: string): string {
  return output.replace(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, "<id>").replace(/\d+\.\d ms\b/g, "<time> ms");
}
