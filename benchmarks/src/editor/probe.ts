// What an editor does with one contender, in a process of its own: `probe <folder> <name>`; the times come out as JSON.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript6";
import { contenders } from "./contenders.js";

/** All in milliseconds. */
export interface Probe {
  /** From nothing to everything that is wrong with the client. */
  readonly openMs: number;
  /** Names of methods after the service and its dot were typed, and once more with nothing typed. */
  readonly methodsMs: number;
  readonly methodsAgainMs: number;
  /** Names of properties inside the argument of a call, likewise. */
  readonly argumentMs: number;
  readonly argumentAgainMs: number;
  /** Everything that is wrong with the client, after an edit of the contract. */
  readonly editedMs: number;
}

const [folder = "", name = ""] = process.argv.slice(2);
const contender = contenders.find((one) => one.name === name);
if (contender === undefined) throw new Error(`there is no contender ${name}`);
const client = join(folder, "client.ts");
const contract = join(folder, "accounts.ts");
process.stdout.write(JSON.stringify(probe(contender)));

function probe({ service, call, edit }: (typeof contenders)[number]): Probe {
  /** What is typed and not saved, by file. */
  const typed = new Map<string, { readonly text: string; readonly version: number }>();
  const type = (path: string, text: string): void => void typed.set(path, { text, version: (typed.get(path)?.version ?? 0) + 1 });
  const config = ts.readConfigFile(join(folder, "tsconfig.json"), (path) => ts.sys.readFile(path));
  const { options, fileNames } = ts.parseJsonConfigFileContent(config.config, ts.sys, folder);
  const host: ts.LanguageServiceHost = {
    getCompilationSettings: () => options,
    getScriptFileNames: () => fileNames,
    getScriptVersion: (path) => String(typed.get(path)?.version ?? 0),
    getScriptSnapshot(path) {
      const text = typed.get(path)?.text ?? ts.sys.readFile(path);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => folder,
    getDefaultLibFileName: (given) => ts.getDefaultLibFilePath(given),
    fileExists: (path) => ts.sys.fileExists(path),
    readFile: (path) => ts.sys.readFile(path),
    directoryExists: (path) => ts.sys.directoryExists(path),
    getDirectories: (path) => ts.sys.getDirectories(path),
    realpath: (path) => ts.sys.realpath?.(path) ?? path,
  };
  const text = readFileSync(client, "utf8");
  const began = performance.now();
  const server = ts.createLanguageService(host);

  const check = (): void => {
    const [wrong] = [...server.getSyntacticDiagnostics(client), ...server.getSemanticDiagnostics(client)];
    if (wrong === undefined) return;
    const line = wrong.file?.getLineAndCharacterOfPosition(wrong.start ?? 0).line ?? 0;
    throw new Error(`${name}: client.ts:${line + 1}: ${ts.flattenDiagnosticMessageText(wrong.messageText, " ")}`);
  };
  const complete = (typedText: string, position: number, wanted: string): void => {
    const entries = server.getCompletionsAtPosition(client, position, {})?.entries ?? [];
    if (!entries.some((entry) => entry.name === wanted)) throw new Error(`${name}: no ${wanted} after ${typedText}`);
  };
  /** Types at the end of the file and asks for names, twice. */
  const asked = (before: string, after: string, wanted: string): readonly [number, number] => {
    type(client, `${text}${before}${after}`);
    const ask = (): void => complete(before, text.length + before.length, wanted);
    return [timed(ask), timed(ask)];
  };

  check();
  const openMs = performance.now() - began;
  const [methodsMs, methodsAgainMs] = asked(service, "", "listAccounts");
  const [argumentMs, argumentAgainMs] = asked(`${call}{ `, " })", "requestId");
  type(client, text);
  check();
  const before = readFileSync(contract, "utf8");
  type(contract, before.replace(...edit));
  const editedMs = timed(check);
  return { openMs, methodsMs, methodsAgainMs, argumentMs, argumentAgainMs, editedMs };
}

function timed(run: () => void): number {
  const began = performance.now();
  run();
  return performance.now() - began;
}
