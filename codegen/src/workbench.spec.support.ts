import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import type { ServiceDescriptor } from "@farcall/protocol";
import { type GenerateOptions, type GenerateResult, generate } from "./index.js";

const execute = promisify(execFile);
const packageDir = fileURLToPath(new URL("..", import.meta.url));

/** Every flag a user may have switched on and generated code has to live with. */
const strictest = {
  target: "ES2023",
  lib: ["ES2023"],
  module: "NodeNext",
  moduleResolution: "NodeNext",
  types: [],
  strict: true,
  declaration: true,
  isolatedDeclarations: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  noImplicitOverride: true,
  noImplicitReturns: true,
  noFallthroughCasesInSwitch: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  allowUnreachableCode: false,
  verbatimModuleSyntax: true,
  skipLibCheck: true,
};

/** A folder of its own, inside the package so that imports of the run time resolve. */
export class Workbench {
  readonly dir: string;

  private constructor(dir: string) {
    this.dir = dir;
  }

  static async create(files: Readonly<Record<string, string>> = {}): Promise<Workbench> {
    const parent = join(packageDir, ".farcall-tmp");
    await mkdir(parent, { recursive: true });
    // The nearest configuration: that of this package would bring the types of Node into every contract.
    await writeFile(join(parent, "tsconfig.json"), "{}");
    const bench = new Workbench(await mkdtemp(join(parent, "spec-")));
    for (const [name, text] of Object.entries(files)) await bench.write(name, text);
    return bench;
  }

  async write(name: string, text: string): Promise<void> {
    const path = join(this.dir, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }

  read(name: string): Promise<string> {
    return readFile(join(this.dir, name), "utf8");
  }

  /** Names of all files below the folder, sorted. */
  async list(): Promise<readonly string[]> {
    const entries = await readdir(this.dir, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    return files.map((file) => file.slice(this.dir.length + 1)).sort();
  }

  generate(inputs: readonly string[], options: Partial<GenerateOptions> = {}): Promise<GenerateResult> {
    return generate({ inputs, outDir: "gen", cwd: this.dir, ...options });
  }

  /** What the real compiler says about everything in the folder; empty when it is content. Emits to `out/`. */
  async compile(flags: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const compilerOptions = { ...strictest, rootDir: ".", outDir: "out", ...flags };
    await this.write("tsconfig.json", JSON.stringify({ compilerOptions, exclude: ["out"] }));
    const tsc = join(packageDir, "../node_modules/typescript/bin/tsc");
    try {
      await execute(process.execPath, [tsc, "-p", this.dir, "--pretty", "false"], { cwd: this.dir });
      return "";
    } catch (error) {
      return (error as { stdout: string }).stdout;
    }
  }

  /** A descriptor out of a compiled generated file. */
  async load(file: string, name: string): Promise<ServiceDescriptor> {
    const module = (await import(pathToFileURL(join(this.dir, "out", file)).href)) as Record<string, ServiceDescriptor>;
    const descriptor = module[name];
    if (descriptor === undefined) throw new Error(`${file} exports no ${name}`);
    return descriptor;
  }

  async dispose(): Promise<void> {
    await rm(this.dir, { recursive: true, force: true });
  }
}

/** `FC1204 3:10`, as tables of refusals are written. */
export function brief(result: GenerateResult): readonly string[] {
  return result.diagnostics.map(({ code, line, column }) => (line === undefined ? code : `${code} ${line}:${column ?? 0}`));
}
