import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "chai";

const run = promisify(execFile);
const path = (relative: string): string => fileURLToPath(new URL(`../../${relative}`, import.meta.url));

/** What `npx` would find in a project that has installed the packages. */
const programs: Readonly<Record<string, string>> = {
  farcall: path("packages/cli/bin/farcall.js"),
  tsc: path("node_modules/typescript/bin/tsc"),
};

describe("the README", function () {
  this.timeout(60_000);

  let files: ReadonlyMap<string, string>;
  /** Each command that is shown, with the output that is shown below it. */
  let commands: ReadonlyMap<string, string>;
  let folder: string;
  let server: ChildProcess | undefined;

  before(async () => {
    const port = await freePort();
    // The port of the README may be taken on this machine; nothing else of it is changed.
    const readme = (await readFile(path("README.md"), "utf8")).replaceAll("7070", String(port));
    const blocks = [...readme.matchAll(/^```(\w+)(?: (\S+))?\n(.*?)^```$/gms)];
    files = new Map(blocks.flatMap(([, , name, text]) => (name === undefined ? [] : [[name, text ?? ""]])));
    const sessions = blocks.filter(([, language]) => language === "console").map(([, , , text]) => text ?? "");
    commands = new Map(
      sessions.flatMap((text) =>
        [...text.matchAll(/^\$ (.*)\n((?:(?!\$ ).*\n)*)/gm)].map(([, line = "", output = ""]) => [line, output]),
      ),
    );
    // Inside the tests' own package, so that the packages' names resolve as they would when installed.
    await mkdir(path("test/.farcall-tmp"), { recursive: true });
    folder = await mkdtemp(path("test/.farcall-tmp/readme-"));
    await writeFile(join(folder, "package.json"), '{ "type": "module" }');
    for (const [name, text] of files) await writeFile(join(folder, name), text);
  });

  after(async () => {
    if (server !== undefined && server.exitCode === null && server.signalCode === null) {
      const ended = once(server, "exit");
      server.kill("SIGKILL");
      await ended;
    }
    await rm(folder, { recursive: true, force: true });
  });

  it("keeps the first call short: a server of 12 lines, a client of 5", () => {
    const lines = (name: string): number => (files.get(name) ?? "").split("\n").filter((line) => line.trim() !== "").length;
    expect(lines("server.ts")).to.be.within(1, 12);
    expect(lines("client.ts")).to.be.within(1, 5);
  });

  it("shows the generator's own output", () => shows("npx farcall gen inventory.ts --out gen"));

  it("compiles under strict", async () => {
    expect(files.get("tsconfig.json")).to.include('"strict": true');
    await shows("npx tsc");
  });

  it("needs neither Node's types nor a newer lib for a client", async () => {
    const compilerOptions = { types: [], noEmit: true };
    await writeFile(
      join(folder, "tsconfig.client.json"),
      JSON.stringify({ extends: "./tsconfig.json", compilerOptions, files: ["client.ts"] }),
    );
    expect(await output("npx tsc -p tsconfig.client.json")).to.equal("");
  });

  it("shows what the server prints", async () => {
    const running = spawn(process.execPath, ["dist/server.js"], { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
    server = running;
    const expected = commands.get("node dist/server.js");
    expect(await firstLine(running)).to.equal(expected);
  });

  it("shows what the client prints", () => shows("node dist/client.js"));

  it("shows how calls fail", () => shows("node dist/failing.js"));

  it("runs every command it shows", () => {
    expect([...commands.keys()]).to.have.members([
      "npx farcall gen inventory.ts --out gen",
      "npx tsc",
      "node dist/server.js",
      "node dist/client.js",
      "node dist/failing.js",
    ]);
  });

  /** Runs a command of the README, and compares what it prints with what the README shows. */
  async function shows(command: string): Promise<void> {
    const expected = commands.get(command);
    if (expected === undefined) throw new Error(`the README does not show $ ${command}`);
    expect(await output(command)).to.equal(expected);
  }

  /** What a command prints in the folder, whether it succeeds or fails. */
  async function output(command: string): Promise<string> {
    const [, name = "", ...args] = command.split(" ");
    const { stdout, stderr } = await run(process.execPath, [programs[name] ?? name, ...args], {
      cwd: folder,
      timeout: 30_000,
      env: { ...process.env, NO_COLOR: "1" },
    }).catch((error: unknown) => error as { stdout: string; stderr: string });
    return stdout + stderr;
  }
});

async function firstLine(running: ChildProcess): Promise<string> {
  let text = "";
  for await (const chunk of running.stdout ?? []) {
    text += String(chunk);
    if (text.includes("\n")) return text;
  }
  throw new Error(`the server ended without a word (exit code ${running.exitCode})`);
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as { readonly port: number };
  probe.close();
  await once(probe, "close");
  return port;
}
