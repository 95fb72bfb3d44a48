import { getLibFiles, libFolderInMemoryPath } from "@ts-morph/common";
import { expect } from "chai";
import { ts } from "ts-morph";
import { Chance, changed, declarations, randomType, sampleOf } from "./random-types.spec.support.js";
import { Workbench } from "./workbench.spec.support.js";

const isLong = process.env.FARCALL_LONG === "1";
/** One in which what has been mended already would show; a long run takes others. */
const seed = Number(process.env.FARCALL_SEED ?? (isLong ? Math.floor(Math.random() * 2 ** 32) : 2));
const rounds = isLong ? 20 : 1;
const [typeCount, valuesPerType] = isLong ? [300, 30] : [60, 12];

const library = new Map(getLibFiles().map(({ fileName, text }) => [`${libFolderInMemoryPath}/${fileName}`, text]));
const parsed = new Map<string, ts.SourceFile>();

/** What the compiler makes of one file, without anything of ours. */
function compile(text: string): { program: ts.Program; file: ts.SourceFile; types: ReadonlyMap<string, ts.Type> } {
  const file = ts.createSourceFile("/file.ts", text, ts.ScriptTarget.ESNext, true);
  const host: ts.CompilerHost = {
    getSourceFile: (path, version) => {
      if (path === file.fileName) return file;
      const known = parsed.get(path) ?? ts.createSourceFile(path, library.get(path) ?? "", version);
      parsed.set(path, known);
      return known;
    },
    fileExists: (path) => library.has(path),
    readFile: () => undefined,
    getCurrentDirectory: () => "/",
    getCanonicalFileName: (path) => path,
    useCaseSensitiveFileNames: () => true,
    getDefaultLibFileName: () => `${libFolderInMemoryPath}/lib.es2023.d.ts`,
    getDefaultLibLocation: () => libFolderInMemoryPath,
    getNewLine: () => "\n",
    writeFile: () => undefined,
  };
  const options = { target: ts.ScriptTarget.ESNext, lib: ["lib.es2023.d.ts"], strict: true, noEmit: true, types: [] };
  const program = ts.createProgram({ rootNames: [file.fileName], options, host });
  const checker = program.getTypeChecker();
  const aliases = file.statements.filter(ts.isTypeAliasDeclaration);
  return { program, file, types: new Map(aliases.map(({ name }) => [name.text, checker.getTypeAtLocation(name)])) };
}

