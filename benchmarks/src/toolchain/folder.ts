import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const made = new Set<string>();

/** A folder inside this package, or another, so that imports of its packages resolve; gone when the process ends. */
export class Folder {
  readonly path: string;

  constructor(name: string, root = fileURLToPath(new URL("../../", import.meta.url))) {
    const parent = join(root, ".farcall-tmp");
    mkdirSync(parent, { recursive: true });
    this.path = mkdtempSync(join(parent, `${name}-`));
    if (made.size === 0) removeAtExit();
    made.add(this.path);
  }

  write(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) {
      const path = join(this.path, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
  }
}

function removeAtExit(): void {
  process.once("exit", () => {
    for (const path of made) rmSync(path, { recursive: true, force: true });
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(128 + constants.signals[signal]));
}
