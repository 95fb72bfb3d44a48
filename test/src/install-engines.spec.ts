import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "chai";

const run = promisify(execFile);
const script = fileURLToPath(new URL("../../.ci/engines.mjs", import.meta.url));

/** A lockfile in which one dependency asks for this range of Node. */
function lockfile(range: string): string {
  return `lockfileVersion: '9.0'

packages:

  '@some/calm@1.0.0':
    resolution: {integrity: sha512-aaaa==}
    engines: {node: '>=18'}

  eager@2.0.0:
    resolution: {integrity: sha512-bbbb==}
    engines: {npm: '>=10', node: ${range}}
    hasBin: true

snapshots:

  eager@2.0.0: {}
`;
}

describe("the check of what dependencies ask of Node", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "farcall-engines-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function check(range: string): Promise<{ readonly code?: number; readonly stdout: string; readonly stderr: string }> {
    const file = join(folder, "pnpm-lock.yaml");
    await writeFile(file, lockfile(range));
    return run(process.execPath, [script, file]).catch(
      (error: unknown) => error as { readonly code: number; readonly stdout: string; readonly stderr: string },
    );
  }

  for (const range of ["'>=22'", "'>=20.20.0'", "^22.12.0 || >=24", "'>= 22'"]) {
    it(`fails on a dependency that asks for ${range}, and names it`, async () => {
      const { code, stderr } = await check(range);
      expect(code).to.equal(1);
      expect(stderr).to.match(/^eager@2\.0\.0 asks for Node /);
      expect(stderr).to.not.include("calm");
    });
  }

  it("passes a dependency that admits the oldest Node", async () => {
    expect((await check("^20.19.0 || >=22.12.0")).stdout).to.include("2 dependencies");
  });

  it("passes what this workspace depends on", async () => {
    expect((await run(process.execPath, [script])).stdout).to.include("admit Node 20.19.0");
  });
});
