import type { ts } from "ts-morph";
import type { DiagnosticCode } from "../diagnostics.js";
import type { TypeModel } from "../model.js";
import type { Bindings } from "./bindings.js";
import type { Findings, Site } from "./findings.js";

/** What the readers of the single kinds of types share: the compiler, the findings, and the way back to all other kinds. */
export interface Reading {
  readonly checker: ts.TypeChecker;
  readonly program: ts.Program;
  readonly findings: Findings;
  /** What the type parameters of the method that is being read stand for. */
  readonly bindings: Bindings;
  /** Any type. */
  read(type: ts.Type, site: Site): TypeModel;
  /** Any type without `undefined`; `annotation` is how it was written. */
  readDefined(type: ts.Type, annotation: ts.TypeNode | undefined, site: Site): TypeModel;
  /** Whether the signal of this object is the caller's, and so no data. */
  isApart(owner: ts.Type): boolean;
  /** Reports an error and returns a stand-in; nothing is printed then. */
  refuse(code: DiagnosticCode, site: Site, message: string, hint?: string): TypeModel;
}

/** Stands in for a type that was refused. */
export const refused: TypeModel = { kind: "undefined" };

/** A type as the compiler writes it, cut to what a message can hold. */
export function textOf({ checker }: Pick<Reading, "checker">, type: ts.Type): string {
  const text = checker.typeToString(type);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
