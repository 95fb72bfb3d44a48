import { basename } from "node:path";
import { ts } from "ts-morph";
import type { ContractModel, ServiceModel, TypeReference } from "../model.js";
import type { Account } from "./account.js";
import { readDoc, refuseDetachedDoc } from "./doc.js";
import { ErrorReader } from "./errors.js";
import type { Findings, Site } from "./findings.js";
import type { UnknownKeys } from "./objects.js";
import type { Program } from "./program.js";
import { References } from "./references.js";
import { ServiceReader } from "./service.js";
import { checkTags, type Tag, tagsOf } from "./tags.js";
import { TypeReader } from "./type.js";
import { TypeTextReader } from "./type-text.js";

/** Wire names already taken in this run, by the place that took them. */
export type WireNames = Map<string, string>;

export interface ContractOptions {
  readonly unknownKeys: UnknownKeys;
  /** Exports that are services, whatever their tags; empty to go by the tags. */
  readonly services: readonly string[];
  readonly account: Account;
}

/** A declaration that is to be a service, and the tag that says so. */
interface Candidate {
  readonly node: ts.Node;
  readonly tag: Tag | undefined;
}

/** Reads every service of one input file. */
export function readContract(
  program: Program,
  file: ts.SourceFile,
  wireNames: WireNames,
  findings: Findings,
  options: ContractOptions,
): ContractModel {
  const references = new References(program, file);
  const types = new TypeReader(program, references, findings, options.unknownKeys);
  const texts = new TypeTextReader(program, references, findings, types.bindings);
  const reader = new ServiceReader(types, texts, new ErrorReader(types, references), options.account);
  const candidates =
    options.services.length > 0 ? [...namedNodes(program, file, options.services)] : [...taggedNodes(file, findings)];
  const services = candidates.map(readService).filter((service) => service !== undefined);
  types.finish();
  warnOfConstraintsOnTypes(file, findings);
  if (candidates.length === 0 && options.services.length === 0) {
    findings.errorInFile(
      "FC1003",
      file.fileName,
      `${basename(file.fileName)} declares no service`,
      "put /** @service */ above an exported interface, on a line of its own, or name it: --service <name>",
    );
  }
  return { file: file.fileName, services };

  function readService({ node, tag }: Candidate): ServiceModel | undefined {
    if (!isDeclarationOfType(node)) {
      findings.error(
        "FC1008",
        { node: tag?.node ?? (ts.getNameOfDeclaration(node as ts.Declaration) as ts.Node | undefined) ?? node, path: undefined },
        "only an interface or a class can be a service",
        "declare an exported interface with these methods",
      );
      return undefined;
    }
    const symbol = program.checker.getSymbolAtLocation(node.name);
    const reference = symbol && references.find(symbol);
    if (symbol === undefined || reference === undefined || !("file" in reference.from) || reference.from.file !== file.fileName) {
      const hint = "write export before it";
      findings.error("FC1007", { node: node.name, path: undefined }, `${node.name.text} is not exported by this file`, hint);
      return undefined;
    }
    const [parameter] = node.typeParameters ?? [];
    if (parameter !== undefined) {
      const hint = `give it a name with its types: export type Mine = ${node.name.text}<...>`;
      findings.error("FC1010", { node: parameter, path: node.name.text }, "a generic service has no single wire form", hint);
      return undefined;
    }
    const type = program.checker.getDeclaredTypeOfSymbol(symbol);
    if (!type.isIntersection() && (type.flags & ts.TypeFlags.Object) === 0) {
      const hint = "name an interface, or a type that consists of methods";
      findings.error("FC1008", { node: node.name, path: undefined }, "only an interface or a class can be a service", hint);
      return undefined;
    }
    const name = exportedName(reference, node.name.text);
    if (!node.getSourceFile().fileName.includes("/node_modules/")) checkTags(node, "service", name, findings);
    const head = { name, path: name, wireName: readWireName(name, node, tag), text: [reference], doc: readDoc(node) };
    return reader.read(type, head, node.name);
  }

  function readWireName(name: string, node: TypeDeclaration, tag: Tag | undefined): string {
    const written = tag?.text ?? "";
    const wireName = written === "" ? name : written;
    const site: Site = { node: written === "" ? node.name : (tag?.node.parent ?? node.name), path: node.name.text };
    if (!/^[A-Za-z_][\w./-]*$/.test(wireName)) {
      findings.error(
        "FC1009",
        site,
        `${JSON.stringify(wireName)} is not a wire name`,
        "after @service on its line comes nothing, or one name of letters, digits and _ . / -",
      );
    }
    const taken = wireNames.get(wireName);
    if (taken !== undefined) {
      findings.error(
        "FC1004",
        site,
        `the wire name ${wireName} is taken already (${taken})`,
        "name one of them differently: @service other.name",
      );
    }
    wireNames.set(wireName, taken ?? `${basename(file.fileName)}, ${node.name.text}`);
    return wireName;
  }
}

/** `billing.Invoices` is generated as `Invoices`. */
function exportedName({ name }: TypeReference, declared: string): string {
  return name === "default" ? declared : (name.split(".").at(-1) ?? declared);
}

type TypeDeclaration =
  | ts.InterfaceDeclaration
  | ts.TypeAliasDeclaration
  | (ts.ClassDeclaration & { readonly name: ts.Identifier });

function isDeclarationOfType(node: ts.Node): node is TypeDeclaration {
  if (ts.isClassDeclaration(node)) return node.name !== undefined;
  return ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node);
}

/** Declarations with a `@service` tag, inside namespaces too. */
function* taggedNodes(source: ts.SourceFile, findings: Findings): Generator<Candidate> {
  const seen = new Set<ts.Node>();
  const pending: ts.Node[] = [...source.statements];
  for (let node = pending.shift(); node !== undefined; node = pending.shift()) {
    if (isDeclarationOfType(node) && !ts.isTypeAliasDeclaration(node)) refuseDetachedDoc(node, node.name.text, findings);
    const tag = tagsOf(node).find(({ name }) => name === "service");
    if (tag !== undefined && !seen.has(tag.node)) {
      seen.add(tag.node);
      yield { node, tag };
    }
    if (ts.isModuleDeclaration(node) && node.body !== undefined && ts.isModuleBlock(node.body))
      pending.push(...node.body.statements);
  }
}

/** Exports of the file with these names, wherever they are declared. */
function* namedNodes({ checker }: Program, file: ts.SourceFile, names: readonly string[]): Generator<Candidate> {
  const module = checker.getSymbolAtLocation(file);
  if (module === undefined) return;
  for (const exported of checker.getExportsOfModule(module)) {
    if (!names.includes(exported.name)) continue;
    const symbol = (exported.flags & ts.SymbolFlags.Alias) === 0 ? exported : checker.getAliasedSymbol(exported);
    const [node] = symbol.declarations ?? [];
    if (node !== undefined) yield { node, tag: tagsOf(node).find(({ name }) => name === "service") };
  }
}

/** The compiler forgets the name of `type Units = number`, so a constraint on it would hold here and not there. */
function warnOfConstraintsOnTypes(file: ts.SourceFile, findings: Findings): void {
  for (const statement of file.statements) {
    const isType = ts.isTypeAliasDeclaration(statement) || ts.isInterfaceDeclaration(statement);
    if (isType && !tagsOf(statement).some((tag) => tag.name === "service"))
      checkTags(statement, "type", statement.name.text, findings);
  }
}
