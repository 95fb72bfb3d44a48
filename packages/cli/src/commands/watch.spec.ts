import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { Watching } from "../process.spec.support.js";

const simple = "/** @service */\nexport interface Sums {\n  add(a: number, b: number): Promise<number>;\n}\n";
const broken = "/** @service */\nexport interface Sums {\n  add(a: symbol): Promise<number>;\n}\n";
const paired =
  'import type { Pair } from "#pairs/pair.js";\n/** @service */\nexport interface Sums { add(pair: Pair): Promise<number> }\n';

describe("farcall gen --watch", function () {
  this.timeout(20_000);
  let dir: string;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "farcall-watch-"));
  });

  afterEach(() => rm(dir, { recursive: true, force: true }));

  /** As editors do it: the new text appears in one step. */
  async function save(name: string, text: string): Promise<void> {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, `${name}.tmp`), text);
    await rename(join(dir, `${name}.tmp`), join(dir, name));
  }

  it("generates after an edit, survives what is no TypeScript or refused, and ends with exit code 0 on Ctrl-C", async () => {
    await save("sums.ts", paired.replace("#pairs", "."));
    await save("pair.ts", "export interface Pair { a: number }\n");
    const watching = new Watching(dir, ["gen", "sums.ts", "--out", "gen", "--watch"]);
    try {
      await watching.line("wrote gen/sums.ts (1 service, 1 method)");
      await watching.line("watching 2 files; Ctrl-C ends it");
      await save("pair.ts", "export interface Pair { a: bigint }\n");
      await watching.line("wrote gen/sums.ts (1 service, 1 method)");
      await watching.line("watching 2 files; Ctrl-C ends it");
      expect(await readFile(join(dir, "gen/sums.ts"), "utf8")).to.include('"bigint"');
      await save("sums.ts", broken);
      await watching.line("1 error; nothing was written");
      await watching.line("watching 1 file; Ctrl-C ends it");
      await save("sums.ts", simple.slice(0, 40));
      await watching.line("watching 1 file; Ctrl-C ends it");
      await save("sums.ts", simple);
      await watching.line("wrote gen/sums.ts (1 service, 1 method)");
      await watching.line("watching 1 file; Ctrl-C ends it");
    } finally {
      expect(await watching.stop("SIGINT")).to.equal(0);
    }
    expect(watching.text.trimEnd().split("\n").at(-1)).to.equal("stopped watching");
  });

  it("notices both configurations, files that come and files that go", async () => {
    const mapped = (folder: string): string => `{ "compilerOptions": { "paths": { "#pairs/*": ["./${folder}/*"] } } }`;
    await save("farcall.config.json", '{ "inputs": ["sums.ts"], "out": "gen" }');
    await save("tsconfig.json", mapped("one"));
    await save("sums.ts", paired);
    await save("two/pair.ts", "export interface Pair { two: number }\n");
    const watching = new Watching(dir, ["gen", "--watch"]);
    try {
      await watching.line("1 error; nothing was written");
      await watching.line("watching 3 files; Ctrl-C ends it");
      await save("one/pair.ts", "export interface Pair { one: number }\n");
      await watching.line("wrote gen/sums.ts (1 service, 1 method)");
      await watching.line("watching 4 files; Ctrl-C ends it");
      await save("tsconfig.json", mapped("two"));
      await watching.line("wrote gen/sums.ts (1 service, 1 method)");
      await watching.line("watching 4 files; Ctrl-C ends it");
      expect(await readFile(join(dir, "gen/sums.ts"), "utf8")).to.include("../two/pair.js");
      await save("farcall.config.json", '{ "inputs": ["sums.ts"], "out": "other" }');
      await watching.line("wrote other/sums.ts (1 service, 1 method)");
      await watching.line("watching 4 files; Ctrl-C ends it");
      await save("farcall.config.json", '{ "inputs": ["sums.ts"], ');
      await watching.line("watching 1 file; Ctrl-C ends it");
      await save("farcall.config.json", '{ "inputs": ["sums.ts"], "out": "third" }');
      await watching.line("wrote third/sums.ts (1 service, 1 method)");
      await watching.line("watching 4 files; Ctrl-C ends it");
      await rm(join(dir, "sums.ts"));
      await watching.line("error FC1001: no such file");
      await watching.line("watching 2 files; Ctrl-C ends it");
      await save("sums.ts", simple);
      await watching.line("wrote third/sums.ts (1 service, 1 method)");
      await watching.line("watching 3 files; Ctrl-C ends it");
    } finally {
      expect(await watching.stop("SIGTERM")).to.equal(0);
    }
  });
});
