import type { Stats } from "node:fs";
import { lstat, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { builtinModules } from "node:module";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Failure, UsageError } from "../failure.js";
import type { Terminal } from "../terminal.js";

export interface InitOptions {
  /** Relative to the terminal's folder, which it is when left out. */
  readonly folder: string;
  /** Take the Farcall packages from the tarballs in this folder, and not from the registry. */
  readonly tarballs: string | undefined;
  /** Of this command line, and so of the packages that fit it. */
  readonly version: string;
}

interface Manifest {
  name: string;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

const templates = fileURLToPath(new URL("../../templates", import.meta.url));

/** npm leaves a `.gitignore` out of what it packs. */
const renamed: Readonly<Record<string, string>> = { gitignore: ".gitignore" };

/** Writes a project that works into a folder, and changes nothing that is there. Resolves to the exit code. */
export async function init(options: InitOptions, terminal: Terminal): Promise<number> {
  const target = resolve(terminal.cwd, options.folder);
  const name = packageName(target);
  const tarballs = options.tarballs === undefined ? undefined : resolve(terminal.cwd, options.tarballs);
  const files = await readTemplates();
  const manifest = JSON.parse(files.get("package.json") ?? "") as Manifest;
  manifest.name = name;
  const own = await farcallPackages(manifest, options.version, target, tarballs);
  files.set("package.json", `${JSON.stringify(manifest, null, 2)}\n`);
  if (tarballs !== undefined) files.set("pnpm-workspace.yaml", pnpmSettings(own));

  await refuseCollisions(target, [...files.keys()]);
  await writeAll(target, files);

  const shown = (path: string): string => relative(terminal.cwd, path).replaceAll("\\", "/");
  const { green, dim } = terminal.colors;
  for (const file of files.keys()) terminal.out(`${green("wrote")} ${shown(join(target, file))}`);
  const steps = ["npm install", "npm run build", "npm start", `npm run client${dim("   # in another terminal")}`];
  if (target !== terminal.cwd) steps.unshift(`cd ${quoted(shown(target))}`);
  terminal.out(`\nnext:\n${steps.map((step) => `  ${step}`).join("\n")}`);
  return 0;
}

/** What the project is called; the folder's name has to do. */
function packageName(target: string): string {
  const name = basename(target);
  const isTaken = name === "node_modules" || name === "favicon.ico" || name === "farcall" || builtinModules.includes(name);
  if (/^[a-z0-9][a-z0-9._~-]*$/.test(name) && name.length <= 214 && !isTaken) return name;
  const better = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  throw new UsageError(
    `${JSON.stringify(name)} cannot be the name of a package${isTaken ? ": it is taken" : ""}`,
    `name another folder: farcall init ${better === "" || isTaken ? "my-service" : better.slice(0, 214)}`,
  );
}

/** Every template by the path of the file it becomes, in a stable order. */
async function readTemplates(): Promise<Map<string, string>> {
  const entries = await readdir(templates, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files = paths.sort().map(async (path) => {
    const name = relative(templates, path).replaceAll("\\", "/");
    return [renamed[name] ?? name, await readFile(path, "utf8")] as const;
  });
  return new Map(await Promise.all(files));
}

/** Fills in where the Farcall packages come from, and returns those references. */
async function farcallPackages(
  manifest: Manifest,
  version: string,
  target: string,
  tarballs: string | undefined,
): Promise<Readonly<Record<string, string>>> {
  // Without a registry, what the packages themselves depend on has to be found here too.
  if (tarballs !== undefined) manifest.devDependencies = { "@farcall/codegen": "*", ...manifest.devDependencies };
  const references: Record<string, string> = {};
  const missing: string[] = [];
  for (const list of [manifest.dependencies, manifest.devDependencies]) {
    for (const name of Object.keys(list).filter((one) => one === "farcall" || one.startsWith("@farcall/"))) {
      let reference = `^${version}`;
      if (tarballs !== undefined) {
        const file = `${name.replace("@", "").replace("/", "-")}-${version}.tgz`;
        if (!(await exists(join(tarballs, file)))) missing.push(file);
        reference = `file:${relative(target, join(tarballs, file)).replaceAll("\\", "/")}`;
      }
      list[name] = reference;
      references[name] = reference;
    }
  }
  if (missing.length > 0) {
    throw new Failure(`${tarballs} has no ${missing.join(", ")}`, "in a clone of Farcall, npm run pack -- <folder> writes them");
  }
  return references;
}

/**
 * npm takes what the project has for what its dependencies need; pnpm has to be told. It also asks about the build script
 * of an optional accelerator, which works without.
 */
function pnpmSettings(references: Readonly<Record<string, string>>): string {
  const lines = Object.entries(references).map(
    ([name, reference]) => `  ${JSON.stringify(name)}: ${JSON.stringify(reference)}\n`,
  );
  return `# For pnpm: the packages need each other, and come from files.\noverrides:\n${lines.join("")}allowBuilds:\n  msgpackr-extract: false\n`;
}

async function refuseCollisions(target: string, files: readonly string[]): Promise<void> {
  const wanted = new Set(files);
  for (const file of files) {
    // A folder of the project may exist, but not as a file.
    for (let path = file; path !== "."; path = dirname(path)) {
      const isFree = wanted.has(path) ? !(await exists(join(target, path))) : await isFolderOrFree(join(target, path));
      if (!isFree) throw collision(target, path);
    }
  }
  if (!(await isFolderOrFree(target))) throw collision(dirname(target), basename(target));
}

function collision(folder: string, path: string): Failure {
  return new Failure(
    `${path} exists already in ${folder}; nothing was written`,
    "choose an empty folder, such as: farcall init my-service",
  );
}

/** All files or none: what a failure leaves half done is taken back. */
async function writeAll(target: string, files: ReadonlyMap<string, string>): Promise<void> {
  const made: string[] = [];
  try {
    for (const [file, text] of files) {
      const path = join(target, file);
      const first = await mkdir(dirname(path), { recursive: true });
      if (first !== undefined) made.push(first);
      await writeFile(path, text, { flag: "wx" });
      made.push(path);
    }
  } catch (error) {
    for (const path of made.reverse()) await rm(path, { recursive: true, force: true });
    throw error;
  }
}

/** Also true of a link that leads nowhere: it is in the way. */
async function exists(path: string): Promise<boolean> {
  return (await found(lstat(path))) !== undefined;
}

/** A link to a folder will do. */
async function isFolderOrFree(path: string): Promise<boolean> {
  return (await found(stat(path)))?.isDirectory() ?? !(await exists(path));
}

async function found(stats: Promise<Stats>): Promise<Stats | undefined> {
  try {
    return await stats;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}

/** As a shell takes it. */
function quoted(path: string): string {
  return /^[\w./~-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
