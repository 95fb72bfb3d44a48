import { gzipSync } from "node:zlib";
import { generate } from "@farcall/codegen";
import { build, transform } from "esbuild";
import { asTypeScript } from "../contract-of-500/typescript.js";
import { Folder } from "../toolchain/folder.js";

/** What a method may cost, in bytes of JavaScript, compressed. */
export const boundBytes = 600;

/** Of one file with one service. */
export interface Size {
  readonly service: string;
  readonly methods: number;
  /** As generated. */
  readonly typescript: number;
  /** Without types and comments, as a bundler takes it in. */
  readonly javascript: number;
  readonly gzip: number;
  readonly minifiedGzip: number;
}

export interface Generated {
  readonly sizes: readonly Size[];
  /** The text of a program that uses one service of a module that exports them all. */
  readonly bundle: (service: string) => Promise<string>;
}

/** The contract of 500 methods, or the first of its services. */
export async function generated(services?: number): Promise<Generated> {
  const { files, inputs } = asTypeScript();
  const folder = new Folder("size");
  folder.write(files);
  const result = await generate({ inputs: inputs.slice(0, services), outDir: "gen", cwd: folder.path });
  if (result.files.length === 0) throw new Error(`nothing was generated: ${result.diagnostics[0]?.message ?? ""}`);
  const names = result.services.map(({ name }) => name);
  folder.write({ "all.ts": names.map((name) => `export * from "./gen/${name.toLowerCase()}.js";\n`).join("") });
  return {
    sizes: await Promise.all(
      result.files.map(async ({ text, services: [service] }): Promise<Size> => {
        const { code } = await transform(text, { loader: "ts" });
        const minified = await transform(text, { loader: "ts", minify: true });
        return {
          service: service?.name ?? "",
          methods: service?.methods.length ?? 0,
          typescript: text.length,
          javascript: code.length,
          gzip: gzipSync(code).length,
          minifiedGzip: gzipSync(minified.code).length,
        };
      }),
    ),
    bundle: async (service) => {
      const { outputFiles } = await build({
        stdin: { contents: `import { ${service} } from "./all.js"; console.log(${service});`, resolveDir: folder.path },
        bundle: true,
        format: "esm",
        external: ["@farcall/*"],
        write: false,
        logLevel: "silent",
      });
      return outputFiles[0]?.text ?? "";
    },
  };
}
