import { basename, resolve } from "node:path";
import type { ImportExtension } from "./config.js";
import { Contracts } from "./contracts.js";
import type { Diagnostic } from "./diagnostics.js";
import { generatedMark } from "./emit/file.js";
import { type CallKind, type ContractModel, flatten } from "./model.js";
import { isFile, readExisting, writeAtomically } from "./output.js";
import type { LeftOutMember } from "./read/account.js";
import { Findings } from "./read/findings.js";
import { isPlatformFile } from "./read/platform.js";
import { type Program, ProgramLoader } from "./read/program.js";

export interface GenerateOptions {
  /** The contract files, relative to `cwd` or absolute. */
  readonly inputs: readonly string[];
  /** Where the generated files go, relative to `cwd` or absolute. Made if missing. */
  readonly outDir: string;
  /** Default: the working directory of the process. Diagnostics name files relative to it. */
  readonly cwd?: string;
  /**
   * What happens to properties that a contract does not name: `strip` passes them over, on both sides; `reject` makes
   * them errors; `allow` lets them travel unchecked, as far as `unknown` can. Default `strip`.
   */
  readonly unknownKeys?: "strip" | "reject" | "allow";
  /**
   * Exports of the inputs that are services, whatever their doc comments say: for contracts that cannot be edited.
   * Default: the interfaces tagged `@service`.
   */
  readonly services?: readonly string[];
  /**
   * Members and groups of services to do without, as `Api.users.find`: those that cannot be generated, or are not wanted.
   * Default: none.
   */
  readonly omit?: readonly string[];
  /** How generated files end the names of files they import. Default `js`. */
  readonly importExtension?: ImportExtension;
  /** Whether a warning keeps the run from writing, as an error does. Default `false`. */
  readonly warningsAsErrors?: boolean;
  /** `false` only compares with what is on disk. Default `true`. */
  readonly write?: boolean;
}

export interface GenerateResult {
  /** One per input, in the order of the inputs. Empty when a diagnostic is an error: then nothing was written. */
  readonly files: readonly GeneratedFile[];
  /** Everything found in all inputs, sorted by place. */
  readonly diagnostics: readonly Diagnostic[];
  /** Every service that could be read, with the methods of it that can be generated. */
  readonly services: readonly ServiceSummary[];
  /** Every member that cannot be generated, and why; `omit` takes them as they are. Without those that were omitted. */
  readonly leftOut: readonly LeftOutMember[];
  /**
   * Absolute paths of the inputs, of every file of the user's that they import, and of the `tsconfig.json` that says where
   * imports lead: what a watcher watches.
   */
  readonly sources: readonly string[];
  /** Absolute paths at which a new file would be what an import means, found or not: a watcher waits for them. */
  readonly missing: readonly string[];
}

export interface GeneratedFile {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
  /**
   * `written`: replaced or created. `unchanged`: on disk already, byte for byte, and not touched.
   * With `write: false` instead of `written`: `stale` when another text is on disk, `missing` when none is.
   */
  readonly status: "written" | "unchanged" | "stale" | "missing";
  readonly services: readonly ServiceSummary[];
}

export interface ServiceSummary {
  /** The exported name. */
  readonly name: string;
  /** How diagnostics and `omit` name it: `Api.users`, where `name` is `ApiUsers`. */
  readonly path: string;
  readonly wireName: string;
  readonly methods: readonly { readonly name: string; readonly kind: CallKind }[];
}

/**
 * Reads contracts and writes one file for each. What is wrong with a contract comes back as diagnostics, all at once;
 * the promise rejects only when the file system does.
 */
export function generate(options: GenerateOptions): Promise<GenerateResult> {
  return createGenerator().generate(options);
}

/** Generates again and again, as a watcher does. */
export interface Generator {
  /** Like `generate`; files that have not changed since the last run are not parsed again. One run at a time. */
  generate(options: GenerateOptions): Promise<GenerateResult>;
}

export function createGenerator(): Generator {
  const memory: Memory = { loader: new ProgramLoader(), contracts: new Contracts() };
  return { generate: (options) => run(options, memory) };
}

/** What a run leaves behind for the next one. */
interface Memory {
  readonly loader: ProgramLoader;
  readonly contracts: Contracts;
}

