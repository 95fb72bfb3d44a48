import { ts } from "ts-morph";
import type { GroupModel, MethodModel, ServiceModel, TypeText } from "../model.js";
import type { Account } from "./account.js";
import { definedArms, has, memberName } from "./anatomy.js";
import { readDoc } from "./doc.js";
import type { ErrorReader } from "./errors.js";
import type { Findings, Site } from "./findings.js";
import { isLibrary } from "./library.js";
import { MethodReader } from "./method.js";
import type { TypeReader } from "./type.js";
import type { TypeTextReader } from "./type-text.js";

/** What the reader of a contract found out about a service before its members are read. */
export interface ServiceHead {
  readonly name: string;
  /** How diagnostics name it: `Api.users`. */
  readonly path: string;
  readonly wireName: string;
  /** How generated code names the interface. */
  readonly text: TypeText;
  readonly doc: readonly string[];
}

/** Reads the members of a service: methods, and groups of them. */
export class ServiceReader {
  readonly #types: TypeReader;
  readonly #methods: MethodReader;
  readonly #findings: Findings;
  readonly #account: Account;
  /** Groups inside one another. */
  readonly #open: ts.Type[] = [];

  constructor(types: TypeReader, texts: TypeTextReader, errors: ErrorReader, account: Account) {
    this.#account = account;
    this.#types = types;
    this.#methods = new MethodReader(types, texts, errors);
    this.#findings = types.findings;
  }

  read(type: ts.Type, head: ServiceHead, at: ts.Node): ServiceModel {
    const { checker, program } = this.#types;
    this.#refuseIndexAndCalls(type, at, head.path);
    const methods: MethodModel[] = [];
    const groups: GroupModel[] = [];
    this.#open.push(type);
    for (const member of checker.getPropertiesOfType(type)) {
      const path = `${head.path}.${memberName(member)}`;
      if (isHidden(member) || this.#account.isOmitted(path)) continue;
      const group = isLibrary(program, member) ? undefined : this.#groupType(member, at);
      if (group === undefined || this.#isKept(member, group, at)) {
        const method = this.#account.member(path, () => this.#method(member, group, head, at));
        if (method !== undefined) methods.push(method);
      } else {
        const model = this.#account.group(path, () => this.#group(member, group, head, at));
        if (model !== undefined) groups.push(model);
      }
    }
    this.#open.pop();
    return { ...head, methods, groups };
  }

  #method(member: ts.Symbol, group: ts.Type | undefined, head: ServiceHead, at: ts.Node): MethodModel | undefined {
    if (isLibrary(this.#types.program, member)) {
      const site: Site = { node: at, path: head.path };
      this.#findings.error("FC1101", site, "a service cannot extend a built-in type", "declare its own methods only");
    } else if (this.#isKept(member, group, at)) {
      const message = `${member.name} is no method, so it stays with the instance`;
      this.#findings.warn("FC1907", this.#siteOf(member, head, at), message, "make it a method if callers need it");
    } else {
      return this.#methods.read(member, head.path, head.text, at);
    }
    return undefined;
  }

  /** The type of a property that holds methods of its own. */
  #groupType(member: ts.Symbol, at: ts.Node): ts.Type | undefined {
    const { checker, program } = this.#types;
    const [type, ...others] = definedArms(checker.getTypeOfSymbolAtLocation(member, member.valueDeclaration ?? at));
    if (type === undefined || others.length > 0 || !(has(type, ts.TypeFlags.Object) || type.isIntersection())) return undefined;
    const isData = checker.isArrayType(type) || checker.isTupleType(type) || isLibrary(program, type.symbol);
    if (isData || type.getCallSignatures().length + type.getConstructSignatures().length > 0) return undefined;
    return this.#holdsMethods(type, at, new Set()) ? type : undefined;
  }

