import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { freePort, Terminal } from "./install-terminal.js";

const workspace = fileURLToPath(new URL("../..", import.meta.url));
const pnpm = "npx --yes pnpm@10.34.9";

/** How a project may resolve its imports; all have to find our types, and find no fault in them. */
const resolutions = ["--module node16", "--module nodenext", "--module esnext --moduleResolution bundler"];

interface Shown {
  readonly command: string;
  /** What is shown below the command; empty when nothing is. */
  readonly output: string;
}

describe("a stranger", function () {
  this.timeout(120_000); // With nothing in the caches of npm and pnpm; else a quarter of that.

  let guide: string;
  let port: number;
  /** Outside the workspace: nothing of it can be found from here. */
  let outside = "";
  const terminals: Terminal[] = [];

  before(async function () {
    // A minute on both cores, and the registry is asked: CI always does it, others when they want to.
    if (process.env.CI === undefined) {
      console.log("    skipped: installing the packages as a stranger would; CI=true npx mocha -g stranger does it");
      this.skip();
    }
    guide = await readFile(join(workspace, "docs/guides/quick-start.md"), "utf8");
    outside = await realpath(await mkdtemp(join(tmpdir(), "farcall-install-")));
    const packing = open(workspace);
    await packing.run(`npm run --silent pack -- ${join(outside, "farcall-packages")}`);
  });

  beforeEach(async () => {
    port = await freePort();
  });

  afterEach(() => Promise.all(terminals.splice(0).map((terminal) => terminal.close())));

  after(async () => {
    if (outside !== "") await rm(outside, { recursive: true, force: true });
  });

  function open(cwd: string): Terminal {
    const terminal = new Terminal(cwd, { PORT: String(port), INVENTORY_URL: `ws://127.0.0.1:${port}` });
    terminals.push(terminal);
    return terminal;
  }

  it("follows the quick start word for word, with npm", async () => {
    const [clone = [], install = [], start = [], run = [], client = [], ...more] = consoles(guide);
    expect(more).to.deep.equal([]);
    expect(clone.map(({ command }) => command)).to.deep.equal(["npm run setup", "npm run pack -- ../farcall-packages"]);

    const first = open(outside);
    for (const { command, output } of [...install, ...start]) await shows(first, command, output);
    for (const [file, text] of files(guide)) expect(await readFile(join(first.cwd, file), "utf8"), file).to.equal(text);

    const serving = run.at(-1);
    for (const { command, output } of run.slice(0, -1)) await shows(first, command, output);
    expect(serving?.command).to.equal("npm start");
    await starts(first, "npm start", serving?.output);

    const second = open(first.cwd);
    for (const { command, output } of client) await shows(second, command, output);
    await first.interrupt();
    await typechecks(second);
    await typechecksOlder(second);
  });

  it("installs everything with pnpm, and the project works there too", async () => {
    const folder = join(outside, "try-pnpm");
    await mkdir(folder);
    // Packages that are not in a registry cannot find each other, so pnpm is told, as `farcall init` does it.
    const tarballs = (await readdir(join(outside, "farcall-packages"))).filter((name) => name.endsWith(".tgz"));
    const overrides = tarballs.map((tarball) => `  "${packageOf(tarball)}": "file:../farcall-packages/${tarball}"\n`);
    await writeFile(join(folder, "pnpm-workspace.yaml"), `overrides:\n${overrides.join("")}`);
    const terminal = open(folder);
    await terminal.run(`${pnpm} add ../farcall-packages/*.tgz`);
    await terminal.run(`${pnpm} exec farcall init shop --tarballs ../farcall-packages`);
    await terminal.run("cd shop");
    await terminal.run(`${pnpm} install`);
    await terminal.run(`${pnpm} run build`);
    await starts(terminal, `${pnpm} start`);
    const [, , , , [client] = []] = consoles(guide);
    const expected = client?.output.split("\n\n").at(-1) ?? "";
    expect(await open(terminal.cwd).run(`${pnpm} --silent run client`)).to.equal(expected);
    await terminal.interrupt();
    await typechecks(terminal);
  });

  /** Runs a command of the guide, and compares what it prints with what the guide shows. */
  async function shows(terminal: Terminal, command: string, output: string): Promise<void> {
    const printed = await terminal.run(command);
    if (output !== "") expect(printed.trim(), command).to.equal(placed(output).trim());
  }

  async function starts(terminal: Terminal, command: string, output = ""): Promise<void> {
    const printed = await terminal.start(command, `listening on ws://127.0.0.1:${port}\n`);
    if (output !== "") expect(printed.trim(), command).to.equal(placed(output).trim());
  }

  /** The port of the guide may be taken on this machine. */
  function placed(text: string): string {
    return text.replaceAll("7070", String(port));
  }
});

/** Compiles the project, and imports of every entry point of every package, against the declarations as they were packed. */
async function typechecks(terminal: Terminal): Promise<void> {
  const probe = await readFile(join(workspace, "test/install/entry-points.ts"), "utf8");
  await cp(join(workspace, "test/install/entry-points.ts"), join(terminal.cwd, "src/entry-points.ts"));
  expect(probe).to.include("@farcall/testing");
  for (const resolution of resolutions) {
    await terminal.run(`node_modules/.bin/tsc --noEmit --skipLibCheck false ${resolution}`);
  }
  await terminal.run("node_modules/.bin/tsc && node dist/entry-points.js");
}

/** The same project with the oldest compiler that the guide promises; the generator's own packages need a newer one. */
async function typechecksOlder(terminal: Terminal): Promise<void> {
  const { compilerOptions, ...rest } = JSON.parse(await readFile(join(terminal.cwd, "tsconfig.json"), "utf8")) as {
    readonly compilerOptions: object;
  };
  const older = { ...rest, compilerOptions: { ...compilerOptions, target: "es2022", skipLibCheck: false } };
  await writeFile(join(terminal.cwd, "tsconfig.older.json"), JSON.stringify(older));
  await rm(join(terminal.cwd, "src/entry-points.ts"));
  await terminal.run("npm install --no-save --silent typescript@5.4.5");
  await terminal.run("node_modules/.bin/tsc --noEmit -p tsconfig.older.json");
}

/** What the guide has a reader type, terminal by terminal. */
function consoles(guide: string): Shown[][] {
  return [...guide.matchAll(/^```console\n(.*?)^```$/gms)].map(([, text = ""]) =>
    [...text.matchAll(/^\$ (.*)\n((?:(?!\$ ).*\n)*)/gm)].map(([, command = "", output = ""]) => ({ command, output })),
  );
}

/** The files that the guide shows. */
function files(guide: string): (readonly [name: string, text: string])[] {
  return [...guide.matchAll(/^```ts (\S+)\n(.*?)^```$/gms)].map(([, name = "", text = ""]) => [name, text] as const);
}

/** `farcall-client-0.1.0.tgz` holds `@farcall/client`. */
function packageOf(tarball: string): string {
  const [, name = ""] = /^(.*)-\d+\.\d+\.\d+.*\.tgz$/.exec(tarball) ?? [];
  return name.replace(/^farcall-/, "@farcall/");
}
