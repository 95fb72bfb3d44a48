import { ts } from "ts-morph";
import type { CallKind, MethodModel, TypedModel, TypeModel, TypeText } from "../model.js";
import { readDoc, refuseDetachedDoc } from "./doc.js";
import type { ErrorReader } from "./errors.js";
import { type EventSubscription, readSubscription } from "./events.js";
import type { Findings, Site } from "./findings.js";
import { takesCallback } from "./functions.js";
import { type Form, formsOf } from "./generics.js";
import { readKey } from "./key.js";
import { noMethodTags, readMethodTags } from "./method-tags.js";
import { type CallModel, mergeOverloads, type Overload } from "./overloads.js";
import { itemOf, ParameterReader } from "./parameters.js";
import { readResult, typed } from "./results.js";
import { checkTags } from "./tags.js";
import type { TypeReader } from "./type.js";
import type { TypeTextReader } from "./type-text.js";

/** Names that mean something else on a stub or handler, or that no object should be asked for. */
const reserved = new Set(["then", "with", "constructor", "prototype", "__proto__"]);
/** They end or shorten what `on` begins; a stream is left by leaving its loop. */
const unsubscribing = new Set(["off", "once", "removeListener", "removeEventListener", "removeAllListeners"]);

/** A signature, and what its type parameters stand for. */
interface SignatureForm {
  readonly signature: ts.Signature;
  readonly form: Form;
}

/** Reads the methods of a service. */
export class MethodReader {
  readonly #checker: ts.TypeChecker;
  readonly #types: TypeReader;
  readonly #texts: TypeTextReader;
  readonly #parameters: ParameterReader;
  readonly #errors: ErrorReader;
  readonly #findings: Findings;

  constructor(types: TypeReader, texts: TypeTextReader, errors: ErrorReader) {
    this.#errors = errors;
    this.#checker = types.checker;
    this.#types = types;
    this.#texts = texts;
    this.#parameters = new ParameterReader(types, texts);
    this.#findings = types.findings;
  }