  #holdsMethods(type: ts.Type, at: ts.Node, seen: Set<ts.Type>): boolean {
    const { checker, program } = this.#types;
    seen.add(type);
    return checker.getPropertiesOfType(type).some((member) => {
      if (isHidden(member)) return false;
      const inner = checker.getNonNullableType(checker.getTypeOfSymbolAtLocation(member, member.valueDeclaration ?? at));
      if (inner.getCallSignatures().length > 0) return true;
      const isData = !has(inner, ts.TypeFlags.Object) || checker.isArrayType(inner) || isLibrary(program, inner.symbol);
      return !isData && !seen.has(inner) && this.#holdsMethods(inner, at, seen);
    });
  }

  /** A class also holds what it works with, and may point back to what holds it; only its methods and groups are meant. */
  #isKept(member: ts.Symbol, group: ts.Type | undefined, at: ts.Node): boolean {
    if (!isDeclaredInClass(member)) return false;
    if (group !== undefined) return this.#open.includes(group);
    const type = this.#types.checker.getTypeOfSymbolAtLocation(member, member.valueDeclaration ?? at);
    return this.#types.checker.getNonNullableType(type).getCallSignatures().length === 0;
  }

  #siteOf(member: ts.Symbol, head: ServiceHead, at: ts.Node): Site {
    const declaration = member.declarations?.[0];
    const node = (declaration && ts.getNameOfDeclaration(declaration)) ?? declaration ?? at;
    return { node, path: `${head.path}.${memberName(member)}` };
  }

  #group(member: ts.Symbol, type: ts.Type, head: ServiceHead, at: ts.Node): GroupModel | undefined {
    const declaration = member.declarations?.[0];
    const name = ts.unescapeLeadingUnderscores(member.escapedName);
    const site = this.#siteOf(member, head, at);
    if (!this.#methods.checkName(name, site, head.path)) return undefined;
    if (this.#open.includes(type) || !/^[A-Za-z_][\w]*$/.test(name)) {
      const isCyclic = this.#open.includes(type);
      const message = isCyclic
        ? "a group of methods cannot contain itself"
        : `${JSON.stringify(name)} cannot be part of a wire name`;
      this.#findings.error("FC1101", site, message, isCyclic ? "take the inner one out" : "rename it");
      return undefined;
    }
    const optional = (member.flags & ts.SymbolFlags.Optional) !== 0;
    const path: TypeText = optional
      ? ["NonNullable<", ...head.text, `[${JSON.stringify(name)}]>`]
      : [...head.text, `[${JSON.stringify(name)}]`];
    const inner: ServiceHead = {
      name: head.name + (name[0] ?? "").toUpperCase() + name.slice(1),
      path: `${head.path}.${name}`,
      wireName: `${head.wireName}.${name}`,
      text: path,
      doc: declaration === undefined ? [] : readDoc(declaration),
    };
    return { name, optional, service: this.read(type, inner, site.node) };
  }

  #refuseIndexAndCalls(type: ts.Type, at: ts.Node, path: string): void {
    const open = this.#types.checker.getIndexInfosOfType(type)[0];
    const called = [...type.getCallSignatures(), ...type.getConstructSignatures()][0];
    const culprit = open?.declaration ?? called?.declaration;
    if (open === undefined && called === undefined) return;
    const node = culprit?.getSourceFile() === at.getSourceFile() ? culprit : at;
    this.#findings.error("FC1101", { node, path }, "a service consists of named methods only", "give each method a name");
  }
}

function isDeclaredInClass({ declarations = [] }: ts.Symbol): boolean {
  return declarations.some((one) => ts.isClassLike(one.parent) || ts.isParameterPropertyDeclaration(one, one.parent));
}

/** Private and protected members, which those who hold an instance cannot call either. */
function isHidden({ declarations = [] }: ts.Symbol): boolean {
  const { Private, Protected } = ts.ModifierFlags;
  return declarations.some((one) => {
    const name = ts.getNameOfDeclaration(one);
    return (
      (ts.getCombinedModifierFlags(one) & (Private | Protected)) !== 0 || (name !== undefined && ts.isPrivateIdentifier(name))
    );
  });
}
