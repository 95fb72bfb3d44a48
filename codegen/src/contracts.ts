import type { ImportExtension } from "./config.js";
import type { Diagnostic } from "./diagnostics.js";
import { printFile } from "./emit/file.js";
import { clashingExport } from "./emit/names.js";
import type { ContractModel } from "./model.js";
import { Account, type LeftOutMember } from "./read/account.js";
import { type ContractOptions, readContract, type WireNames } from "./read/contract.js";
import { Findings } from "./read/findings.js";
import type { Program } from "./read/program.js";

/** What is asked of all contracts. */
export interface Asked extends Omit<ContractOptions, "account"> {
  /** Members and groups that the user does without. */
  readonly omit: readonly string[];
}

/** What one input said when it was last read. */
export interface Reading {
  /** `undefined` when the text is no TypeScript. */
  readonly contract: ContractModel | undefined;
  readonly diagnostics: readonly Diagnostic[];
  readonly leftOut: readonly LeftOutMember[];
  /** What of that which was to be omitted is in this input. */
  readonly omitted: readonly string[];
  /** Wire names that are taken after it, and by whom. */
  readonly wireNames: WireNames;
}

/** With all that decided it. */
interface Known {
  readonly key: string;
  readonly reading: Reading;
}

interface Printed {
  readonly key: string;
  readonly text: string;
}

/** Reads and prints contracts. What an input said holds until something changes that it depends on. */
export class Contracts {
  #known = new Map<string, Known>();
  readonly #printed = new WeakMap<ContractModel, Printed>();

  /** One reading for each input. */
  read(program: Program, inputs: readonly string[], cwd: string, asked: Asked): readonly Reading[] {
    const before = this.#known;
    this.#known = new Map();
    let wireNames: WireNames = new Map();
    return inputs.map((input) => {
      const path = input.replaceAll("\\", "/");
      // What the inputs before it are called on the wire is no part of a file, but decides what is wrong with it.
      const key = JSON.stringify([program.stamps.of(path), cwd, asked, [...wireNames]]);
      const known = before.get(input);
      const reading = known?.key === key ? known.reading : readInput(program, input, path, cwd, asked, wireNames);
      this.#known.set(input, { key, reading });
      wireNames = reading.wireNames;
      return reading;
    });
  }

  /** The generated file. */
  print(contract: ContractModel, target: string, extension: ImportExtension | undefined): string {
    const key = `${extension ?? ""} ${target}`;
    const known = this.#printed.get(contract);
    if (known?.key === key) return known.text;
    const text = printFile(contract, target, extension);
    this.#printed.set(contract, { key, text });
    return text;
  }
}

function readInput(
  program: Program,
  input: string,
  path: string,
  cwd: string,
  { omit, ...asked }: Asked,
  taken: WireNames,
): Reading {
  const findings = new Findings(cwd);
  const account = new Account(findings, omit);
  const wireNames: WireNames = new Map(taken);
  const file = program.program.getSourceFile(path);
  const broken = file === undefined ? [] : program.program.getSyntacticDiagnostics(file);
  for (const diagnostic of broken) findings.errorOfCompiler(diagnostic);
  const isReadable = file !== undefined && broken.length === 0;
  const contract = isReadable ? readContract(program, file, wireNames, findings, { ...asked, account }) : undefined;
  const clash = contract && clashingExport(contract.services);
  if (clash !== undefined) {
    findings.errorInFile(
      "FC1011",
      input,
      `the service ${clash.service.name} needs the name ${clash.name}, which is taken`,
      "rename the interface; @service keeps its wire name",
    );
  }
  return {
    contract,
    diagnostics: findings.list,
    leftOut: account.leftOut(),
    omitted: omit.filter((one) => !account.missing.includes(one)),
    wireNames,
  };
}
