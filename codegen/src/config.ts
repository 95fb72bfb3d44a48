/** What `farcall.config.ts` or `farcall.config.json` may say; paths are relative to the file. */
export interface FarcallConfig {
  /** The contract files. */
  readonly inputs: readonly string[];
  /** The folder for the generated files. */
  readonly out: string;
  /** Exports that are services, whatever their doc comments say. Default: the interfaces tagged `@service`. */
  readonly services?: readonly string[];
  /** Members of services to do without, as `Api.users.find`. Default: none. */
  readonly omit?: readonly string[];
  /** How generated files end the names of files they import. Default `js`, which Node and TypeScript understand. */
  readonly importExtension?: ImportExtension;
  /** What happens to properties that a contract does not name. Default `strip`: they are passed over, on both sides. */
  readonly unknownKeys?: "strip" | "reject" | "allow";
  /** Whether a warning keeps the run from writing, as an error does. Default `false`. */
  readonly warningsAsErrors?: boolean;
}

/** `./inventory.js`, `./inventory.ts`, or `./inventory` for bundlers. */
export type ImportExtension = "js" | "ts" | "none";

/** Gives a configuration its type. */
export function defineConfig(config: FarcallConfig): FarcallConfig {
  return config;
}
