import { ts } from "ts-morph";
import type { Findings, Site } from "./findings.js";
import type { Program } from "./program.js";

/** Reports a type that the compiler could not find or work out, in the compiler's own words where it has some. */
export function reportUnresolved(
  { program, checker }: Pick<Program, "program" | "checker">,
  site: Site,
  findings: Findings,
): void {
  const { node } = site;
  const said = complaintWithin(program, node) ?? complaintAboutNames(program, checker, node);
  if (said !== undefined) return findings.errorOfCompiler(said, site.path);
  const cause = brokenImport(program, checker, node);
  const hint = cause === "" ? "ask tsc, or the editor, what is wrong with it" : "check the import that brings it in";
  findings.error("FC1002", site, `TypeScript cannot resolve ${node.getText()}${cause}`, hint);
}

/** What the compiler says about the declaration of a name in the node: an alias that goes in circles, a union beyond measure. */
function complaintAboutNames(program: ts.Program, checker: ts.TypeChecker, node: ts.Node): ts.Diagnostic | undefined {
  if (!ts.isIdentifier(node)) return ts.forEachChild(node, (child) => complaintAboutNames(program, checker, child));
  const symbol = checker.getSymbolAtLocation(node);
  const target = symbol !== undefined && (symbol.flags & ts.SymbolFlags.Alias) !== 0 ? checker.getAliasedSymbol(symbol) : symbol;
  const declared = target?.declarations?.find((one) => ts.isTypeAliasDeclaration(one) || ts.isInterfaceDeclaration(one));
  return declared && complaintWithin(program, declared);
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