  /**
   * `undefined` when the member was refused, or is passed over with a warning. `at` is the service, for members that a
   * built-in interface declares.
   */
  read(member: ts.Symbol, service: string, owner: TypeText, at: ts.Node): MethodModel | undefined {
    const declaration = member.declarations?.[0];
    const node = declaration ?? at;
    const name = ts.unescapeLeadingUnderscores(member.escapedName);
    const path = `${service}.${name}`;
    const nameNode = declaration && ts.getNameOfDeclaration(declaration);
    const site: Site = { node: nameNode ?? node, path };
    if (!this.checkName(name, site, service)) return undefined;
    const type = this.#checker.getTypeOfSymbolAtLocation(member, site.node);
    const signatures = this.#checker.getNonNullableType(type).getCallSignatures();
    if (signatures.length === 0) {
      this.#findings.error("FC1101", site, "only methods can be called from afar", "make it a method");
      return undefined;
    }
    const subscription = readSubscription(this.#types, signatures);
    if (subscription !== undefined && unsubscribing.has(name)) {
      this.#findings.warn(
        "FC1906",
        site,
        `${name} is not generated: events come as a stream`,
        "leave the loop over on(event) to end a subscription, or after its first item",
      );
      return undefined;
    }
    if (declaration !== undefined && !isForeign(node)) {
      checkTags(declaration, "method", path, this.#findings);
      refuseDetachedDoc(declaration, path, this.#findings);
    }
    const about = {
      name,
      optional: (member.flags & ts.SymbolFlags.Optional) !== 0,
      doc: declaration === undefined ? [] : readDoc(declaration),
      errors: declaration === undefined ? [] : this.#errors.read(declaration, path),
    };
    if (subscription !== undefined) {
      const stream = this.#streamOf(subscription, site, declaration);
      return stream && { ...about, ...stream };
    }
    if (this.#checker.getPropertiesOfType(this.#checker.getNonNullableType(type)).length > 0) {
      this.#findings.error("FC1101", site, "only methods can be called from afar", "make it a method");
      return undefined;
    }
    const place: TypeText = [...owner, `[${JSON.stringify(name)}]`];
    const method: TypeText = about.optional ? ["NonNullable<", ...place, ">"] : place;
    const own = this.#withoutCallbacks(signatures, site);
    const forms = own.flatMap((signature) => {
      const found = formsOf(this.#types, signature, site);
      return found === undefined ? [undefined] : found.map((form): SignatureForm => ({ signature, form }));
    });
    if (!forms.every((one) => one !== undefined)) return undefined;
    const [only] = forms;
    const call =
      only !== undefined && forms.length === 1
        ? this.#call(only, site, declaration, node, only.signature === signatures.at(-1) ? method : undefined)
        : this.#overloaded(forms, site, declaration, node);
    return call === undefined ? undefined : { ...about, ...call, isOpen: signatures.length === 1 && differByOne(call) };
  }

  /** Where one overload takes a callback and another answers, the first is the second for those who like callbacks. */
  #withoutCallbacks(signatures: readonly ts.Signature[], site: Site): readonly ts.Signature[] {
    const others = signatures.filter((signature) => !takesCallback(this.#types, signature));
    if (others.length === 0 || others.length === signatures.length) return signatures;
    for (const { declaration: declared } of signatures.filter((signature) => !others.includes(signature))) {
      this.#findings.warn(
        "FC1908",
        { node: (declared && (ts.getNameOfDeclaration(declared) ?? declared)) ?? site.node, path: site.path },
        "this overload is not generated, because a callback cannot travel",
        "call one of the others",
      );
    }
    return others;
  }

  #overloaded(
    forms: readonly SignatureForm[],
    site: Site,
    declaration: ts.Declaration | undefined,
    node: ts.Node,
  ): CallModel | undefined {
    const overloads = forms.map((one): Overload | undefined => {
      const declared = one.signature.declaration as ts.SignatureDeclaration | undefined;
      const here: Site = { node: (declared && (ts.getNameOfDeclaration(declared) ?? declared)) ?? site.node, path: site.path };
      if (declared !== undefined && declared !== declaration && !isForeign(declared))
        checkTags(declared, "overload", site.path ?? "", this.#findings);
      // The types of all signatures but the last cannot be reached through the contract.
      const call = this.#call(one, here, declaration, declared ?? node, undefined);
      return call && { call, doc: declared === undefined ? [] : readDoc(declared), site: here };
    });
    return overloads.every((one) => one !== undefined) ? mergeOverloads(this.#types, overloads, site) : undefined;
  }

  /** Whether a member may be called so; a symbol is passed over with a warning. */
  checkName(name: string, site: Site, service: string): boolean {
    if (name.startsWith("__@")) {
      this.#findings.warn(
        "FC1904",
        { node: site.node, path: service },
        "a symbol is no name on the wire, so this member cannot be called from afar",
      );
      return false;
    }
    if (!reserved.has(name) && !name.startsWith("$")) return true;
    this.#findings.error(
      "FC1108",
      site,
      `a method cannot be called ${name}`,
      "rename it; names starting with $ are kept for Farcall",
    );
    return false;
  }

  #needsThis(signature: ts.Signature, site: Site): boolean {
    const self = signature.declaration?.parameters.find(
      (parameter) => ts.isIdentifier(parameter.name) && parameter.name.text === "this",
    );
    if (self === undefined) return false;
    this.#findings.error("FC1111", { node: self, path: site.path }, "`this` does not travel", "drop the parameter");
    return true;
  }

  #call(
    { signature, form }: SignatureForm,
    ...rest: [site: Site, declaration: ts.Declaration | undefined, node: ts.Node, method: TypeText | undefined]
  ): CallModel | undefined {
    return this.#types.bindings.during(form, () => this.#read(signature, ...rest));
  }

