import type { MethodModel, ParameterModel, ServiceModel } from "../model.js";
import { docComment, group, indent, propertyKey } from "./layout.js";
import type { TypeImports } from "./names.js";

/** Prints the two interfaces of a service: what callers see and what implementers write. */
export function printInterfaces(service: ServiceModel, contractName: string, imports: TypeImports): string {
  const { name, doc } = service;
  const clientName = `${name}Client`;
  const members = service.methods.map((method) => docComment(method.doc) + clientMethod(method, imports));
  members.push(
    `${docComment(["The same service, with options that every call through it starts from."])}with(options: CallOptions): ${clientName};`,
  );
  const handlers = service.methods.map((method) => docComment(method.doc) + handlerMethod(method, imports));
  return [
    `${docComment([`The contract, as written in ${contractName}.`])}export type ${name} = ${imports.reference(service.type)};\n`,
    `${docComment(extended(doc, `What \`client.service(${name})\` returns.`))}export interface ${clientName} ${body(members)}\n`,
    `${docComment(extended(doc, `What \`server.implement(${name}, ...)\` takes.`))}export interface ${name}Handler ${body(handlers)}\n`,
  ].join("\n");
}

function clientMethod(method: MethodModel, imports: TypeImports): string {
  const parameters = method.parameters.map((parameter, index) => {
    const text = parameterType(method, parameter, index, imports);
    return `${parameter.name}${parameter.optional ? "?" : ""}: ${text}`;
  });
  parameters.push(`${freeName(method, "options", "callOptions")}?: CallOptions`);
  const output = imports.print(method.output.text);
  return signature(method, parameters, streamsBack(method) ? `AsyncIterable<${output}>` : `Promise<${output}>`);
}

function handlerMethod(method: MethodModel, imports: TypeImports): string {
  const parameters = method.parameters.map((parameter, index) => {
    const text = parameterType(method, parameter, index, imports);
    const already = /(^|\| )undefined$/.test(text);
    return `${parameter.name}: ${text}${parameter.optional && !already ? " | undefined" : ""}`;
  });
  parameters.push(`${freeName(method, "ctx", "context")}: CallContext`);
  const output = imports.print(method.output.text);
  const result = streamsBack(method) ? `AsyncIterable<${output}>` : `Promise<${output}> | ${output}`;
  return signature(method, parameters, result);
}

function signature(method: MethodModel, parameters: readonly string[], result: string): string {
  return `${group(`${propertyKey(method.name)}(`, parameters, ")", { reserve: result.length - 16 })}: ${result};`;
}

function parameterType(method: MethodModel, parameter: ParameterModel, index: number, imports: TypeImports): string {
  const text = imports.print(parameter.text);
  return index === method.stream ? `AsyncIterable<${text}>` : text;
}

function streamsBack(method: MethodModel): boolean {
  return method.kind === "server-stream" || method.kind === "bidi-stream";
}

/** The contract may have parameters of these names itself. */
function freeName(method: MethodModel, ...wishes: readonly [string, string]): string {
  const taken = new Set(method.parameters.map((parameter) => parameter.name));
  let name = wishes.find((wish) => !taken.has(wish)) ?? wishes[1];
  while (taken.has(name)) name += "_";
  return name;
}

/** One line of prose takes the addition on the same line; tags and longer comments get it as a paragraph above. */
function extended(doc: readonly string[], addition: string): readonly string[] {
  const [only] = doc;
  if (only === undefined) return [addition];
  if (doc.length === 1 && !only.includes("@")) return [`${only} ${addition}`];
  return [addition, "", ...doc];
}

function body(members: readonly string[]): string {
  return members.length === 0 ? "{}" : `{\n${members.map((member) => `${indent(member)}\n`).join("")}}`;
}
