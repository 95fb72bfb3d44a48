import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A path in the workspace. */
export const path = (relative: string): string => fileURLToPath(new URL(`../../${relative}`, import.meta.url));

/** What `npx` would find in a project that has installed the packages. */
const programs: Readonly<Record<string, string>> = {
  farcall: path("packages/cli/bin/farcall.js"),
  tsc: path("node_modules/typescript/bin/tsc"),
};

/** A fenced block of a page. */
export interface Block {
  readonly language: string;
  /** The file it belongs to: the word after the language. */
  readonly name: string | undefined;
  readonly text: string;
}

/** The fenced blocks of a page, in order. */
export function blocksOf(page: string): Block[] {
  return [...page.matchAll(/^```(\w+)(?: (\S+))?\n(.*?)^```$/gms)].map(([, language = "", name, text = ""]) => ({
    language,
    name,
    text,
  }));
}

/** The files that blocks make up; blocks of one name continue each other. */
export function filesOf(blocks: readonly Block[]): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const { name, text } of blocks) if (name !== undefined) files.set(name, (files.get(name) ?? "") + text);
  return files;
}

/** A folder in which the packages' names resolve as they would when installed, and the commands of a page can be run. */
export class Project {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** `name` is for people who find the folder left behind. */
  static async create(name: string): Promise<Project> {
    await mkdir(path("test/.farcall-tmp"), { recursive: true });
    const project = new Project(await mkdtemp(path(`test/.farcall-tmp/${name}-`)));
    await project.write("package.json", '{ "type": "module" }');
    return project;
  }

  async write(name: string, text: string): Promise<void> {
    await writeFile(join(this.folder, name), text);
  }

  /** What `npx <program>` or `node <file>` prints, whether it succeeds or fails. */
  async output(command: string): Promise<string> {
    const [, name = "", ...args] = command.split(" ");
    const { stdout, stderr } = await run(process.execPath, [programs[name] ?? name, ...args], {
      cwd: this.folder,
      timeout: 30_000,
      env: { ...process.env, NO_COLOR: "1" },
    }).catch((error: unknown) => error as { stdout: string; stderr: string });
    return stdout + stderr;
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

export async function readPage(relative: string): Promise<string> {
  return await readFile(path(relative), "utf8");
}
