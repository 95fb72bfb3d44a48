import { randomBytes } from "node:crypto";
import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** What lies at a path now; `undefined` for nothing. */
export async function readExisting(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

export async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/**
 * Writes all files or none as far as a file system allows: every text is on disk under a temporary name before the
 * first rename, so a full disk or a missing permission shows before anything is replaced, and no reader ever sees
 * half a file.
 */
export async function writeAtomically(files: readonly { readonly path: string; readonly text: string }[]): Promise<void> {
  const pending: { from: string; to: string }[] = [];
  try {
    for (const { path, text } of files) {
      await mkdir(dirname(path), { recursive: true });
      const from = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`);
      pending.push({ from, to: path });
      await writeFile(from, text, { flag: "wx" });
    }
    for (const { from, to } of pending) await rename(from, to);
  } finally {
    await Promise.all(pending.map(({ from }) => rm(from, { force: true })));
  }
}
