import { cp, readdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ts } from "ts-morph";
import type { GenerateResult } from "./index.js";
import { memberName } from "./read/anatomy.js";
import type { Program } from "./read/program.js";

/** Interfaces that others have published, untouched, each through a few lines of ours. */
export const wrappersDir = fileURLToPath(new URL("../fixtures/published", import.meta.url));
const accountsPath = join(wrappersDir, "accounts.json");

/** What becomes of the members of one interface. */
export interface MemberAccount {
  /** How many methods are generated, by the kind of their calls. */
  readonly generated: Readonly<Record<string, number>>;
  /** Every other member, by what speaks against it. */
  readonly leftOut: Readonly<Record<string, readonly string[]>>;
}

export type Accounts = Readonly<Record<string, MemberAccount>>;

/** Several seconds each: with `FARCALL_LONG=1` only. */
const large = ["github.ts", "slack.ts"];
/** That of `npm test` by hand; CI takes all but the large ones. */
const few = ["cdp.ts"];

export async function wrapperNames(): Promise<readonly string[]> {
  const names = (await readdir(wrappersDir)).filter((name) => name.endsWith(".ts")).sort();
  if (process.env.FARCALL_LONG === "1") return names;
  return names.filter((name) => (process.env.CI === undefined ? few.includes(name) : !large.includes(name)));
}

export async function copyWrappers(dir: string): Promise<void> {
  for (const name of await wrapperNames()) await cp(join(wrappersDir, name), join(dir, name));
}

/** The account of one run, by the interface. */
export function accountsOf({ services, leftOut }: GenerateResult): Accounts {
  const accounts: Record<string, { generated: Record<string, number>; leftOut: Record<string, string[]> }> = {};
  const of = (path: string) => {
    const name = path.split(".", 1)[0] ?? "";
    accounts[name] ??= { generated: {}, leftOut: {} };
    return accounts[name];
  };
  for (const { path, methods } of services) {
    const { generated } = of(path);
    for (const { kind } of methods) generated[kind] = (generated[kind] ?? 0) + 1;
  }
  for (const { member, codes } of leftOut) {
    const { leftOut: lists } = of(member);
    const why = codes.join(" ");
    lists[why] = [...(lists[why] ?? []), member];
  }
  return accounts;
}

/** The committed accounts of the same interfaces; `FARCALL_UPDATE=1` commits what was found. */
export async function expectedAccounts(found: Accounts): Promise<Accounts> {
  const committed = JSON.parse(await readFile(accountsPath, "utf8")) as Accounts;
  const all = process.env.FARCALL_UPDATE === "1" ? { ...committed, ...found } : committed;
  if (all !== committed) await writeFile(accountsPath, `${JSON.stringify(all, undefined, 2)}\n`);
  return Object.fromEntries(Object.entries(all).filter(([name]) => found[name] !== undefined));
}

/** Every member of these interfaces as the compiler lists them: whatever can be called, and what cannot. */
export function membersOf({ program, checker }: Program, file: string, groups: ReadonlySet<string>): readonly string[] {
  const source = program.getSourceFile(file);
  const module = source && checker.getSymbolAtLocation(source);
  if (source === undefined || module === undefined) throw new Error(`${file} is no module`);
  const list = (type: ts.Type, path: string): readonly string[] =>
    checker.getPropertiesOfType(type).flatMap((member) => {
      if (isPrivate(member)) return [];
      const inside = `${path}.${memberName(member)}`;
      if (!groups.has(inside)) return [inside];
      return list(checker.getNonNullableType(checker.getTypeOfSymbolAtLocation(member, source)), inside);
    });
  return checker.getExportsOfModule(module).flatMap((symbol) => list(checker.getDeclaredTypeOfSymbol(symbol), symbol.name));
}

/** What a class keeps to itself is no member of the interface. */
function isPrivate({ valueDeclaration }: ts.Symbol): boolean {
  if (valueDeclaration === undefined) return false;
  return (ts.getCombinedModifierFlags(valueDeclaration) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) !== 0;
}

/** What TypeScript 6, which the generator itself brings along, says about generated files. */
export function complaintsOfTypeScript6(read: ts.Program, files: readonly string[]): readonly string[] {
  const options: ts.CompilerOptions = {
    ...read.getCompilerOptions(),
    declaration: true,
    isolatedDeclarations: true,
    noUncheckedIndexedAccess: true,
    erasableSyntaxOnly: true,
    verbatimModuleSyntax: true,
  };
  const host = ts.createCompilerHost(options);
  const parse = host.getSourceFile.bind(host);
  const library = read.getSourceFiles().find((file) => read.isSourceFileDefaultLibrary(file));
  host.getDefaultLibLocation = () => dirname(library?.fileName ?? "");
  // What was parsed to read the contracts is not parsed again.
  host.getSourceFile = (name, ...rest) => read.getSourceFile(name) ?? parse(name, ...rest);
  const program = ts.createProgram([...files, ...read.getRootFileNames()], options, host);
  return files.flatMap((file) => {
    const source = program.getSourceFile(file);
    if (source === undefined) return [`${file} is not there`];
    const found = [
      ...program.getSyntacticDiagnostics(source),
      ...program.getSemanticDiagnostics(source),
      ...program.getDeclarationDiagnostics(source),
    ];
    return found.map(({ start, messageText }) => {
      const { line } = source.getLineAndCharacterOfPosition(start ?? 0);
      return `${basename(file)}:${line + 1} ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
    });
  });
}
