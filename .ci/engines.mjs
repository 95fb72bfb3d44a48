// Every dependency must admit the oldest Node that we promise; pnpm does not say when one stops doing so.
// node .ci/engines.mjs [lockfile]
import { readFileSync } from "node:fs";
import { join } from "node:path";
import semver from "semver";
import { root } from "./packages.mjs";

const oldest = "20.19.0";

/** Dependencies that ask for more than they need, and why that is no harm. */
const exceptions = {
  "commander@15.0.0": "brought by @solana/errors, of which tests read the types and load nothing",
  "content-type@3.1.1": "brought by @octokit/core, of which tests read the types and load nothing",
  "strip-json-comments@5.1.0": "brought by mocha, which itself asks for ^20.19; runs on 20.19, and no user gets it",
};

const lockfile = process.argv[2] ?? join(root, "pnpm-lock.yaml");
const demands = [...enginesIn(readFileSync(lockfile, "utf8"))];
if (demands.length === 0) throw new Error(`${lockfile} names no engines: has the format of the lockfile changed?`);

const refused = demands.filter(({ range }) => !semver.satisfies(oldest, range));
const faults = [
  ...refused.filter(({ name }) => exceptions[name] === undefined).map(({ name, range }) => `${name} asks for Node ${range}`),
  ...(process.argv[2] === undefined ? Object.keys(exceptions) : [])
    .filter((name) => !refused.some((one) => one.name === name))
    .map((name) => `${name} is an exception that nothing needs any more`),
];
for (const fault of faults) console.error(fault);
if (faults.length > 0) {
  console.error(
    `Packages promise Node ${oldest}: take an older version, or list the exception and its reason in .ci/engines.mjs`,
  );
  process.exitCode = 1;
} else {
  console.log(`${demands.length} dependencies name their engines, all but ${refused.length} admit Node ${oldest}`);
}

/** What the packages of a lockfile ask of Node. */
function* enginesIn(text) {
  const [, packages = ""] = /^packages:\n((?:\n|[ ].*\n)*)/m.exec(text) ?? [];
  for (const entry of packages.split(/^(?= {2}\S)/m)) {
    const name = /^ {2}'?(.+?)'?:\n/.exec(entry)?.[1];
    const range = /^ {4}engines: \{.*?\bnode: ('[^']*'|"[^"]*"|[^,}]+)/m.exec(entry)?.[1];
    if (name !== undefined && range !== undefined) yield { name, range: range.replace(/^['"]|['"]$/g, "").trim() };
  }
}