  #read(
    signature: ts.Signature,
    site: Site,
    declaration: ts.Declaration | undefined,
    node: ts.Node,
    method: TypeText | undefined,
  ): CallModel | undefined {
    const path = site.path ?? "";
    if (this.#needsThis(signature, site)) return undefined;
    const { list, stream, signal, rest } = this.#parameters.read(signature.parameters, path, node, method);
    const result = readResult(this.#types, signature, site);
    const annotation = result !== undefined && ts.isTypeNode(result.site.node) ? result.site.node : undefined;
    const returned: TypeText | undefined = method && ["ReturnType<", ...method, ">"];
    const place: TypeText | undefined =
      returned && (result?.streams === true ? itemOf(returned) : ["Awaited<", ...returned, ">"]);
    const output = result && typed(this.#types, this.#texts, result.type, annotation, result.site, place);
    if (result === undefined || output === undefined || list.length < signature.parameters.length) return undefined;
    const firstOptional = list.findIndex((parameter) => parameter.optional);
    const late = list.find((parameter, index) => firstOptional >= 0 && index > firstOptional && !parameter.optional);
    if (late !== undefined && !(rest && late === list.at(-1))) {
      // The compiler says so only when it checks the file as a whole.
      const message = `the required parameter ${late.name} follows an optional one`;
      this.#findings.error("FC1111", site, message, "put the required ones first");
    }
    const tags = declaration === undefined ? noMethodTags : readMethodTags(declaration, path, this.#findings);
    const apart = [stream, signal?.property === undefined ? signal?.param : undefined].filter((index) => index !== undefined);
    const kind: CallKind =
      stream === undefined ? (result.streams ? "server-stream" : "unary") : result.streams ? "bidi-stream" : "client-stream";
    return {
      kind,
      parameters: list,
      stream,
      signal,
      rest,
      overloads: [],
      isOpen: false,
      key: tags.key && readKey(tags.key, { checker: this.#checker, signature, parameters: list, apart, path }, this.#findings),
      output,
      repeatability: tags.repeatability,
      timeoutMs: tags.timeoutMs,
    };
  }

  /** `on(event, listener)` is a stream of what the listener would be called with: an overload for each event. */
  #streamOf(
    { parameter, events }: EventSubscription,
    site: Site,
    declaration: ts.Declaration | undefined,
  ): CallModel | undefined {
    const doc = declaration === undefined ? [] : readDoc(declaration);
    const { repeatability, timeoutMs } =
      declaration === undefined ? noMethodTags : readMethodTags(declaration, site.path ?? "", this.#findings);
    const overloads = events.map(({ name, payload }): Overload => {
      const type: TypeModel = { kind: "literal", values: [name] };
      const call: CallModel = {
        kind: "server-stream",
        parameters: [{ name: parameter, optional: false, type, text: [JSON.stringify(name)] }],
        stream: undefined,
        signal: undefined,
        rest: false,
        overloads: [],
        isOpen: false,
        key: undefined,
        output: this.#payload(payload, { node: site.node, path: `${site.path ?? ""} > ${name}` }),
        repeatability,
        timeoutMs,
      };
      return { call, doc, site };
    });
    const [only] = overloads;
    return only !== undefined && overloads.length === 1 ? only.call : mergeOverloads(this.#types, overloads, site);
  }

  /** Nothing for no arguments, the argument for one, a tuple for several. */
  #payload(payload: EventSubscription["events"][number]["payload"], site: Site): TypedModel {
    const read = payload.map(({ name, type, optional }) => ({
      name,
      optional,
      type: optional ? this.#types.readDefined(type, undefined, site) : this.#types.read(type, site),
      text: this.#texts.along(undefined, site, () =>
        optional ? this.#texts.readDefined(type, undefined, site) : this.#texts.read(type, site),
      ),
    }));
    const [only] = read;
    if (only === undefined) return { type: { kind: "undefined" }, text: ["void"] };
    if (read.length === 1) {
      if (!only.optional) return { type: only.type, text: only.text };
      return { type: this.#types.union([only.type, { kind: "undefined" }], site), text: [...only.text, " | undefined"] };
    }
    const elements = read.map(({ name, type, optional }) => ({ label: name, type, optional }));
    const texts = read.flatMap(({ name, optional, text }, index) => [
      `${index === 0 ? "" : ", "}${name}${optional ? "?" : ""}: `,
      ...text,
    ]);
    return { type: { kind: "tuple", elements, rest: undefined }, text: ["[", ...texts, "]"] };
  }
}

/** Whether one parameter alone says which overload is meant. */
function differByOne({ parameters, overloads }: CallModel): boolean {
  const textsAt = (index: number): ReadonlySet<string> =>
    new Set(overloads.map((overload) => JSON.stringify(overload.parameters[index]?.text)));
  return parameters.filter((_, index) => textsAt(index).size > 1).length === 1;
}

/** What others have published is not ours to correct. */
function isForeign(node: ts.Node): boolean {
  return node.getSourceFile().fileName.includes("/node_modules/");
}
