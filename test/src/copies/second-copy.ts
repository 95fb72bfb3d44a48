import { cp, mkdir, mkdtemp, readFile, realpath, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const workspace = fileURLToPath(new URL("../../..", import.meta.url));

/** Farcall and all that it depends on, a second time in this process. */
export interface SecondCopy {
  readonly client: typeof import("@farcall/client");
  readonly server: typeof import("@farcall/server");
  readonly protocol: typeof import("@farcall/protocol");
  readonly codegen: typeof import("@farcall/protocol/codegen/v1");
  readonly msgpackr: typeof import("msgpackr");
  readonly conformance: typeof import("../contracts/gen/conformance.js");
  readonly values: typeof import("../contracts/gen/values.js");
  remove(): Promise<void>;
}

/** Installs what has been built into a folder outside the workspace, and imports it from there. */
export async function secondCopy(): Promise<SecondCopy> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "farcall-copy-")));
  const installed = (name: string): string => join(folder, "node_modules", name);
  for (const name of ["protocol", "client", "server"]) {
    const source = join(workspace, "packages", name);
    await mkdir(installed(`@farcall/${name}`), { recursive: true });
    for (const part of ["package.json", "dist"])
      await cp(join(source, part), join(installed(`@farcall/${name}`), part), { recursive: true });
    const { dependencies = {} } = JSON.parse(await readFile(join(source, "package.json"), "utf8")) as {
      dependencies?: Record<string, string>;
    };
    const others = Object.keys(dependencies).filter((one) => !one.startsWith("@farcall/"));
    for (const one of others) await cp(packageFolder(one, source), installed(one), { recursive: true, dereference: true });
  }
  await cp(join(workspace, "test/dist/contracts/gen"), join(folder, "gen"), { recursive: true });
  await cp(join(workspace, "test/package.json"), join(folder, "package.json"));
  const load = async <T>(...path: readonly string[]): Promise<T> =>
    (await import(pathToFileURL(join(folder, ...path)).href)) as T;
  return {
    client: await load("node_modules/@farcall/client/dist/index.js"),
    server: await load("node_modules/@farcall/server/dist/index.js"),
    protocol: await load("node_modules/@farcall/protocol/dist/index.js"),
    codegen: await load("node_modules/@farcall/protocol/dist/codegen/v1.js"),
    msgpackr: await load("node_modules/msgpackr/node-index.js"),
    conformance: await load("gen/conformance.js"),
    values: await load("gen/values.js"),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** The folder of a dependency, as its user finds it. Not every package shows its manifest to others. */
function packageFolder(name: string, user: string): string {
  const entry = createRequire(join(user, "package.json")).resolve(name);
  const end = entry.lastIndexOf(join("node_modules", name)) + join("node_modules", name).length;
  return end > name.length ? entry.slice(0, end) : dirname(entry);
}
