import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import pc from "picocolors";
import { Failure, UsageError } from "../failure.js";
import { init } from "./init.js";

const written = [".gitignore", "package.json", "src/client.ts", "src/inventory.ts", "src/server.ts", "tsconfig.json"];
const names = ["farcall", "farcall-client", "farcall-codegen", "farcall-protocol", "farcall-server"];

describe("farcall init", () => {
  let dir: string;
  let out: string[];

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "farcall-init-"));
    out = [];
  });

  afterEach(() => rm(dir, { recursive: true, force: true }));

  function run(folder: string, tarballs?: string, cwd = dir): Promise<number> {
    const terminal = { cwd, colors: pc.createColors(false), out: (line: string) => out.push(line), err: () => {} };
    return init({ folder, tarballs, version: "1.2.3" }, terminal);
  }

  async function refusal(folder: string, tarballs?: string): Promise<Failure> {
    const before = await tree();
    const error = await run(folder, tarballs).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(Failure);
    expect(await tree()).to.deep.equal(before);
    expect(out).to.deep.equal([]);
    return error as Failure;
  }

  async function tree(): Promise<string[]> {
    return (await readdir(dir, { recursive: true })).sort();
  }

  async function manifest(folder: string): Promise<Record<string, unknown>> {
    return JSON.parse(await readFile(join(dir, folder, "package.json"), "utf8")) as Record<string, unknown>;
  }

  it("writes a project, and says what to type next", async () => {
    expect(await run("shop")).to.equal(0);
    expect(out.join("\n").split("\n")).to.deep.equal([
      ...written.map((file) => `wrote shop/${file}`),
      "",
      "next:",
      "  cd shop",
      "  npm install",
      "  npm run build",
      "  npm start",
      "  npm run client   # in another terminal",
    ]);
    const { name, dependencies, devDependencies } = await manifest("shop");
    expect(name).to.equal("shop");
    const farcall = { "@farcall/client": "^1.2.3", "@farcall/protocol": "^1.2.3", "@farcall/server": "^1.2.3" };
    expect(dependencies).to.deep.equal(farcall);
    expect(devDependencies).to.include({ farcall: "^1.2.3" }).and.have.all.keys("farcall", "typescript", "@types/node");
  });

  it("writes into the folder it is in", async () => {
    await mkdir(join(dir, "here"));
    await run(".", undefined, join(dir, "here"));
    expect((await manifest("here")).name).to.equal("here");
    expect(out.join("\n")).to.include("wrote src/server.ts").and.not.include("cd ");
  });

  it("keeps what is in the folder, when nothing collides", async () => {
    await mkdir(join(dir, "shop/src"), { recursive: true });
    await writeFile(join(dir, "shop/README.md"), "mine");
    await writeFile(join(dir, "shop/src/mine.ts"), "mine");
    expect(await run("shop")).to.equal(0);
    expect(await readFile(join(dir, "shop/src/mine.ts"), "utf8")).to.equal("mine");
  });

  for (const file of [...written, "src"]) {
    it(`changes nothing when there is a file ${file}`, async () => {
      await mkdir(join(dir, "shop", file, ".."), { recursive: true });
      await writeFile(join(dir, "shop", file), "mine");
      const { message, hint } = await refusal("shop");
      expect(message).to.equal(`${file} exists already in ${join(dir, "shop")}; nothing was written`);
      expect(hint).to.equal("choose an empty folder, such as: farcall init my-service");
      expect(await readFile(join(dir, "shop", file), "utf8")).to.equal("mine");
    });
  }

  it("changes nothing when the folder is a file, or a link is in the way", async () => {
    await writeFile(join(dir, "shop"), "mine");
    expect((await refusal("shop")).message).to.equal(`shop exists already in ${dir}; nothing was written`);
    await mkdir(join(dir, "desk"));
    await symlink("nowhere", join(dir, "desk/tsconfig.json"));
    expect((await refusal("desk")).message).to.match(/^tsconfig.json exists already/);
  });

  const badNames: readonly (readonly [folder: string, better: string])[] = [
    ["My Shop", "my-shop"],
    ["_shop", "shop"],
    [".shop", "shop"],
    ["shöp", "sh-p"],
    ["node_modules", "my-service"],
    ["http", "my-service"],
    ["farcall", "my-service"],
    ["x".repeat(215), "x".repeat(214)],
    ["??", "my-service"],
  ];
  for (const [folder, better] of badNames) {
    it(`refuses ${folder.slice(0, 20)} as a name, and proposes one`, async () => {
      const error = await refusal(folder);
      expect(error).to.be.instanceOf(UsageError);
      expect(error.message).to.include(JSON.stringify(folder));
      expect(error.hint).to.equal(`name another folder: farcall init ${better}`);
    });
  }

  it("refers to tarballs, also for what the packages need of each other", async () => {
    await mkdir(join(dir, "packed"));
    for (const name of names) await writeFile(join(dir, "packed", `${name}-1.2.3.tgz`), "");
    await run("deep/shop", "packed");
    expect(out.join("\n")).to.include("wrote deep/shop/pnpm-workspace.yaml").and.include("cd deep/shop");
    const { dependencies, devDependencies } = await manifest("deep/shop");
    expect(dependencies).to.include({ "@farcall/server": "file:../../packed/farcall-server-1.2.3.tgz" });
    expect(devDependencies).to.include({
      farcall: "file:../../packed/farcall-1.2.3.tgz",
      "@farcall/codegen": "file:../../packed/farcall-codegen-1.2.3.tgz",
    });
  });

  it("names the tarballs that are missing", async () => {
    await mkdir(join(dir, "packed"));
    for (const name of names.slice(0, 4)) await writeFile(join(dir, "packed", `${name}-1.2.3.tgz`), "");
    const { message, hint } = await refusal("shop", "packed");
    expect(message).to.equal(`${join(dir, "packed")} has no farcall-server-1.2.3.tgz`);
    expect(hint).to.equal("in a clone of Farcall, npm run pack -- <folder> writes them");
  });
});
