import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { generate } from "./index.js";

/** A folder with one contract. */
function folder(text: string): string {
  const dir = mkdtempSync(join(tmpdir(), "farcall-"));
  writeFileSync(join(dir, "shop.ts"), text);
  return dir;
}

describe("what the generator promises", () => {
  it("C1: an unsupported type fails with its place, its path and a way out, and nothing is written", async () => {
    const dir = folder("/** @service */\nexport interface Shop {\n  sell(order: { done: () => void }): Promise<void>;\n}\n");
    const { files, diagnostics } = await generate({ inputs: ["shop.ts"], outDir: "gen", cwd: dir });
    expect(diagnostics).to.have.length(1);
    const [found] = diagnostics;
    expect(found?.code).to.match(/^FC1\d{3}$/);
    expect(JSON.stringify(found)).to.include("shop.ts").and.to.include("Shop.sell").and.to.include("done").and.to.include("hint");
    expect(files).to.deep.equal([]);
    expect(readdirSync(dir)).to.deep.equal(["shop.ts"]);
  });

  it("C2: the same input gives the same bytes, and a check tells when they have drifted", async () => {
    const contract = (type: string): string =>
      `/** @service */\nexport interface Shop {\n  sell(sku: ${type}): Promise<void>;\n}\n`;
    const dir = folder(contract("string"));
    const options = { inputs: ["shop.ts"], outDir: "gen", cwd: dir };
    await generate(options);
    const first = readFileSync(join(dir, "gen/shop.ts"));
    expect((await generate(options)).files.map(({ status }) => status)).to.deep.equal(["unchanged"]);
    expect(readFileSync(join(dir, "gen/shop.ts")).equals(first)).to.equal(true);
    writeFileSync(join(dir, "shop.ts"), contract("number"));
    expect((await generate({ ...options, write: false })).files.map(({ status }) => status)).to.deep.equal(["stale"]);
    expect(readFileSync(join(dir, "gen/shop.ts")).equals(first)).to.equal(true);
  });
});
