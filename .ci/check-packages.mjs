// Packs the public packages and has publint and attw look at each tarball: npm run packages
// They run on what a stranger would download, not on the folders.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { root } from "./packages.mjs";

const run = promisify(execFile);
const shell = process.platform === "win32";
const folder = mkdtempSync(join(tmpdir(), "farcall-pack-"));
const { FORCE_COLOR: _, ...env } = { ...process.env, NO_COLOR: "1" };

try {
  const tarballs = (await program("npm", "run", "--silent", "pack", "--", folder)).trim().split("\n");
  for (const tarball of tarballs) {
    // All packages are ESM only: what old resolutions make of them is no news.
    const checks = [bin("publint", tarball, "--strict"), bin("attw", tarball, "--profile", "esm-only", "--quiet")];
    await Promise.all(checks);
    console.log(`ok ${tarball.slice(folder.length + 1)}`);
  }
} catch (error) {
  console.error(`${error.stdout ?? ""}${error.stderr ?? error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function bin(name, ...args) {
  return program(join(root, "node_modules/.bin", name), ...args);
}

async function program(file, ...args) {
  const { stdout } = await run(file, args, { cwd: root, env, shell, timeout: 60_000 });
  return stdout;
}
