import { basename } from "node:path";
import { ts } from "ts-morph";
import type { ContractModel, MethodModel, ServiceModel } from "../model.js";
import type { Findings, Site } from "./findings.js";
import { MethodReader } from "./method.js";
import type { Program } from "./program.js";
import { References } from "./references.js";
import { checkTags, readDoc, refuseDetachedDoc, tagLine } from "./tags.js";
import { TypeReader } from "./type.js";
import { TypeTextReader } from "./type-text.js";

/** Wire names already taken in this run, by the place that took them. */
export type WireNames = Map<string, string>;

/** Reads every service of one input file. */
export function readContract(program: Program, file: ts.SourceFile, wireNames: WireNames, findings: Findings): ContractModel {
  const references = new References(program, file);
  const types = new TypeReader(program, findings);
  const methods = new MethodReader(program, types, new TypeTextReader(program, references, findings), findings);
  const services: ServiceModel[] = [];
  let found = false;
  for (const { node, tag } of taggedNodes(file)) {
    found = true;
    const service = readService(node, tag);
    if (service !== undefined) services.push(service);
  }
  types.finish();
  if (!found) {
    findings.errorInFile(
      "FC1003",
      file.fileName,
      `${basename(file.fileName)} declares no service`,
      "put /** @service */ above an exported interface, on a line of its own",
    );
  }
  return { file: file.fileName, services };

  function readService(node: ts.Node, tag: ts.JSDocTag): ServiceModel | undefined {
    const site: Site = {
      node: (ts.getNameOfDeclaration(node as ts.Declaration) as ts.Node | undefined) ?? node,
      path: undefined,
    };
    if (!ts.isInterfaceDeclaration(node)) {
      findings.error(
        "FC1008",
        { node: tag, path: undefined },
        "only an interface can be a service",
        "declare an exported interface with these methods",
      );
      return undefined;
    }
    const type = program.checker.getTypeAtLocation(node);
    const reference = references.find(type.symbol);
    if (
      reference === undefined ||
      reference.name.includes(".") ||
      !("file" in reference.from) ||
      reference.from.file !== file.fileName
    ) {
      findings.error(
        "FC1007",
        site,
        `${node.name.text} is not exported by this file`,
        "write export interface, outside any namespace",
      );
      return undefined;
    }
    const [parameter] = node.typeParameters ?? [];
    if (parameter !== undefined) {
      findings.error(
        "FC1010",
        { node: parameter, path: node.name.text },
        "a generic service has no single wire form",
        "write the types out",
      );
      return undefined;
    }
    const wireName = readWireName(node, tag);
    checkTags(node, "service", node.name.text, findings);
    refuseIndexAndCalls(type, node);
    const members: MethodModel[] = [];
    for (const member of program.checker.getPropertiesOfType(type)) {
      const method = methods.read(member, node.name.text, node.name);
      if (method !== undefined) members.push(method);
    }
    const name = reference.name === "default" ? node.name.text : reference.name;
    return { name, type: reference, wireName, doc: readDoc(node), methods: members };
  }

  function readWireName(node: ts.InterfaceDeclaration, tag: ts.JSDocTag): string {
    const written = tagLine(tag);
    const wireName = written === "" ? node.name.text : written;
    const site: Site = { node: written === "" ? node.name : tag, path: node.name.text };
    if (!/^[A-Za-z_][\w./-]*$/.test(wireName)) {
      findings.error(
        "FC1009",
        site,
        `${JSON.stringify(wireName)} is not a wire name`,
        "after @service on its line comes nothing, or one name of letters, digits and _ . / -",
      );
    }
    const taken = wireNames.get(wireName);
    const here = `${basename(file.fileName)}, ${node.name.text}`;
    if (taken !== undefined) {
      findings.error(
        "FC1004",
        site,
        `the wire name ${wireName} is taken already (${taken})`,
        "name one of them differently: @service other.name",
      );
    }
    wireNames.set(wireName, taken ?? here);
    return wireName;
  }

  function refuseIndexAndCalls(type: ts.Type, node: ts.InterfaceDeclaration): void {
    const open = program.checker.getIndexInfosOfType(type).length > 0;
    const called = type.getCallSignatures().length + type.getConstructSignatures().length > 0;
    if (!open && !called) return;
    const culprit = node.members.find((member) =>
      open
        ? ts.isIndexSignatureDeclaration(member)
        : ts.isCallSignatureDeclaration(member) || ts.isConstructSignatureDeclaration(member),
    );
    findings.error(
      "FC1101",
      { node: culprit ?? node.name, path: node.name.text },
      "a service consists of named methods only",
      "give each method a name",
    );
  }

  function* taggedNodes(source: ts.SourceFile): Generator<{ node: ts.Node; tag: ts.JSDocTag }> {
    const seen = new Set<ts.JSDocTag>();
    const pending: ts.Node[] = [...source.statements];
    for (let node = pending.shift(); node !== undefined; node = pending.shift()) {
      if (ts.isInterfaceDeclaration(node)) refuseDetachedDoc(node, node.name.text, findings);
      const tag = ts.getJSDocTags(node).find((candidate) => candidate.tagName.text === "service");
      if (tag !== undefined && !seen.has(tag)) {
        seen.add(tag);
        yield { node, tag };
      }
      if (ts.isModuleDeclaration(node) && node.body !== undefined && ts.isModuleBlock(node.body))
        pending.push(...node.body.statements);
    }
  }
}
