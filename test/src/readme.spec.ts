import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { expect } from "chai";
import { blocksOf, filesOf, Project, readPage } from "./documented.js";

describe("the README", function () {
  this.timeout(60_000);

  let files: ReadonlyMap<string, string>;
  /** Each command that is shown, with the output that is shown below it. */
  let commands: ReadonlyMap<string, string>;
  let project: Project;
  let server: ChildProcess | undefined;

  before(async () => {
    const port = await freePort();
    // The port of the README may be taken on this machine; nothing else of it is changed.
    const blocks = blocksOf((await readPage("README.md")).replaceAll("7070", String(port)));
    files = filesOf(blocks);
    const sessions = blocks.filter(({ language }) => language === "console").map(({ text }) => text);
    commands = new Map(
      sessions.flatMap((text) =>
        [...text.matchAll(/^\$ (.*)\n((?:(?!\$ ).*\n)*)/gm)].map(([, line = "", output = ""]) => [line, output]),
      ),
    );
    project = await Project.create("readme");
    for (const [name, text] of files) await project.write(name, text);
  });

  after(async () => {
    if (server !== undefined && server.exitCode === null && server.signalCode === null) {
      const ended = once(server, "exit");
      server.kill("SIGKILL");
      await ended;
    }
    await project.remove();
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
    await project.write(
      "tsconfig.client.json",
      JSON.stringify({ extends: "./tsconfig.json", compilerOptions, files: ["client.ts"] }),
    );
    expect(await project.output("npx tsc -p tsconfig.client.json")).to.equal("");
  });

  it("shows what the server prints", async () => {
    const running = spawn(process.execPath, ["dist/server.js"], { cwd: project.folder, stdio: ["ignore", "pipe", "inherit"] });
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
    expect(await project.output(command)).to.equal(expected);
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
