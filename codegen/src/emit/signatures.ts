import type { MethodModel, ParameterModel, ServiceModel } from "../model.js";
import { docComment, group, indent, propertyKey } from "./layout.js";
import { parameterNames, type TypeImports } from "./names.js";

/** Prints the two interfaces of a service: what callers see and what implementers write. */
export function printInterfaces(service: ServiceModel, contractName: string, imports: TypeImports): string {
  const { name, doc } = service;
  const clientName = `${name}Client`;
  const members = service.methods.map((method) => clientMethod(method, imports));
  members.push(
    ...service.groups.map(
      (group) => `${docComment(group.service.doc)}readonly ${propertyKey(group.name)}: ${group.service.name}Client;`,
    ),
  );
  members.push(
    `${docComment(["The same service, with options that every call through it starts from."])}with(options: CallOptions): ${clientName};`,
  );
  const handlers = service.methods.map((method) => docComment(method.doc) + handlerMethod(method, imports));
  handlers.push(
    ...service.groups.map(
      ({ name: key, optional, service: { doc: about, name: inner } }) =>
        `${docComment(about)}readonly ${propertyKey(key)}${optional ? "?" : ""}: ${inner}Handler;`,
    ),
  );
  return [
    `${docComment([`The contract, as written in ${contractName}.`])}export type ${name} = ${imports.print(service.text)};\n`,
    `${docComment(extended(doc, `What \`client.service(${name})\` returns.`))}export interface ${clientName} ${body(members)}\n`,
    `${docComment(extended(doc, `What \`server.implement(${name}, ...)\` takes.`))}export interface ${name}Handler ${body(handlers)}\n`,
  ].join("\n");
}

function clientMethod(method: MethodModel, imports: TypeImports): string {
  const options = `${freeName(method, "options", "callOptions")}?: CallOptions`;
  const one = ({ parameters: own, output: result }: Pick<MethodModel, "parameters" | "output">): string => {
    const names = parameterNames(own);
    const parameters = own.map((parameter, index) => {
      const isRest = method.rest && index === own.length - 1;
      const text = parameterType(method, parameter, index, imports);
      return `${isRest ? "..." : ""}${names[index] ?? ""}${parameter.optional ? "?" : ""}: ${text}`;
    });
    // Behind a rest parameter there is no place for options; `with` takes them.
    if (!method.rest) parameters.push(options);
    const output = imports.print(result.text);
    return signature(method, parameters, streamsBack(method) ? `AsyncIterable<${output}>` : `Promise<${output}>`);
  };
  if (method.overloads.length === 0) return docComment(method.doc) + one(method);
  // A comment that counts for several signatures is not repeated.
  const isNew = (doc: readonly string[], index: number): boolean =>
    doc.join("\n") !== method.overloads[index - 1]?.doc.join("\n");
  const signatures = method.overloads.map(
    (overload, index) => (isNew(overload.doc, index) ? docComment(overload.doc) : "") + one(overload),
  );
  return [...signatures, ...(method.isOpen ? [one(method)] : [])].join("\n");
}

function handlerMethod(method: MethodModel, imports: TypeImports): string {
  const names = parameterNames(method.parameters);
  const parameters = method.parameters.map((parameter, index) => {
    const text = parameterType(method, parameter, index, imports);
    const isGiven = /(^|\| )undefined$/.test(text) || isSignal(method, index);
    return `${names[index] ?? ""}: ${text}${parameter.optional && !isGiven ? " | undefined" : ""}`;
  });
  parameters.push(`${freeName(method, "ctx", "context")}: CallContext`);
  const output = imports.print(method.output.text);
  // Of what may be anything, a promise is part already.
  const either = output === "unknown" || output === "any" ? output : `Promise<${output}> | ${output}`;
  return signature(method, parameters, streamsBack(method) ? `AsyncIterable<${output}>` : either, method.optional);
}

function isSignal({ signal }: MethodModel, index: number): boolean {
  return signal?.param === index && signal.property === undefined;
}

function signature(method: MethodModel, parameters: readonly string[], result: string, optional = false): string {
  const list = group(`${propertyKey(method.name)}${optional ? "?" : ""}(`, parameters, ")", { reserve: result.length - 16 });
  // Behind a rest parameter there may be no comma.
  return `${parameters.at(-1)?.startsWith("...") === true ? list.replace(/,\n\)$/, "\n)") : list}: ${result};`;
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
  const lists = [method, ...method.overloads].flatMap(({ parameters }) => parameters);
  const taken = new Set(parameterNames(lists));
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
