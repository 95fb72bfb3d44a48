import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);

/** The script behind the command `tsc`, by version. */
export const compilers = {
  7: join(dirname(require.resolve("typescript/package.json")), "bin/tsc"),
  6: join(dirname(require.resolve("typescript6/package.json")), "bin/tsc6"),
} as const;

/** As editors and projects have it. */
export function tsconfig(files: readonly string[]): string {
  const compilerOptions = {
    target: "ES2022",
    module: "NodeNext",
    moduleResolution: "NodeNext",
    lib: ["ES2023", "DOM", "DOM.Iterable"],
    types: [],
    strict: true,
    skipLibCheck: true,
    noEmit: true,
  };
  return JSON.stringify({ compilerOptions, files });
}
