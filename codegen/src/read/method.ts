import { ts } from "ts-morph";
import type { CallKind, MethodModel, ParameterModel, TypedModel } from "../model.js";
import { allowsUndefined, annotationOf, armsOf, definedArms, elementNode, has, isUnresolved, typeArguments } from "./anatomy.js";
import type { Findings, Site } from "./findings.js";
import { readKey } from "./key.js";
import { isLibrary, isStreamName } from "./library.js";
import type { Program } from "./program.js";
import { checkTags, noMethodTags, readDoc, readMethodTags, refuseDetachedDoc } from "./tags.js";
import type { TypeReader } from "./type.js";
import type { TypeTextReader } from "./type-text.js";

/** Names that mean something else on a stub or handler, or that no object should be asked for. */
const reserved = new Set(["then", "with", "constructor", "prototype", "__proto__"]);

/** Reads the members of a service interface. */
export class MethodReader {
  readonly #checker: ts.TypeChecker;
  readonly #program: ts.Program;
  readonly #types: TypeReader;
  readonly #texts: TypeTextReader;
  readonly #findings: Findings;

  constructor({ checker, program }: Program, types: TypeReader, texts: TypeTextReader, findings: Findings) {
    this.#checker = checker;
    this.#program = program;
    this.#types = types;
    this.#texts = texts;
    this.#findings = findings;
  }

  /** `undefined` when the member was refused. `at` is the service, for members that a built-in interface declares. */
  read(member: ts.Symbol, service: string, at: ts.Node): MethodModel | undefined {
    if (isLibrary(this.#program, member)) {
      this.#findings.error(
        "FC1101",
        { node: at, path: service },
        "a service cannot extend a built-in type",
        "declare its own methods only",
      );
      return undefined;
    }
    const declaration = member.declarations?.[0];
    const node = declaration ?? at;
    const path = `${service}.${member.name}`;
    const nameNode = declaration && ts.getNameOfDeclaration(declaration);
    const site: Site = { node: nameNode ?? node, path };
    const name = ts.unescapeLeadingUnderscores(member.escapedName);
    const isSymbol = name.startsWith("__@");
    if (reserved.has(name) || name.startsWith("$") || isSymbol) {
      this.#findings.error(
        "FC1108",
        isSymbol ? { node: site.node, path: service } : site,
        `a method cannot be called ${isSymbol ? (nameNode?.getText() ?? "by a symbol") : name}`,
        "rename it; names starting with $ are kept for Farcall",
      );
      return undefined;
    }
    const signature = this.#signature(member, site);
    if (signature === undefined) return undefined;
    if (declaration !== undefined) {
      checkTags(declaration, "method", path, this.#findings);
      refuseDetachedDoc(declaration, path, this.#findings);
    }
    const parameters: ParameterModel[] = [];
    const streams: number[] = [];
    signature.parameters.forEach((parameter, index) => {
      const model = this.#parameter(parameter, index, path, node, streams);
      if (model !== undefined) parameters.push(model);
    });
    const result = this.#result(signature, site);
    if (result === undefined || parameters.length < signature.parameters.length) return undefined;
    this.#refuseUnorderedParameters(parameters, path, site);
    const tags = declaration === undefined ? noMethodTags : readMethodTags(declaration, path, this.#findings);
    const [stream] = streams;
    const kind: CallKind =
      stream === undefined ? (result.streams ? "server-stream" : "unary") : result.streams ? "bidi-stream" : "client-stream";
    return {
      name,
      kind,
      doc: declaration === undefined ? [] : readDoc(declaration),
      parameters,
      stream,
      key: tags.key && readKey(tags.key, { checker: this.#checker, signature, parameters, stream, path }, this.#findings),
      output: result.output,
      repeatability: tags.repeatability,
      timeoutMs: tags.timeoutMs,
    };
  }

  #signature(member: ts.Symbol, site: Site): ts.Signature | undefined {
    if ((member.flags & ts.SymbolFlags.Optional) !== 0) {
      this.#findings.error(
        "FC1102",
        site,
        "a method of a service cannot be optional",
        "drop the ?; a server that lacks it answers UNIMPLEMENTED",
      );
      return undefined;
    }
    const type = this.#checker.getTypeOfSymbolAtLocation(member, site.node);
    const signatures = type.getCallSignatures();
    const [signature] = signatures;
    if (signature === undefined || this.#checker.getPropertiesOfType(type).length > 0) {
      this.#findings.error("FC1101", site, "only methods can be called from afar", "make it a method that returns a Promise");
      return undefined;
    }
    if (signatures.length > 1) {
      this.#findings.error(
        "FC1103",
        site,
        "an overloaded method has no single wire form",
        "give each overload a name of its own, or use one union parameter",
      );
      return undefined;
    }
    const declared = signature.declaration;
    const own = declared?.typeParameters?.[0];
    if ((signature.typeParameters?.length ?? 0) > 0) {
      this.#findings.error(
        "FC1104",
        { node: own ?? site.node, path: site.path },
        "a generic method has no single wire form",
        "write the types out",
      );
      return undefined;
    }
    const self = declared?.parameters.find((parameter) => ts.isIdentifier(parameter.name) && parameter.name.text === "this");
    if (self !== undefined) {
      this.#findings.error("FC1111", { node: self, path: site.path }, "`this` does not travel", "drop the parameter");
      return undefined;
    }
    return signature;
  }