/** As code. */
function literal(value: unknown): string {
  if (typeof value === "bigint") return `${value}n`;
  if (value === undefined) return "undefined";
  if (value instanceof Date) return "new Date(0)";
  if (value instanceof Uint8Array) return "new Uint8Array(1)";
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([key, inner]) => `${JSON.stringify(key)}: ${literal(inner)}`)
    .join(", ")} }`;
}

/**
 * As the type of that value alone. To the wire what is missing is undefined, and null may stand for nothing (see the guide):
 * a lenient one says so to the compiler, and has so many elements `more`.
 */
function typeOf(value: unknown, lenient = false, more = 0): string {
  if (value === null) return lenient ? "any" : "null";
  if (value instanceof Date) return "Date";
  if (value instanceof Uint8Array) return "Uint8Array";
  if (Array.isArray(value)) {
    const elements = value.map((inner) => typeOf(inner, lenient, more));
    return `[${[...elements, ...Array.from({ length: more }, () => "any")].join(", ")}]`;
  }
  if (typeof value !== "object") return literal(value);
  const missing = lenient ? properties.filter((name) => !Object.hasOwn(value, name)) : [];
  return `{ ${[
    ...missing.map((name) => `${JSON.stringify(name)}: any`),
    ...Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}: ${typeOf(inner, lenient, more)}`),
  ].join("; ")} }`;
}

const own = ["p", "r", "x", "y", "a", "b", "c", "d", "g", "h", "v", "t", "x-y", "kind", "next", "kids"];
const properties = [...own, ...own.map((name) => `get_${name}`)];
interface Case {
  readonly type: number;
  readonly value: unknown;
}

describe("random types", function () {
  this.timeout(isLong ? 0 : 60_000);
  let bench: Workbench;

  before(async () => {
    bench = await Workbench.create();
  });

  after(() => bench.dispose());

  it(`take the values that TypeScript assigns to them, and no others (FARCALL_SEED=${seed})`, async () => {
    for (let round = 0; round < rounds; round++) {
      const chance = new Chance(seed + round);
      const texts = Array.from({ length: typeCount }, () => randomType(chance, 1 + chance.below(3)));
      const { is, left } = await checksOf(texts, round);
      const aliases = `${declarations.oracle}\n${texts.map((text, i) => `type T${i} = ${text};`).join("\n")}\n`;
      const { program, types } = compile(`${aliases}export {};`);
      const cases = texts.flatMap((_, type): Case[] => {
        if (left.has(type)) return [];
        return Array.from({ length: valuesPerType }, () => {
          let value = sampleOf(types.get(`T${type}`) as ts.Type, program.getTypeChecker(), chance);
          for (let i = chance.below(3); i > 0; i--) value = changed(value, chance);
          return { type, value };
        });
      });
      expect(cases.length).to.be.greaterThan(typeCount * valuesPerType * 0.7);
      const accepted = cases.filter(({ type, value }) => is(type, value));
      const refused = cases.filter((one) => !accepted.includes(one));
      expect(accepted.length, "none would prove nothing").to.be.greaterThan(cases.length / 5);
      // What is refused does not compile where it is written; what is accepted is assignable, undeclared properties or not.
      const show = ({ type, value }: Case): string => `${texts[type] ?? ""} <- ${literal(value)}`;
      expect(assignedOf(aliases, refused).map(show)).to.deep.equal([]);
      expect(forbiddenOf(aliases, accepted).map(show)).to.deep.equal([]);
    }
  });

  async function checksOf(
    texts: readonly string[],
    round: number,
  ): Promise<{ is: (type: number, value: unknown) => boolean; left: ReadonlySet<number> }> {
    const input = `random${round}.ts`;
    const methods = texts.map((text, i) => `  m${i}(): Promise<${text}>;`);
    await bench.write(input, ["/** @service */", "export interface S {", ...methods, "}", declarations.contract].join("\n"));
    const omit = (await bench.generate([input])).leftOut.map(({ member }) => member);
    const { files, diagnostics } = await bench.generate([input], { omit });
    expect(diagnostics).to.deep.equal([]);
    // Others see to it that such files compile.
    const { outputText } = ts.transpileModule(files[0]?.text ?? "", {
      compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true },
    });
    await bench.write(`out/random${round}.js`, outputText);
    const descriptor = await bench.load(`random${round}.js`, "S");
    return {
      is: (type, value) => {
        const output = descriptor.methods.get(`m${type}`)?.output;
        const verdict = output?.is(value) === true;
        expect(output?.explain(value).length === 0, `${texts[type] ?? ""} is explained as it is checked`).to.equal(verdict);
        return verdict;
      },
      left: new Set(omit.map((member) => Number(member.replace("S.m", "")))),
    };
  }

  /** Those that a program may write where the type is asked for. */
  function assignedOf(aliases: string, cases: readonly Case[]): readonly Case[] {
    const lines = cases.map(({ type, value }, i) => `const x${i}: T${type} = ${literal(value)};`);
    const { program, file } = compile(`${aliases}${lines.join("\n")}\nexport {};`);
    const first = aliases.split("\n").length - 1;
    const wrong = new Set(
      program.getSemanticDiagnostics(file).map(({ start }) => file.getLineAndCharacterOfPosition(start ?? 0).line - first),
    );
    return cases.filter((_, i) => !wrong.has(i));
  }

  /** Those that are not assignable, however lenient one is with what is missing. */
  function forbiddenOf(aliases: string, cases: readonly Case[]): readonly Case[] {
    let pending = cases;
    for (const [lenient, ...lengths] of [
      [false, 0],
      [true, 0, 1, 2],
    ] as const) {
      const lines = pending.flatMap(({ value }, i) =>
        lengths.map((more) => `type X${i}_${more} = ${typeOf(value, lenient, more)};`),
      );
      const { program, types } = compile(`${aliases}${lines.join("\n")}\nexport {};`);
      const checker = program.getTypeChecker();
      const isForbidden = (type: number, value: string): boolean =>
        !checker.isTypeAssignableTo(types.get(value) as ts.Type, types.get(`T${type}`) as ts.Type);
      pending = pending.filter(({ type }, i) => lengths.every((more) => isForbidden(type, `X${i}_${more}`)));
    }
    return pending;
  }
});
