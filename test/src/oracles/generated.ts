import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { generate } from "@farcall/codegen";
import type { ServiceDescriptor } from "@farcall/protocol";

const testDir = fileURLToPath(new URL("../..", import.meta.url));

/** What the generator makes of each contract, in a folder from where the packages of the tests are found. */
export async function generated(contracts: readonly string[]): Promise<readonly ServiceDescriptor[]> {
  await mkdir(join(testDir, ".farcall-tmp"), { recursive: true });
  const dir = await mkdtemp(join(testDir, ".farcall-tmp", "oracles-"));
  try {
    const inputs = contracts.map((_, index) => `contract${index}.ts`);
    await Promise.all(
      inputs.map((name, index) =>
        writeFile(join(dir, name), (contracts[index] as string).replace("@service", `@service oracle${index}`)),
      ),
    );
    const { diagnostics, files } = await generate({ inputs, outDir: "gen", cwd: dir });
    const errors = diagnostics.filter(({ severity }) => severity === "error");
    if (errors.length > 0)
      throw new Error(errors.map(({ code, path, message }) => `${code} ${path ?? ""} ${message}`).join("\n"));
    // Others see to it that such files compile; here only their types have to go.
    const compilerOptions = {
      target: "es2023",
      lib: ["es2023", "dom"],
      module: "nodenext",
      types: [],
      skipLibCheck: true,
      noCheck: true,
      rootDir: ".",
      outDir: "out",
    };
    const project = { compilerOptions, files: files.map(({ path }) => path) };
    await writeFile(join(dir, "tsconfig.json"), JSON.stringify(project));
    await promisify(execFile)(process.execPath, [join(testDir, "../node_modules/typescript/bin/tsc"), "-p", dir]);
    await writeFile(join(dir, "package.json"), '{ "type": "module" }');
    const load = async (name: string): Promise<ServiceDescriptor> => {
      const url = pathToFileURL(join(dir, "out/gen", name.replace(/ts$/, "js"))).href;
      const { Oracle } = (await import(url)) as { Oracle?: ServiceDescriptor };
      if (Oracle === undefined) throw new Error(`${name} exports no Oracle`);
      return Oracle;
    };
    return await Promise.all(inputs.map(load));
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
