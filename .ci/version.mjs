// After `changeset version`: the version that the code tells its peers follows the manifests. npm run bump
import { readFileSync, writeFileSync } from "node:fs";

const manifest = new URL("../packages/protocol/package.json", import.meta.url);
const source = new URL("../packages/protocol/src/version.ts", import.meta.url);

const { version } = JSON.parse(readFileSync(manifest, "utf8"));
const text = readFileSync(source, "utf8");
const changed = text.replace(/(?<=export const version = )"[^"]*"/, JSON.stringify(version));
if (!changed.includes(`export const version = ${JSON.stringify(version)};`)) throw new Error("version.ts has no version");
writeFileSync(source, changed);