  #parameter(symbol: ts.Symbol, index: number, path: string, member: ts.Node, streams: number[]): ParameterModel | undefined {
    const declaration = symbol.valueDeclaration;
    const parameter = declaration !== undefined && ts.isParameter(declaration) ? declaration : undefined;
    const name = parameter !== undefined && !ts.isIdentifier(parameter.name) ? `arg${index}` : symbol.name;
    const annotation = annotationOf(parameter);
    const inside: Site = { node: annotation ?? parameter ?? member, path: `${path} > ${name}` };
    if (parameter?.dotDotDotToken !== undefined) {
      this.#findings.error(
        "FC1105",
        { node: parameter, path: inside.path },
        "rest parameters are not supported yet",
        `take an array: ${name}: T[]`,
      );
      return undefined;
    }
    const type = this.#checker.getTypeOfSymbolAtLocation(symbol, inside.node);
    const optional = parameter?.questionToken !== undefined;
    const [only, ...others] = definedArms(type);
    const item = this.#streamItem(optional && only !== undefined && others.length === 0 ? only : type, inside);
    if (item !== undefined) {
      streams.push(index);
      if (streams.length > 1) {
        this.#findings.error(
          "FC1107",
          inside,
          "a call carries one stream from the caller",
          "put the items into one stream of a union type",
        );
        return undefined;
      }
      if (optional) {
        this.#findings.error(
          "FC1110",
          inside,
          "a stream parameter cannot be optional",
          "drop the ?; an empty stream says the same",
        );
        return undefined;
      }
      const site: Site = { node: elementNode(inside.node), path: `${inside.path ?? ""}[]` };
      return { name, optional: false, type: this.#types.read(item, site), text: this.#texts.read(item, site) };
    }
    if (!optional) return { name, optional, ...this.#typed(type, annotation, inside) };
    const defined =
      definedArms(type).length === 0 ? { kind: "undefined" as const } : this.#types.readDefined(type, annotation, inside);
    return { name, optional, type: defined, text: this.#texts.readDefined(type, annotation, inside) };
  }

  #typed(type: ts.Type, annotation: ts.TypeNode | undefined, site: Site): TypedModel {
    const model = allowsUndefined(type) ? this.#types.read(type, site) : this.#types.readDefined(type, annotation, site);
    return { type: model, text: this.#texts.readWritten(type, annotation, site) };
  }

  #result(signature: ts.Signature, site: Site): { output: TypedModel; streams: boolean } | undefined {
    const node = signature.declaration?.type ?? site.node;
    const foreign = this.#program.isSourceFileDefaultLibrary(node.getSourceFile());
    const here: Site = { node: foreign ? site.node : node, path: `${site.path ?? ""} > result` };
    const type = signature.getReturnType();
    const item = this.#streamItem(type, here);
    if (item !== undefined)
      return { output: this.#output(item, { node: elementNode(node), path: `${here.path ?? ""}[]` }), streams: true };
    if (this.#isLibraryType(type, "Promise")) {
      const [value] = typeArguments(this.#checker, type);
      if (value !== undefined)
        return { output: this.#output(value, { node: elementNode(node), path: here.path }), streams: false };
    }
    if (isUnresolved(type)) {
      this.#types.read(type, here);
      return undefined;
    }
    const text = this.#checker.typeToString(type);
    const hint = armsOf(type).some((arm) => this.#isLibraryType(arm, "Promise"))
      ? "put the union inside: Promise<A | B>"
      : `return Promise<${text.length < 40 ? text : "T"}>, or AsyncIterable<T> for a stream`;
    this.#findings.error(
      "FC1106",
      here,
      `a call over the network answers later, so it cannot return ${text.length < 80 ? text : "this"}`,
      hint,
    );
    return undefined;
  }

  #output(type: ts.Type, site: Site): TypedModel {
    const annotation = ts.isTypeNode(site.node) ? site.node : undefined;
    return this.#typed(type, annotation, site);
  }

  /** The item type of a stream; `undefined` for anything else. */
  #streamItem(type: ts.Type, site: Site): ts.Type | undefined {
    const symbol = type.symbol as ts.Symbol | undefined;
    if (symbol === undefined || !isLibrary(this.#program, symbol) || !isStreamName(symbol.name)) return undefined;
    const [item, returned, next] = typeArguments(this.#checker, type);
    const { Any, Void, Undefined, Unknown } = ts.TypeFlags;
    if (returned !== undefined && !has(returned, Any | Void | Undefined)) {
      this.#findings.error(
        "FC1109",
        site,
        "a stream has no return value on the wire",
        "return AsyncIterable<T> and send the last value as an item",
      );
    } else if (next !== undefined && !has(next, Any | Void | Undefined | Unknown)) {
      this.#findings.error(
        "FC1109",
        site,
        "nothing can be passed to next() over the wire",
        "take an AsyncIterable parameter instead",
      );
    }
    return item;
  }

  #isLibraryType(type: ts.Type, name: string): boolean {
    const symbol = type.symbol as ts.Symbol | undefined;
    return isLibrary(this.#program, symbol) && symbol.name === name;
  }

  /** The compiler says so only when it checks the file as a whole. */
  #refuseUnorderedParameters(parameters: readonly ParameterModel[], path: string, site: Site): void {
    const firstOptional = parameters.findIndex((parameter) => parameter.optional);
    const late = parameters.find((parameter, index) => firstOptional >= 0 && index > firstOptional && !parameter.optional);
    if (late === undefined) return;
    this.#findings.error(
      "FC1111",
      { node: site.node, path },
      `the required parameter ${late.name} follows an optional one`,
      "put the required ones first",
    );
  }
}
