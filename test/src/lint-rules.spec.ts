import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";

/** What each file breaks on purpose. The linter must name exactly these rules for it, and nothing for the last ones. */
const files: Readonly<Record<string, { readonly source: string; readonly breaks: readonly string[] }>> = {
  "packages/client/src/a.ts": { source: `import "@farcall/server";`, breaks: ["no-restricted-imports"] },
  "packages/client/src/b.ts": { source: `import "../../server/src/x.js";`, breaks: ["no-restricted-imports"] },
  "packages/client/src/connection/a.ts": { source: `import "../balancer/x.js";`, breaks: ["no-restricted-imports"] },
  "packages/client/src/connection/b.ts": { source: `import "@farcall/server";`, breaks: ["no-restricted-imports"] },
  "packages/client/src/balancer/a.ts": { source: `import "../discovery/x.js";`, breaks: ["no-restricted-imports"] },
  "packages/client/src/discovery/a.ts": { source: `import "../connection/x.js";`, breaks: ["no-restricted-imports"] },
  "packages/server/src/a.ts": { source: `import "@farcall/client";`, breaks: ["no-restricted-imports"] },
  "packages/protocol/src/a.ts": { source: `import "@farcall/client";`, breaks: ["no-restricted-imports"] },
  "packages/protocol/src/b.ts": { source: `import "@farcall/server";`, breaks: ["no-restricted-imports"] },
  "packages/protocol/src/c.ts": { source: `import "ws";`, breaks: ["no-restricted-imports"] },
  "packages/protocol/src/d.ts": { source: `import "node:fs";`, breaks: ["no-nodejs-modules", "no-restricted-imports"] },
  "packages/protocol/src/e.ts": { source: "export const b = Buffer.alloc(1);", breaks: ["no-restricted-globals"] },
  "packages/protocol/src/cycle/a.ts": { source: `import { b } from "./b.js"; export const a = () => b;`, breaks: ["no-cycle"] },
  "packages/protocol/src/cycle/b.ts": { source: `import { a } from "./a.js"; export const b = () => a;`, breaks: ["no-cycle"] },
  "test/src/a.ts": {
    source: "export function f(p: Promise<void>): void { p; }",
    breaks: ["no-floating-promises", "no-unused-expressions"],
  },
  "test/src/b.ts": {
    source: "export const f = (p: Promise<void>, q: number[]): void => q.forEach(async () => { await p; });",
    breaks: ["no-misused-promises"],
  },
  "packages/protocol/src/f.spec.ts": { source: `import "node:fs"; import "ws";`, breaks: [] },
  "packages/client/src/channel.ts": { source: `import "./connection/x.js"; import "./balancer/x.js";`, breaks: [] },
};

describe("the lint rules", () => {
  const repository = fileURLToPath(new URL("../..", import.meta.url));
  let folder: string;
  let broken: Map<string, string[]>;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "farcall-lint-"));
    await cp(join(repository, ".oxlintrc.json"), join(folder, ".oxlintrc.json"));
    await symlink(join(repository, "node_modules"), join(folder, "node_modules"), "dir");
    await writeFile(join(folder, "tsconfig.json"), await readFile(join(repository, "tsconfig.base.json")));
    for (const [name, { source }] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), `${source}\n`);
    }
    broken = byFile(await lint(folder));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  for (const [name, { source, breaks }] of Object.entries(files)) {
    it(`${breaks.length === 0 ? "let pass" : `refuse (${breaks.join(", ")})`} in ${name}: ${source}`, () => {
      expect(broken.get(name) ?? []).to.deep.equal(breaks);
    });
  }

  function lint(cwd: string): Promise<string> {
    const oxlint = join(repository, "node_modules/oxlint/bin/oxlint");
    return new Promise((resolve) => {
      // It exits with 1 when it refuses something, as it must here; what it printed is what counts.
      execFile(process.execPath, [oxlint, "--type-aware", "--format=json"], { cwd }, (_error, stdout) => resolve(stdout));
    });
  }
});

function byFile(report: string): Map<string, string[]> {
  const { diagnostics } = JSON.parse(report) as { diagnostics: { filename: string; code: string }[] };
  const rules = new Map<string, Set<string>>();
  for (const { filename, code } of diagnostics) {
    const rule = /\((.+)\)/.exec(code)?.[1] ?? code;
    rules.set(filename, (rules.get(filename) ?? new Set()).add(rule));
  }
  return new Map([...rules].map(([name, set]) => [name, [...set].sort()]));
}
