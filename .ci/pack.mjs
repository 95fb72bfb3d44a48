// Packs every public package into one folder, and refuses tarballs that no stranger could use: npm run pack -- <folder>
// Expects built packages, and pnpm on the PATH (the npm script sees to that): npm would leave `workspace:` in the manifests.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join, posix, resolve } from "node:path";
import { publicPackages, root, tarballName } from "./packages.mjs";

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error("name the folder for the tarballs: npm run pack -- <folder>");
  process.exit(2);
}
const target = resolve(process.env.INIT_CWD ?? process.cwd(), folder);
mkdirSync(target, { recursive: true });

for (const { folder: own } of publicPackages) sweep(join(root, own));
const filters = publicPackages.flatMap(({ manifest }) => ["--filter", manifest.name]);
execFileSync("pnpm", ["--recursive", ...filters, "pack", "--pack-destination", target], {
  cwd: root,
  stdio: ["ignore", "ignore", "inherit"],
  shell: process.platform === "win32",
});

const faults = publicPackages.flatMap(({ manifest }) => {
  const tarball = resolve(target, tarballName(manifest));
  return inspect(tarball).map((fault) => `${manifest.name}: ${fault}`);
});
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exit(1);
for (const { manifest } of publicPackages) console.log(resolve(target, tarballName(manifest)));

/** Removes build output of which the source is gone: the compiler leaves it behind, and it would be published. */
function sweep(own) {
  for (const entry of readdirSync(join(own, "dist"), { recursive: true })) {
    const stem = /^(.+?)(?:\.d\.ts|\.js)(?:\.map)?$/.exec(entry)?.[1];
    if (stem !== undefined && !existsSync(join(own, "src", `${stem}.ts`))) rmSync(join(own, "dist", entry));
  }
}

/** What is wrong with a tarball. */
function inspect(tarball) {
  const files = new Set(tar("-tzf", tarball).trim().split("\n"));
  const read = (file) => tar("-xzOf", tarball, file);
  const found = [];
  const text = read("package/package.json");
  if (text.includes("workspace:")) found.push("the manifest mentions workspace:");
  const manifest = JSON.parse(text);
  const { repository, license, description, keywords, engines, publishConfig } = manifest;
  if (![repository?.directory, license, description, keywords?.length, engines?.node, publishConfig?.access].every(Boolean)) {
    found.push("the manifest is incomplete");
  }
  for (const file of ["LICENSE", "README.md", "CHANGELOG.md"]) {
    if (!files.has(`package/${file}`)) found.push(`${file} is missing`);
  }
  for (const file of targets(manifest.exports ?? {}).concat(Object.values(manifest.bin ?? {}))) {
    if (!files.has(posix.join("package", file))) found.push(`${file} is declared, but missing`);
  }
  for (const file of files) {
    if (/\.(spec|test)\b|spec\.support|\.tsbuildinfo$|(^|\/)(\.env|\.npmrc|node_modules)(\/|$)/.test(file)) {
      found.push(`${file} does not belong into a package`);
    }
  }
  // All maps in one go: a map of which the source is missing is a leftover of a deleted file, or leads an editor nowhere.
  const maps = [...files].filter((file) => file.endsWith(".map"));
  if (maps.length > 0) {
    const texts = tar("-xzOf", tarball, ...maps).split(/(?<=\})(?=\{"version":3)/);
    for (const map of texts.map((one) => JSON.parse(one))) {
      const bases = maps.filter((file) => posix.basename(file) === `${map.file}.map`);
      const leads = bases.some((base) =>
        map.sources.every((source) => files.has(posix.join(posix.dirname(base), map.sourceRoot ?? "", source))),
      );
      if (!leads) found.push(`the map of ${map.file} names a source that is not in the package`);
    }
  }
  return found;
}

/** Every file that `exports` leads to. */
function targets(entry) {
  return typeof entry === "string" ? [entry] : Object.values(entry).flatMap(targets);
}

function tar(...args) {
  return execFileSync("tar", args, { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
}
