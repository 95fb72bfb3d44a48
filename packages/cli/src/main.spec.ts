import { mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { farcall, farcallProgram } from "./process.spec.support.js";

const simple = "/** @service */\nexport interface Sums {\n  add(a: number, b: number): Promise<number>;\n}\n";
const broken = "/** @service */\nexport interface Sums {\n  add(a: symbol): Promise<number>;\n}\n";
const usage = "name the contract: farcall gen src/inventory.ts --out src/gen, or write a farcall.config.ts";

describe("farcall", function () {
  this.timeout(20_000);
  let dir: string;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "farcall-cli-"));
    await writeFile(join(dir, "sums.ts"), simple);
  });

  afterEach(() => rm(dir, { recursive: true, force: true }));

  const misuse: readonly (readonly [args: string, message: string, hint: string])[] = [
    ["frob", "there is no command frob", "commands are: init, gen; see farcall --help"],
    ["gen", "no input", usage],
    ["gen sums.ts", "--out is missing", "say where the generated files go: farcall gen sums.ts --out src/gen"],
    ["gen sums.ts --out", "option `--out <dir>` value is missing", "see farcall gen --help"],
    [
      "gen sums.ts --out a --out b",
      "--out was given more than once",
      "say where the generated files go: farcall gen sums.ts --out src/gen",
    ],
    ["gen sums.ts --out sums.ts", "sums.ts is not a folder", "generated files go into one: --out src/gen"],
    ["gen sums.ts --out a --force", "Unknown option `--force`", "see farcall gen --help"],
    ["init a b", "Unused args: `b`", "see farcall init --help"],
    ["init --tarballs a --tarballs b", "--tarballs was given more than once", "see farcall init --help"],
    ["init Shop", '"Shop" cannot be the name of a package', "name another folder: farcall init shop"],
    ["gen sums.ts --out a --check --watch", "--check and --watch exclude each other", "drop one of them"],
  ];
  for (const [args, message, hint] of misuse) {
    it(`answers \`farcall ${args}\` with exit code 2 and what to do`, async () => {
      expect(await farcall(dir, args.split(" "))).to.deep.equal({ code: 2, out: "", err: `error: ${message}\nhint: ${hint}\n` });
    });
  }

  it("helps, and tells its version", async () => {
    const help = await farcallProgram(dir, ["--help"]);
    expect(help).to.include({ code: 0, err: "" });
    expect(help.out).to.include("gen [...files]");
    expect((await farcallProgram(dir, ["gen", "--help"])).out).to.include("--check");
    expect((await farcallProgram(dir, ["--version"])).out).to.match(/^farcall\/\d+\.\d+\.\d+ /);
    expect((await farcallProgram(dir, [])).code).to.equal(2);
  });

  it("says so on a Node that is too old, before it loads anything", async () => {
    const older = "Object.defineProperty(process,'versions',{value:{...process.versions,node:'18.20.8'}})";
    expect(
      await farcallProgram(dir, ["--version"], { env: { NODE_OPTIONS: `--import=data:text/javascript,${older}` } }),
    ).to.deep.equal({
      code: 1,
      out: "",
      err: "error: farcall needs Node 20.19 or newer, and this is 18.20.8\nhint: see https://nodejs.org\n",
    });
  });

  it("starts a project, once", async () => {
    const { code, out, err } = await farcall(dir, ["init", "2024"]);
    expect({ code, err }).to.deep.equal({ code: 0, err: "" });
    expect(out).to.include("wrote 2024/src/server.ts\n");
    expect(await farcall(dir, ["init", "2024"])).to.deep.equal({
      code: 1,
      out: "",
      err:
        `error: .gitignore exists already in ${join(await realpath(dir), "2024")}; nothing was written\n` +
        "hint: choose an empty folder, such as: farcall init my-service\n",
    });
  });

  it("writes one file per input, then leaves it alone", async () => {
    const args = ["gen", "sums.ts", "--out", "src/gen"];
    expect(await farcallProgram(dir, args)).to.deep.equal({
      code: 0,
      out: "wrote src/gen/sums.ts (1 service, 1 method)\n",
      err: "",
    });
    expect(await farcallProgram(dir, args)).to.deep.equal({
      code: 0,
      out: "unchanged src/gen/sums.ts (1 service, 1 method)\n",
      err: "",
    });
  });

  it("does its work for a reader who has gone, and says nothing about that", async () => {
    const { code, err } = await farcallProgram(dir, ["gen", "sums.ts", "--out", "gen"], { isRead: false });
    expect({ code, err }).to.deep.equal({ code: 0, err: "" });
    expect(await readFile(join(dir, "gen/sums.ts"), "utf8")).to.include("add(");
  });

  it("does without members that are named, and says which names are wrong", async () => {
    await writeFile(join(dir, "sums.ts"), simple.replace("  add", "  ask(a: symbol): Promise<number>;\n  add"));
    const args = ["gen", "sums.ts", "--out", "gen"];
    expect((await farcall(dir, args)).err).to.include("error FC1203");
    expect((await farcall(dir, [...args, "--omit", "Sums.ask"])).out).to.equal("wrote gen/sums.ts (1 service, 1 method)\n");
    expect((await farcall(dir, [...args, "--omit", "Sums.ask", "--omit", "Sums.tell"])).err).to.include("error FC1013");
    await writeFile(join(dir, "farcall.config.json"), '{ "inputs": ["sums.ts"], "out": "gen", "omit": ["Sums.ask"] }');
    expect((await farcall(dir, ["gen"])).out).to.equal("unchanged gen/sums.ts (1 service, 1 method)\n");
  });

  it("checks without writing, and names what is missing or stale", async () => {
    await writeFile(join(dir, "more.ts"), simple.replaceAll("Sums", "More"));
    const check = ["gen", "sums.ts", "more.ts", "--out", "gen", "--check"];
    const missing = await farcall(dir, check);
    expect(missing).to.include({ code: 1, out: "" });
    expect(missing.err).to.equal(
      "missing gen/sums.ts\nmissing gen/more.ts\n2 files out of date; run the same command without --check\n",
    );
    await farcall(dir, check.slice(0, -1));
    expect((await farcall(dir, check)).code).to.equal(0);
    await writeFile(join(dir, "sums.ts"), simple.replace("add", "sum"));
    expect((await farcall(dir, check)).err).to.include("stale gen/sums.ts\n");
    expect(await readFile(join(dir, "gen/sums.ts"), "utf8")).to.include("add(");
  });

  it("prints findings to stderr, exits with 1 and writes nothing", async () => {
    await writeFile(join(dir, "bad.ts"), broken.replace("/** @service", "/** @whatever\n * @service Bad"));
    const { code, out, err } = await farcall(dir, ["gen", "sums.ts", "bad.ts", "--out", "gen"]);
    expect({ code, out }).to.deep.equal({ code: 1, out: "" });
    expect(err).to.include("warning FC1902").and.to.include("error FC1203").and.to.include("at bad.ts:4:10");
    expect(err.trimEnd().split("\n").at(-1)).to.equal("1 error, 1 warning; nothing was written");
    expect((await farcall(dir, ["gen", "sums.ts", "--out", "gen", "--check"])).err).to.include("missing");
  });

  it("takes inputs and folder from a configuration, and flags before it", async () => {
    const config =
      'import { join } from "node:path";\nexport default { inputs: [join("sums.ts")] as string[], out: "made", unknownKeys: "reject" };\n';
    await writeFile(join(dir, "farcall.config.ts"), config);
    expect(await farcall(dir, ["gen"])).to.deep.equal({ code: 0, out: "wrote made/sums.ts (1 service, 1 method)\n", err: "" });
    expect((await farcall(dir, ["gen", "--out", "other"])).out).to.include("wrote other/sums.ts");
    await writeFile(join(dir, "mine.json"), '{ "inputs": ["sums.ts"], "out": "json", "importExtension": "ts" }');
    expect((await farcall(dir, ["gen", "--config", "mine.json"])).out).to.include("wrote json/sums.ts");
    expect(await readFile(join(dir, "json/sums.ts"), "utf8")).to.include('from "../sums.ts";');
  });

  const wrongConfigs: readonly (readonly [text: string, message: string])[] = [
    ['{ "inputs": [], "out": "gen" }', "inputs must name at least one file"],
    ['{ "inputs": ["sums.ts"] }', "out must name a folder"],
    ['{ "inputs": ["sums.ts"], "out": "gen", "outDir": "gen" }', "outDir is not an option"],
    ['{ "inputs": ["sums.ts"], "out": "gen", "unknownKeys": "drop" }', 'unknownKeys cannot be "drop"'],
  ];
  for (const [text, message] of wrongConfigs) {
    it(`refuses the configuration ${text}`, async () => {
      await writeFile(join(dir, "farcall.config.json"), text);
      const { code, err } = await farcall(dir, ["gen"]);
      expect(code).to.equal(2);
      expect(err).to.include(message).and.to.include("farcall.config.json").and.to.include("\nhint: ");
    });
  }

  it("takes exports as services that no doc comment names", async () => {
    await writeFile(join(dir, "plain.ts"), simple.replace("/** @service */\n", "").replace("Sums", "Plain"));
    expect((await farcall(dir, ["gen", "plain.ts", "--out", "gen"])).err).to.include("FC1003");
    expect((await farcall(dir, ["gen", "plain.ts", "--out", "gen", "--service", "Plain"])).out).to.include("1 service");
    expect((await farcall(dir, ["gen", "plain.ts", "--out", "gen", "--service", "Other"])).err).to.include("FC1012");
  });

  it("tells programs what it did and found", async () => {
    await writeFile(join(dir, "bad.ts"), broken.replace("@service", "@service Bad"));
    const bad = await farcall(dir, ["gen", "bad.ts", "--out", "gen", "--json"]);
    expect({ code: bad.code, err: bad.err }).to.deep.equal({ code: 1, err: "" });
    const { ok, files, diagnostics } = JSON.parse(bad.out) as { ok: boolean; files: unknown[]; diagnostics: object[] };
    expect({ ok, files }).to.deep.equal({ ok: false, files: [] });
    expect(diagnostics[0]).to.include({ code: "FC1203", severity: "error", file: "bad.ts", line: 3, column: 10 });
    const good = JSON.parse((await farcall(dir, ["gen", "sums.ts", "--out", "gen", "--json"])).out) as { files: object[] };
    expect(good.files[0]).to.include({ path: "gen/sums.ts", status: "written" });
  });

  it("may take warnings for errors", async () => {
    await writeFile(join(dir, "farcall.config.json"), '{ "inputs": ["sums.ts"], "out": "gen", "warningsAsErrors": true }');
    await writeFile(join(dir, "sums.ts"), simple.replace("a: number", "a: unknown"));
    const { code, out, err } = await farcall(dir, ["gen"]);
    expect({ code, out }).to.deep.equal({ code: 1, out: "" });
    expect(err).to.include("1 warning; nothing was written");
  });

  it("warns and writes", async () => {
    await writeFile(join(dir, "sums.ts"), simple.replace("  add", "  /** @resumable */\n  add"));
    const { code, out, err } = await farcall(dir, ["gen", "sums.ts", "--out", "gen"]);
    expect({ code, out }).to.deep.equal({ code: 0, out: "wrote gen/sums.ts (1 service, 1 method)\n" });
    expect(err).to.include("warning FC1901").and.to.include("\n1 warning\n");
  });

  it("colours only where it is wanted", async () => {
    const args = ["frob"];
    const colored = String.fromCharCode(27);
    expect((await farcallProgram(dir, args)).err).to.not.include(colored);
    expect((await farcallProgram(dir, args, { env: { FORCE_COLOR: "1" } })).err).to.include(colored);
    expect((await farcallProgram(dir, args, { env: { FORCE_COLOR: "1", NO_COLOR: "1" } })).err).to.not.include(colored);
  });

  it("reports a file system that refuses, with exit code 1", async () => {
    const { code, err } = await farcall(dir, ["gen", "sums.ts", "--out", "sums.ts/gen"]);
    expect(code).to.equal(1);
    expect(err).to.match(/^error: ENOTDIR/);
  });
});
