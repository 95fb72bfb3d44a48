import { ts } from "ts-morph";
import type { Findings, Site } from "./findings.js";
import type { Program } from "./program.js";

/** Reports a type that the compiler could not find, in the compiler's own words where it has some. */
export function reportUnresolved(
  { program, checker }: Pick<Program, "program" | "checker">,
  site: Site,
  findings: Findings,
): void {
  const { node } = site;
  const said = complaintWithin(program, node);
  if (said !== undefined) return findings.errorOfCompiler(said, site.path);
  const cause = brokenImport(program, checker, node);
  findings.error("FC1002", site, `TypeScript cannot resolve ${node.getText()}${cause}`, "check the import that brings it in");
}

/** What the compiler says about the import that should have brought the name in. */
function brokenImport(program: ts.Program, checker: ts.TypeChecker, node: ts.Node): string {
  const name = ts.isTypeReferenceNode(node) ? node.typeName : node;
  let declaration: ts.Node | undefined = checker.getSymbolAtLocation(name)?.declarations?.[0];
  while (declaration !== undefined && !ts.isImportDeclaration(declaration))
    declaration = declaration.parent as ts.Node | undefined;
  const said = declaration === undefined ? undefined : complaintWithin(program, declaration);
  return said === undefined ? "" : `: ${ts.flattenDiagnosticMessageText(said.messageText, " ")}`;
}

function complaintWithin(program: ts.Program, node: ts.Node): ts.Diagnostic | undefined {
  const [start, end] = [node.getStart(), node.getEnd()];
  return program
    .getSemanticDiagnostics(node.getSourceFile())
    .find((diagnostic) => diagnostic.start !== undefined && diagnostic.start >= start && diagnostic.start < end);
}
