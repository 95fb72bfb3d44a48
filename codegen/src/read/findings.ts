import { relative } from "node:path";
import { ts } from "ts-morph";
import type { Diagnostic, DiagnosticCode } from "../diagnostics.js";
import type { TypeModel } from "../model.js";

/** A node of the source and the path inside the contract that led to it. */
export interface Site {
  readonly node: ts.Node;
  readonly path: string | undefined;
}

/** Collects what is found in a run; nothing stops at the first error. */
export class Findings {
  readonly #cwd: string;
  readonly #list: Diagnostic[] = [];
  readonly #seen = new Set<string>();
  readonly #marks = new Map<TypeModel, Set<DiagnosticCode>>();
  #errors = new Set<DiagnosticCode>();
  #warnings = new Set<DiagnosticCode>();

  constructor(cwd: string) {
    this.#cwd = cwd;
  }

  /** In order of file and place. */
  get list(): readonly Diagnostic[] {
    const place = (d: Diagnostic): number => (d.line ?? 0) * 100_000 + (d.column ?? 0);
    return [...this.#list].sort((a, b) => (a.file === b.file ? place(a) - place(b) : a.file < b.file ? -1 : 1));
  }

  get failed(): boolean {
    return this.#list.some((diagnostic) => diagnostic.severity === "error");
  }

  /** Types in which an error was found: whoever uses them has it too, though it is reported once. */
  get marks(): ReadonlyMap<TypeModel, ReadonlySet<DiagnosticCode>> {
    return this.#marks;
  }

  mark(type: TypeModel, codes: Iterable<DiagnosticCode>): void {
    const known = this.#marks.get(type) ?? new Set();
    for (const code of codes) known.add(code);
    if (known.size > 0) this.#marks.set(type, known);
  }

  /** Runs `read` and says which codes it came upon, those that had been reported before included. */
  collect<T>(read: () => T): { result: T; errors: ReadonlySet<DiagnosticCode>; warnings: ReadonlySet<DiagnosticCode> } {
    const [outerErrors, outerWarnings] = [this.#errors, this.#warnings];
    const [errors, warnings] = [new Set<DiagnosticCode>(), new Set<DiagnosticCode>()];
    [this.#errors, this.#warnings] = [errors, warnings];
    const result = read();
    for (const code of errors) outerErrors.add(code);
    for (const code of warnings) outerWarnings.add(code);
    [this.#errors, this.#warnings] = [outerErrors, outerWarnings];
    return { result, errors, warnings };
  }

  /** The same, to be run later: what it finds then belongs to whom things belong now. */
  later(judge: () => void): () => void {
    const owner = this.#errors;
    return () => {
      for (const code of this.collect(judge).errors) owner.add(code);
    };
  }

  /** Adds what was found elsewhere, except for what is known. */
  take(found: readonly Diagnostic[]): void {
    for (const diagnostic of found) this.#add(diagnostic);
  }

  error(code: DiagnosticCode, site: Site, message: string, hint?: string): void {
    this.#at("error", code, site, message, hint);
  }

  warn(code: DiagnosticCode, site: Site, message: string, hint?: string): void {
    this.#at("warning", code, site, message, hint);
  }

  /** About a file as a whole. */
  errorInFile(code: DiagnosticCode, file: string, message: string, hint?: string): void {
    this.#add({
      code,
      severity: "error",
      message,
      hint,
      file: this.#display(file),
      line: undefined,
      column: undefined,
      source: undefined,
      path: undefined,
    });
  }

  /** What the compiler itself says about the text. */
  errorOfCompiler(diagnostic: ts.Diagnostic, path?: string): void {
    const message = `TypeScript: ${ts.flattenDiagnosticMessageText(diagnostic.messageText, " ")} (TS${diagnostic.code})`;
    if (diagnostic.file === undefined) return;
    const start = diagnostic.start ?? 0;
    this.#span("error", "FC1002", diagnostic.file, start, start + (diagnostic.length ?? 1), path, message, undefined);
  }

  #at(severity: Diagnostic["severity"], code: DiagnosticCode, site: Site, message: string, hint: string | undefined): void {
    const { path } = site;
    // A whole interface or class is too much to underline.
    const isWhole = ts.isInterfaceDeclaration(site.node) || ts.isClassDeclaration(site.node);
    const node = isWhole ? (site.node.name ?? site.node) : site.node;
    this.#span(severity, code, node.getSourceFile(), node.getStart(), node.getEnd(), path, message, hint);
  }

  #span(
    severity: Diagnostic["severity"],
    code: DiagnosticCode,
    file: ts.SourceFile,
    start: number,
    end: number,
    path: string | undefined,
    message: string,
    hint: string | undefined,
  ): void {
    const { line, character } = file.getLineAndCharacterOfPosition(start);
    const text = file.text.slice(file.getPositionOfLineAndCharacter(line, 0)).split(/\r?\n/, 1)[0] ?? "";
    this.#add({
      code,
      severity,
      message,
      hint,
      file: this.#display(file.fileName),
      line: line + 1,
      column: character + 1,
      source: { text, length: Math.max(1, Math.min(end - start, text.length - character)) },
      path: path === undefined ? undefined : shorten(path),
    });
  }

  #add(diagnostic: Diagnostic): void {
    (diagnostic.severity === "error" ? this.#errors : this.#warnings).add(diagnostic.code);
    const key = [diagnostic.code, diagnostic.file, diagnostic.line, diagnostic.column, diagnostic.message].join("\0");
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.#list.push(diagnostic);
  }

  #display(file: string): string {
    return relative(this.#cwd, file).replaceAll("\\", "/") || ".";
  }
}

/** A path that goes round in circles is cut in the middle. */
function shorten(path: string): string {
  const steps = path.split(" > ");
  return steps.length <= 12 ? path : [...steps.slice(0, 5), "…", ...steps.slice(-3)].join(" > ");
}