async function run(options: GenerateOptions, memory: Memory): Promise<GenerateResult> {
  const cwd = resolve(options.cwd ?? ".");
  const outDir = resolve(cwd, options.outDir);
  const findings = new Findings(cwd);
  const inputs = await readableInputs([...new Set(options.inputs.map((input) => resolve(cwd, input)))], findings);
  const targets = targetsOf(inputs, outDir, findings);

  const program = memory.loader.load(inputs);
  const asked = { unknownKeys: options.unknownKeys ?? "strip", services: options.services ?? [], omit: options.omit ?? [] };
  const readings = memory.contracts.read(program, inputs, cwd, asked);
  for (const reading of readings) findings.take(reading.diagnostics);
  const contracts = readings.flatMap(({ contract }) => contract ?? []);
  const leftOut = readings.flatMap((reading) => reading.leftOut);
  const services = contracts.flatMap((contract) => summaries(contract, leftOut));
  for (const path of asked.omit) {
    if (readings.some(({ omitted }) => omitted.includes(path))) continue;
    findings.errorInFile(
      "FC1013",
      inputs[0] ?? "",
      `no service has a member ${path}`,
      "check the spelling: Service.group.method",
    );
  }
  for (const name of options.services ?? []) {
    if (services.some((service) => service.name === name) || findings.failed) continue;
    findings.errorInFile(
      "FC1012",
      inputs[0] ?? "",
      `no input exports an interface called ${name}`,
      "check the spelling of --service",
    );
  }
  const sources = [...new Set([...options.inputs.map((input) => resolve(cwd, input)), ...userSources(program)])].sort();
  const missing = program.imports.missing.map((path) => resolve(path)).sort();
  const read = { services, leftOut, sources, missing };
  const isRefused = (): boolean => findings.failed || (options.warningsAsErrors === true && findings.list.length > 0);
  if (isRefused()) return { files: [], diagnostics: findings.list, ...read };

  const files: GeneratedFile[] = [];
  for (const contract of contracts) {
    const path = targets.get(resolve(contract.file)) ?? "";
    const text = memory.contracts.print(contract, path, options.importExtension);
    const existing = await readExisting(path);
    if (existing !== undefined && existing.trim() !== "" && !existing.startsWith(generatedMark)) {
      findings.errorInFile(
        "FC1006",
        path,
        "this file was not generated, so it is not overwritten",
        "choose another --out, or delete the file if it is not needed",
      );
    }
    const status =
      existing === text ? "unchanged" : options.write !== false ? "written" : existing === undefined ? "missing" : "stale";
    files.push({ path, text, status, services: summaries(contract, leftOut) });
  }
  if (findings.failed) return { files: [], diagnostics: findings.list, ...read };
  await writeAtomically(files.filter((file) => file.status === "written"));
  return { files, diagnostics: findings.list, ...read };
}

async function readableInputs(inputs: readonly string[], findings: Findings): Promise<readonly string[]> {
  const readable: string[] = [];
  for (const input of inputs) {
    if (!/\.[cm]?tsx?$/.test(input))
      findings.errorInFile("FC1001", input, "not a TypeScript file", "name a .ts file that declares a service");
    else if (!(await isFile(input)))
      findings.errorInFile("FC1001", input, "no such file", "check the path; it is taken relative to the working directory");
    else readable.push(input);
  }
  return readable;
}

/** Where each input's output goes. */
function targetsOf(inputs: readonly string[], outDir: string, findings: Findings): ReadonlyMap<string, string> {
  const targets = new Map<string, string>();
  const owners = new Map<string, string>();
  for (const input of inputs) {
    const target = resolve(outDir, `${basename(input).replace(/(?:\.d)?\.[cm]?tsx?$/, "")}.ts`);
    // Some file systems do not tell upper from lower case.
    const key = target.toLowerCase();
    const owner = owners.get(key);
    if (owner !== undefined) {
      findings.errorInFile(
        "FC1005",
        input,
        `this and ${basename(owner)} would both be written to ${basename(target)}`,
        "rename one of them, or generate them into two folders",
      );
    }
    owners.set(key, input);
    if (inputs.includes(target)) {
      findings.errorInFile(
        "FC1006",
        input,
        "the output would overwrite the contract itself",
        "choose another folder: --out src/gen",
      );
    }
    targets.set(input, target);
  }
  return targets;
}

function summaries(contract: ContractModel, leftOut: readonly LeftOutMember[]): readonly ServiceSummary[] {
  const missing = new Set(leftOut.map(({ member }) => member));
  return contract.services.flatMap(flatten).map(({ name, path, wireName, methods }) => ({
    name,
    path,
    wireName,
    methods: methods
      .filter((method) => !missing.has(`${path}.${method.name}`))
      .map((method) => ({ name: method.name, kind: method.kind })),
  }));
}

function userSources({ program, configurations }: Program): readonly string[] {
  const files = program.getSourceFiles().filter((file) => !program.isSourceFileDefaultLibrary(file));
  return [...files.map((file) => file.fileName), ...configurations]
    .filter((path) => !path.includes("/node_modules/") && !isPlatformFile(path))
    .map((path) => resolve(path));
}
