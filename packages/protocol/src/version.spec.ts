import { readFile } from "node:fs/promises";
import { expect } from "chai";
import { agent, version } from "./index.js";

describe("the version", () => {
  it("is the one of every public package, and what the peers are told", async () => {
    const folders = ["packages/protocol", "packages/client", "packages/server", "packages/testing", "packages/cli", "codegen"];
    const manifests = folders.map((folder) => readFile(new URL(`../../../${folder}/package.json`, import.meta.url), "utf8"));
    for (const text of await Promise.all(manifests)) {
      const manifest = JSON.parse(text) as { readonly name: string; readonly version: string };
      expect(manifest.version, manifest.name).to.equal(version);
    }
    expect(agent).to.equal(`farcall-js/${version}`);
  });
});
